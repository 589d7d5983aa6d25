// SPDX-License-Identifier: GPL-2.0
/* proc_text.c - what the files of /proc/vmtrace hold; see proc_text.h and core/format.h */
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>
#include <linux/user_namespace.h>

#include "core/format.h"
#include "fault/clock.h"
#include "files/enabled.h"
#include "files/proc_text.h"
#include "hook/hook.h"
#include "stats/exited.h"
#include "stats/process.h"
#include "stats/share.h"
#include "stats/task.h"

/**
 * struct sample - the numbers of a process at one instant
 * @stats: all but times
 * @times: by class
 */
struct sample {
	struct vmtrace_process_stats stats;
	struct vmtrace_times times[VMTRACE_CLASS_COUNT];
};

#define DECLARE_NUMBER(key, meaning) long long key;
#define PRINT_NUMBER(key, meaning)   seq_printf(m, #key ":\t%lld\n", numbers.key);

#define PRINT_COLUMN(key, meaning) seq_puts(m, "\t" #key);
#define PRINT_CELL(key, meaning)   seq_printf(m, "\t%lld", numbers.key);

static void print_classes(struct seq_file *m, const struct sample *s)
{
#define NAME(symbol, name, meaning) name,
	static const char *const names[] = { VMTRACE_CLASSES(NAME) };
#undef NAME
	int i;

	seq_puts(m, "class");
	VMTRACE_CLASS_COLUMNS(PRINT_COLUMN)
	seq_putc(m, '\n');
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		const struct vmtrace_class_counts *c = &s->stats.sum.counts.class[i];
		const struct vmtrace_times *t = &s->times[i];
		const struct {
			VMTRACE_CLASS_COLUMNS(DECLARE_NUMBER)
		} numbers = {
			.faults = c->faults,
			.major = c->major,
			.pages = vmtrace_times_pages(t),
			.tables = t->tables,
			.total_ns = t->total,
			.asleep_ns = t->asleep,
			.p50_ns = vmtrace_histogram_quantile(t->hist, 500, t->max),
			.p90_ns = vmtrace_histogram_quantile(t->hist, 900, t->max),
			.p99_ns = vmtrace_histogram_quantile(t->hist, 990, t->max),
			.max_ns = t->max,
		};

		if (!c->faults)
			continue;
		seq_puts(m, names[i]);
		VMTRACE_CLASS_COLUMNS(PRINT_CELL)
		seq_putc(m, '\n');
	}
}

static void print_sample(struct seq_file *m, struct vmtrace_process *p, const struct sample *sample)
{
	const struct vmtrace_process_stats *s = &sample->stats;
	const struct {
		VMTRACE_PROCESS_NUMBERS(DECLARE_NUMBER)
	} numbers = {
		.pid = pid_nr_ns(p->pid, proc_pid_ns(file_inode(m->file)->i_sb)),
		.uid = from_kuid_munged(seq_user_ns(m), s->uid),
		.start_ns = timens_add_boottime_ns(s->start_ns),
		.threads = s->threads,
		.reserved_bytes = (u64)s->memory.total_vm << PAGE_SHIFT,
		.resident_bytes = (u64)s->memory.rss << PAGE_SHIFT,
		.swapped_bytes = (u64)s->memory.swap << PAGE_SHIFT,
		.pgtables_bytes = s->memory.pgtables_bytes,
		.first_touch_faults = s->sum.counts.first_touch_faults,
		.first_touch_pages = s->sum.counts.first_touch_pages,
		.threads_seen = s->sum.threads_seen,
		.in_flight = s->sum.in_flight,
		.minor = s->sum.counts.minor,
		.major = s->sum.counts.major,
		.kernel_minor = s->sum.kernel.minor,
		.kernel_major = s->sum.kernel.major,
		.retried = s->sum.counts.retried,
		.failed = s->sum.counts.failed,
		.unobserved = vmtrace_unobserved(&s->sum),
		.missed = vmtrace_missed(),
		.dropped = s->sum.dropped,
		.untimed = s->sum.counts.untimed,
		.origin_user = s->sum.counts.origin[VMTRACE_ORIGIN_USER],
		.origin_kernel = s->sum.counts.origin[VMTRACE_ORIGIN_KERNEL],
		.origin_gup = s->sum.counts.origin[VMTRACE_ORIGIN_GUP],
		.origin_remote = s->sum.counts.origin[VMTRACE_ORIGIN_REMOTE],
		.segv_maperr = s->failures[VMTRACE_REASON_segv_maperr],
		.segv_accerr = s->failures[VMTRACE_REASON_segv_accerr],
		.segv_other = s->failures[VMTRACE_REASON_segv_other],
		.bus_adrerr = s->failures[VMTRACE_REASON_bus_adrerr],
		.bus_adraln = s->failures[VMTRACE_REASON_bus_adraln],
		.bus_mceerr = s->failures[VMTRACE_REASON_bus_mceerr],
		.bus_other = s->failures[VMTRACE_REASON_bus_other],
	};

	seq_printf(m, "format:\t%d\nname:\t", VMTRACE_FORMAT);
	seq_escape(m, s->comm, "\n\\");
	seq_printf(m, "\nstate:\t%s\n", s->exited ? VMTRACE_STATE_EXITED : VMTRACE_STATE_LIVE);
	VMTRACE_PROCESS_NUMBERS(PRINT_NUMBER)
	print_classes(m, sample);
}

