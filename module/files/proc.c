// SPDX-License-Identifier: GPL-2.0
/* proc.c - the files of /proc/vmtrace; what they hold is in format.h */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "core/format.h"
#include "files/enabled.h"
#include "files/permission.h"
#include "files/proc.h"
#include "files/proc_entries.h"
#include "hook/hook.h"
#include "stats/dropped.h"
#include "stats/exited.h"
#include "stats/process.h"
#include "stats/thread.h"

static struct proc_dir_entry *dir;

/**
 * struct reader - an open file
 * @process: the process of the file, a reference; NULL for summary and total
 * @pid: the number of @process in the pid namespace of the mount
 * @sample: fills in the members below @lock. Called at open, and by each read from the start of the
 *	file, so that a reader with a small buffer gets numbers of one instant
 * @lock: protects the members below
 * @missed: vmtrace_missed()
 * @times: of @process, by class
 * @stats: of @process
 * @state: for summary
 * @totals: for total
 */
struct reader {
	struct vmtrace_process *process;
	pid_t pid;
	int (*sample)(struct reader *r);
	struct mutex lock; /* all below */
	u64 missed;
	struct vmtrace_times *times;
	union {
		struct vmtrace_process_stats stats;
		struct {
			struct vmtrace_process_counts counts;
			u64 dropped;
		} state;
		struct vmtrace_totals totals;
	};
};

static int sample_process(struct reader *r)
{
	return vmtrace_process_read(r->process, &r->stats, r->times);
}

/* Every user may read summary, so this does not iterate over threads or processes. */
static int sample_summary(struct reader *r)
{
	vmtrace_process_count(&r->state.counts);
	r->state.dropped = vmtrace_dropped();
	return 0;
}

static int sample_total(struct reader *r)
{
	return vmtrace_totals(&r->totals);
}

static int sample(struct reader *r)
{
	r->missed = vmtrace_missed();
	return r->sample(r);
}

static int may_read(struct file *file, struct reader *r)
{
	return r->process ? vmtrace_permission(file, r->process) : 0;
}

#define DECLARE_NUMBER(key, meaning) long long key;
#define PRINT_NUMBER(key, meaning)   seq_printf(m, #key ":\t%lld\n", numbers.key);

#define PRINT_COLUMN(key, meaning) seq_puts(m, "\t" #key);
#define PRINT_CELL(key, meaning)   seq_printf(m, "\t%lld", numbers.key);

