// SPDX-License-Identifier: GPL-2.0
/*
 * tracepoints.c - the creation of processes, the end of tasks, failed accesses
 *
 * The kernel does not export these tracepoints by name, but modules may iterate over all
 * tracepoints. Unlike kprobes and ftrace, they cannot be switched off by the administrator.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/tracepoint.h>

#include <trace/events/sched.h>
#include <trace/events/signal.h>

#include "compat.h"
#include "fault/events.h"
#include "fault/segv.h"
#include "hook/tracepoints.h"
#include "stats/exited.h"
#include "stats/process.h"
#include "stats/task.h"
#include "stats/thread.h"

/*
 * @child has not run yet. Kernel threads get a record at their first fault, which few ever take.
 * Before the hook is placed, a new process gets none: the scan after it finds those that are left.
 */
static void on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	bool leader = thread_group_leader(child);
	struct vmtrace_process *p;

	if (child->flags & PF_KTHREAD)
		return;
	if (leader && trace_fork_enabled()) {
		preempt_disable_notrace();
		trace_fork(parent->tgid, child->tgid);
		preempt_enable_notrace();
	}
	if (!vmtrace_task_started())
		return;
	p = vmtrace_process_track(child);
	if (p)
		vmtrace_task_create(child, p);
	if (p && leader)
		vmtrace_process_callbacks.created(p, child);
}

/* Called by do_exit(). The task may still take faults, and they are counted. */
static void on_exit(void *data, VMTRACE_EXIT_ARGUMENTS)
{
	if (task == current)
		vmtrace_task_cancel_pending();
	if (thread_group_leader(task))
		vmtrace_process_exit_leader(task);
}

/* Called by delayed_put_task_struct(), an RCU callback, after the last fault of @task. */
static void on_free(void *data, struct task_struct *task)
{
	struct vmtrace_process *p = vmtrace_process_free_task(task);

	if (p)
		vmtrace_exited_add(p);
}

/* Called by __send_signal_locked(), under siglock. */
static void on_signal(void *data, int sig, struct kernel_siginfo *info, struct task_struct *task,
		      int group, int result)
{
	/* A signal for a failed access is sent to the thread that made the access, by itself. */
	if (task == current && !group && (sig == SIGSEGV || sig == SIGBUS))
		vmtrace_segv_signal(sig, info);
}

static struct probe {
	const char *name;
	void *func;
	struct tracepoint *tp;
} probes[] = {
	/* In order of registration: the end of a process whose creation is seen must be, too. */
	{ "sched_process_free", on_free },
	{ "sched_process_exit", on_exit },
	{ "sched_process_fork", on_fork },
	{ "signal_generate", on_signal },
};

/*
 * The kernel calls the functions through a pointer, and with CONFIG_CFI_CLANG checks their types
 * when it does. Here the compiler checks them.
 */
static void __maybe_unused check_types(void)
{
	check_trace_callback_type_sched_process_free(on_free);
	check_trace_callback_type_sched_process_exit(on_exit);
	check_trace_callback_type_sched_process_fork(on_fork);
	check_trace_callback_type_signal_generate(on_signal);
}

static void match(struct tracepoint *tp, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tp = tp;
}

static void unregister(unsigned int n)
{
	while (n--)
		tracepoint_probe_unregister(probes[n].tp, probes[n].func, NULL);
	tracepoint_synchronize_unregister();
}

int vmtrace_tracepoints_init(void)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(match, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		err = probes[i].tp ? tracepoint_probe_register(probes[i].tp, probes[i].func, NULL) :
				     -ENOENT;
		if (err) {
			pr_err("cannot attach to the tracepoint %s: error %d\n", probes[i].name,
			       err);
			unregister(i);
			return err;
		}
	}
	return 0;
}

void vmtrace_tracepoints_exit(void)
{
	unregister(ARRAY_SIZE(probes));
}