int vmtrace_proc_print_process(struct seq_file *m, struct vmtrace_process *p)
{
	struct sample *s = kvmalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	int err;

	if (!s)
		return -ENOMEM;
	err = vmtrace_process_read(p, &s->stats, s->times);
	if (!err)
		print_sample(m, p, s);
	kvfree(s);
	return err;
}

static void print_state(struct seq_file *m, const struct vmtrace_process_counts *counts)
{
	const struct vmtrace_hook *hook = vmtrace_hook();
	const struct {
		VMTRACE_SUMMARY_NUMBERS(DECLARE_NUMBER)
	} numbers = {
		.processes = counts->live,
		.exited = counts->exited,
		.history = vmtrace_history,
		.threads = vmtrace_threads(),
		.max_threads = vmtrace_max_threads,
		.task_bytes = sizeof(struct vmtrace_task),
		.thread_bytes = sizeof(struct vmtrace_thread),
		.process_bytes = vmtrace_process_bytes(),
		.times_bytes = sizeof(struct vmtrace_times),
		.maxactive = hook->limited ? vmtrace_hook_maxactive : 0,
		.enabled = vmtrace_is_enabled(),
		.missed = vmtrace_missed(),
		.dropped = vmtrace_dropped(),
		.clock_unstable = vmtrace_clock_is_unstable(),
	};

	seq_printf(m, "format:\t%d\nversion:\t%s\nhook:\t%s\nhook_reason:\t%s\n", VMTRACE_FORMAT,
		   VMTRACE_VERSION, hook->name, vmtrace_hook_reason());
	VMTRACE_SUMMARY_NUMBERS(PRINT_NUMBER)
}

int vmtrace_proc_print_summary(struct seq_file *m, struct vmtrace_process *unused)
{
	struct vmtrace_process_counts counts;

	vmtrace_process_count(&counts);
	print_state(m, &counts);
	return 0;
}

static void print_totals(struct seq_file *m, const struct vmtrace_sum *t)
{
	const struct {
		VMTRACE_TOTAL_NUMBERS(DECLARE_NUMBER)
	} numbers = {
		.minor = t->counts.minor,
		.major = t->counts.major,
		.kernel_minor = t->kernel.minor,
		.kernel_major = t->kernel.major,
		.retried = t->counts.retried,
		.failed = t->counts.failed,
		.unobserved = vmtrace_unobserved(t),
		.missed = vmtrace_missed(),
		.dropped = t->dropped,
	};

	seq_printf(m, "format:\t%d\n", VMTRACE_FORMAT);
	VMTRACE_TOTAL_NUMBERS(PRINT_NUMBER)
}

int vmtrace_proc_print_total(struct seq_file *m, struct vmtrace_process *unused)
{
	struct vmtrace_sum *totals = kmalloc(sizeof(*totals), GFP_KERNEL);
	int err = totals ? vmtrace_totals(totals) : -ENOMEM;

	if (!err)
		print_totals(m, totals);
	kfree(totals);
	return err;
}