static void show_classes(struct seq_file *m, const struct reader *r)
{
#define NAME(symbol, name, meaning) name,
	static const char *const names[] = { VMTRACE_CLASSES(NAME) };
#undef NAME
	int i;

	seq_puts(m, "class");
	VMTRACE_CLASS_COLUMNS(PRINT_COLUMN)
	seq_putc(m, '\n');
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		const struct vmtrace_class_counts *c = &r->stats.counts.class[i];
		const struct vmtrace_times *t = &r->times[i];
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

static int process_show(struct seq_file *m, void *v)
{
	const struct reader *r = m->private;
	const struct vmtrace_process_stats *s = &r->stats;
	const struct {
		VMTRACE_PROCESS_NUMBERS(DECLARE_NUMBER)
	} numbers = {
		.pid = r->pid,
		.uid = from_kuid_munged(seq_user_ns(m), s->uid),
		.start_ns = s->start_ns,
		.threads = s->threads,
		.reserved_bytes = (u64)s->memory.total_vm << PAGE_SHIFT,
		.resident_bytes = (u64)s->memory.rss << PAGE_SHIFT,
		.swapped_bytes = (u64)s->memory.swap << PAGE_SHIFT,
		.pgtables_bytes = s->memory.pgtables_bytes,
		.first_touch_faults = s->counts.first_touch_faults,
		.first_touch_pages = s->counts.first_touch_pages,
		.threads_seen = s->threads_seen,
		.in_flight = s->in_flight,
		.minor = s->counts.minor,
		.major = s->counts.major,
		.kernel_minor = s->kernel.minor,
		.kernel_major = s->kernel.major,
		.retried = s->counts.retried,
		.failed = s->counts.failed,
		.unobserved = vmtrace_unobserved(&s->kernel, &s->counts, s->dropped),
		.missed = r->missed,
		.dropped = s->dropped,
		.untimed = s->counts.untimed,
		.origin_user = s->counts.origin[VMTRACE_ORIGIN_USER],
		.origin_kernel = s->counts.origin[VMTRACE_ORIGIN_KERNEL],
		.origin_gup = s->counts.origin[VMTRACE_ORIGIN_GUP],
		.origin_remote = s->counts.origin[VMTRACE_ORIGIN_REMOTE],
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
	show_classes(m, r);
	return 0;
}

static int summary_show(struct seq_file *m, void *v)
{
	const struct reader *r = m->private;
	const struct vmtrace_hook *hook = vmtrace_hook();
	const struct {
		VMTRACE_SUMMARY_NUMBERS(DECLARE_NUMBER)
	} numbers = {
		.processes = r->state.counts.live,
		.exited = r->state.counts.exited,
		.history = vmtrace_history,
		.threads = vmtrace_threads(),
		.max_threads = vmtrace_max_threads,
		.thread_bytes = sizeof(struct vmtrace_thread),
		.process_bytes = vmtrace_process_bytes(),
		.times_bytes = sizeof(struct vmtrace_times),
		.maxactive = hook->limited ? vmtrace_hook_maxactive : 0,
		.enabled = vmtrace_is_enabled(),
		.missed = r->missed,
		.dropped = r->state.dropped,
	};

	seq_printf(m, "format:\t%d\nversion:\t%s\nhook:\t%s\nhook_reason:\t%s\n", VMTRACE_FORMAT,
		   VMTRACE_VERSION, hook->name, vmtrace_hook_reason());
	VMTRACE_SUMMARY_NUMBERS(PRINT_NUMBER)
	return 0;
}

static int total_show(struct seq_file *m, void *v)
{
	const struct reader *r = m->private;
	const struct vmtrace_totals *t = &r->totals;
	const struct {
		VMTRACE_TOTAL_NUMBERS(DECLARE_NUMBER)
	} numbers = {
		.minor = t->counts.minor,
		.major = t->counts.major,
		.kernel_minor = t->kernel.minor,
		.kernel_major = t->kernel.major,
		.retried = t->counts.retried,
		.failed = t->counts.failed,
		.unobserved = t->unobserved,
		.missed = r->missed,
		.dropped = t->dropped,
	};

	seq_printf(m, "format:\t%d\n", VMTRACE_FORMAT);
	VMTRACE_TOTAL_NUMBERS(PRINT_NUMBER)
	return 0;
}

/* Consumes the reference to @p. */
static int reader_open(struct inode *inode, struct file *file, struct vmtrace_process *p,
		       int (*sampler)(struct reader *r), int (*show)(struct seq_file *m, void *v))
{
	struct reader *r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	if (!r)
		goto put;
	mutex_init(&r->lock);
	r->process = p;
	r->sample = sampler;
	if (p) {
		r->pid = pid_nr_ns(p->pid, proc_pid_ns(inode->i_sb));
		r->times =
			kvmalloc_array(VMTRACE_CLASS_COUNT, sizeof(*r->times), GFP_KERNEL_ACCOUNT);
		if (!r->times)
			goto free;
	}
	err = sample(r) ?: may_read(file, r);
	if (err)
		goto free;
	err = single_open(file, show, r);
	if (err)
		goto free;
	return 0;
free:
	kvfree(r->times);
	kfree(r);
put:
	if (p)
		vmtrace_process_put(p);
	return err;
}

/* Consumes the reference to @p. @p is NULL if there is no such process. */
static int process_open(struct inode *inode, struct file *file, struct vmtrace_process *p)
{
	if (!p)
		return -ENOENT;
	/* A reader sees no process outside its own pid namespace, whichever proc mount it uses. */
	if (!pid_nr_ns(p->pid, task_active_pid_ns(current))) {
		vmtrace_process_put(p);
		return -ENOENT;
	}
	return reader_open(inode, file, p, sample_process, process_show);
}

static int pid_open(struct inode *inode, struct file *file)
{
	pid_t nr = (long)pde_data(inode);

	return process_open(inode, file, vmtrace_process_get_nr(nr, proc_pid_ns(inode->i_sb)));
}

static int self_open(struct inode *inode, struct file *file)
{
	return process_open(inode, file, vmtrace_process_get_current());
}

static int summary_open(struct inode *inode, struct file *file)
{
	return reader_open(inode, file, NULL, sample_summary, summary_show);
}

static int total_open(struct inode *inode, struct file *file)
{
	return reader_open(inode, file, NULL, sample_total, total_show);
}

static ssize_t reader_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct seq_file *m = iocb->ki_filp->private_data;
	struct reader *r = m->private;
	ssize_t ret;

	ret = mutex_lock_killable(&r->lock);
	if (ret)
		return ret;
	if (iocb->ki_pos == 0)
		ret = sample(r);
	if (!ret)
		ret = may_read(iocb->ki_filp, r);
	if (!ret)
		ret = seq_read_iter(iocb, to);
	mutex_unlock(&r->lock);
	return ret;
}

/* seq_lseek() calls the show function, which needs the lock. */
static loff_t reader_lseek(struct file *file, loff_t offset, int whence)
{
	struct seq_file *m = file->private_data;
	struct reader *r = m->private;
	loff_t ret;

	ret = mutex_lock_killable(&r->lock);
	if (ret)
		return ret;
	ret = seq_lseek(file, offset, whence);
	mutex_unlock(&r->lock);
	return ret;
}

static int reader_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct reader *r = m->private;

	if (r->process)
		vmtrace_process_put(r->process);
	kvfree(r->times);
	kfree(r);
	return single_release(inode, file);
}

#define READER_OPS(how)                                                                           \
	{                                                                                         \
		.proc_open = how, .proc_read_iter = reader_read_iter, .proc_lseek = reader_lseek, \
		.proc_release = reader_release,                                                   \
	}

static const struct proc_ops pid_ops = READER_OPS(pid_open);
static const struct proc_ops self_ops = READER_OPS(self_open);
static const struct proc_ops summary_ops = READER_OPS(summary_open);
static const struct proc_ops total_ops = READER_OPS(total_open);

int vmtrace_proc_init(void)
{
	/*
	 * Only root may list the directory, which has the entries of all pid namespaces. Every user
	 * may open an entry by its number.
	 */
	dir = proc_mkdir_mode(VMTRACE_DIR, 0511, NULL);
	if (!dir)
		return -ENOMEM;
	if (!proc_create(VMTRACE_SUMMARY, 0444, dir, &summary_ops) ||
	    !proc_create(VMTRACE_TOTAL, 0444, dir, &total_ops) ||
	    !proc_create(VMTRACE_SELF, 0444, dir, &self_ops)) {
		proc_remove(dir);
		return -ENOMEM;
	}
	vmtrace_proc_entries_open(dir, &pid_ops);
	vmtrace_proc_entries_scan();
	return 0;
}

void vmtrace_proc_exit(void)
{
	vmtrace_proc_entries_close();
	proc_remove(dir);
}
