// SPDX-License-Identifier: GPL-2.0
/*
 * stream.bpf.c - the BPF programs of "vmtrace trace"
 *
 * The programs attach to the module's trace events and to two of the scheduler's as raw
 * tracepoints, whose arguments are those of TP_PROTO (module/fault/events.h): this needs no BTF of
 * the module. Of the kernel's types only task_struct and signal_struct are used, and relocated
 * (CO-RE). What the filters reject takes no room in the ring buffer.
 */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/message.h"

char LICENSE[] SEC("license") = "GPL";

/* Only the members that are used, as declared in include/linux/sched.h and sched/signal.h. */
struct signal_struct___part {
	struct {
		int counter;
	} live;
} __attribute__((preserve_access_index));

struct task_struct___part {
	int pid;
	int tgid;
	struct signal_struct___part *signal;
} __attribute__((preserve_access_index));

/* The tool sets these before it loads the programs. */
const volatile bool all_processes;	   /* not only those in the map "traced" */
const volatile unsigned int self;	   /* the tool's own pid, never traced */
const volatile unsigned long long classes; /* a bit for each enum vmtrace_class to send */
const volatile unsigned long long min_ns;  /* faults that took less are not sent */
const volatile bool failures;		   /* send failed accesses, too */

/* Messages for which the ring buffer had no room. */
unsigned long long lost;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20); /* the tool sets another size */
} ring SEC(".maps");

/* The traced processes: the key is the pid, the value an enum stream_state. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, unsigned int);
	__type(value, unsigned char);
} traced SEC(".maps");

/* Children of traced processes for which the map had no room. */
unsigned long long unfollowed;

static bool is_wanted(unsigned int pid)
{
	return pid != self && (all_processes || bpf_map_lookup_elem(&traced, &pid));
}

static void fill_head(struct stream_head *head, unsigned int type)
{
	unsigned long long id = bpf_get_current_pid_tgid();

	head->time_ns = bpf_ktime_get_ns();
	head->pid = id >> 32;
	head->tid = (unsigned int)id;
	head->type = type;
	head->pad = 0;
}

/* TP_PROTO(const struct vmtrace_record *record) */
SEC("raw_tp/fault")
int on_fault(struct bpf_raw_tracepoint_args *ctx)
{
	const struct vmtrace_record *record = (const void *)ctx->args[0];
	struct stream_fault *fault;
	unsigned long long took;
	unsigned char class;

	if (!is_wanted(bpf_get_current_pid_tgid() >> 32))
		return 0;
	if (bpf_probe_read_kernel(&class, sizeof(class), &record->class) ||
	    bpf_probe_read_kernel(&took, sizeof(took), &record->took_ns))
		return 0;
	if (class > 63 || !(classes >> class & 1) || took < min_ns)
		return 0;
	fault = bpf_ringbuf_reserve(&ring, sizeof(*fault), 0);
	if (!fault) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	fill_head(&fault->head, STREAM_FAULT);
	bpf_probe_read_kernel(&fault->record, sizeof(fault->record), record);
	bpf_ringbuf_submit(fault, 0);
	return 0;
}

/* TP_PROTO(unsigned long address, unsigned long ip, enum vmtrace_reason, int signal, int code) */
SEC("raw_tp/failure")
int on_failure(struct bpf_raw_tracepoint_args *ctx)
{
	struct stream_failure *failure;

	if (!failures || !is_wanted(bpf_get_current_pid_tgid() >> 32))
		return 0;
	failure = bpf_ringbuf_reserve(&ring, sizeof(*failure), 0);
	if (!failure) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	fill_head(&failure->head, STREAM_FAILURE);
	failure->address = ctx->args[0];
	failure->ip = ctx->args[1];
	failure->reason = ctx->args[2];
	failure->signal = ctx->args[3];
	failure->code = ctx->args[4];
	failure->pad = 0;
	bpf_ringbuf_submit(failure, 0);
	return 0;
}

/*
 * TP_PROTO(pid_t parent, pid_t child)
 *
 * Trace the children of traced processes. For any other child, delete what an earlier process with
 * the same pid may have left in the map.
 */
SEC("raw_tp/fork")
int on_fork(struct bpf_raw_tracepoint_args *ctx)
{
	unsigned int parent = ctx->args[0], child = ctx->args[1];
	unsigned char state = STREAM_TRACED;

	if (!bpf_map_lookup_elem(&traced, &parent))
		bpf_map_delete_elem(&traced, &child);
	else if (bpf_map_update_elem(&traced, &child, &state, BPF_ANY))
		__sync_fetch_and_add(&unfollowed, 1);
	return 0;
}

/*
 * The last thread of a process is exiting, and may still fault. If this or on_free() is missed (see
 * module/fault/events.h), the pid stays in the map until another process gets it.
 */
SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	const struct task_struct___part *task = (const void *)ctx->args[0];
	unsigned int pid = BPF_CORE_READ(task, tgid);
	unsigned char state = STREAM_ENDED;

	if (BPF_CORE_READ(task, signal, live.counter) == 0)
		bpf_map_update_elem(&traced, &pid, &state, BPF_EXIST);
	return 0;
}

/*
 * A task is freed long after its exit, when its pid may belong to another process. In that case
 * on_fork() has changed the state or deleted the entry.
 */
SEC("raw_tp/sched_process_free")
int on_free(struct bpf_raw_tracepoint_args *ctx)
{
	const struct task_struct___part *task = (const void *)ctx->args[0];
	unsigned int pid = BPF_CORE_READ(task, pid);
	const unsigned char *state = bpf_map_lookup_elem(&traced, &pid);

	if (state && *state == STREAM_ENDED)
		bpf_map_delete_elem(&traced, &pid);
	return 0;
}
