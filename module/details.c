// SPDX-License-Identifier: GPL-2.0
/* details.c - threads, latency and slowest in debugfs; see details.h */
#include <linux/debugfs.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "access.h"
#include "debugfs.h"
#include "details.h"
#include "format.h"
#include "process.h"
#include "slowest.h"
#include "thread.h"
#include "vma.h"

static const char *const class_names[] = {
#define NAME(symbol, name, meaning) name,
	VMTRACE_CLASSES(NAME)
#undef NAME
};

static const char *const origin_names[] = { "user", "kernel", "gup", "remote" };

/* The names of the columns, each after a tab. */
#define COLUMN(key, meaning) "\t" #key

static void show_header(struct seq_file *m, const char *columns)
{
	seq_printf(m, "format:\t%d\n%s\n", VMTRACE_FORMAT, columns + 1);
}

static void show_thread(const struct vmtrace_thread *t, void *data)
{
	u64 total = 0, asleep = 0, max = 0;
	char name[TASK_COMM_LEN];
	struct seq_file *m = data;
	struct vmtrace_sample s;
	int i;

	/* It was reaped, and waits for its task to be freed. */
	if (!pid_alive(t->task))
		return;
	vmtrace_thread_sample(t, &s);
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		const struct vmtrace_times *times;

		times = smp_load_acquire(&t->times[i]); /* pairs with times_of() */
		if (!times)
			continue;
		asleep += READ_ONCE(times->asleep);
		max = max(max, READ_ONCE(times->max));
		smp_rmb(); /* the total last; see vmtrace_times_add() */
		total += READ_ONCE(times->total);
	}
	memcpy(name, t->task->comm, sizeof(name));
	name[sizeof(name) - 1] = 0;
	seq_printf(m, "%d\t%llu\t%llu\t%llu\t%llu\t%d\t%llu\t%llu\t%llu\t", t->task->pid,
		   s.counts.minor, s.counts.major, s.counts.retried, s.counts.failed, s.in_flight,
		   total, asleep, max);
	seq_escape(m, name, "\t\n\\");
	seq_putc(m, '\n');
}

static int threads_show(struct seq_file *m, void *v)
{
	show_header(m, VMTRACE_THREAD_COLUMNS(COLUMN));
	return vmtrace_process_visit_threads(m->private, show_thread, m);
}

static int latency_show(struct seq_file *m, void *v)
{
	struct vmtrace_times *times;
	unsigned int i, b;
	int err;

	times = kvmalloc_array(VMTRACE_CLASS_COUNT, sizeof(*times), GFP_KERNEL_ACCOUNT);
	if (!times)
		return -ENOMEM;
	show_header(m, VMTRACE_LATENCY_COLUMNS(COLUMN));
	err = vmtrace_process_read_times(m->private, times);
	for (i = 0; !err && i < VMTRACE_CLASS_COUNT; i++)
		for (b = 0; b < VMTRACE_HIST_BUCKETS; b++)
			if (times[i].hist[b])
				seq_printf(m, "%s\t%llu\t%llu\t%llu\n", class_names[i],
					   vmtrace_hist_low(b), vmtrace_hist_low(b + 1),
					   times[i].hist[b]);
	kvfree(times);
	return err;
}

/* The mapping of a live process at @address if it is still the same, under the mmap lock. */
static void show_name(struct seq_file *m, struct mm_struct *mm, const struct vmtrace_slow *slow,
		      char *buffer)
{
	struct vm_area_struct *vma;
	struct vmtrace_area now;

	if (!mm || mmap_read_lock_killable(mm))
		return;
	vma = find_vma(mm, slow->address);
	if (vma && vma->vm_start <= slow->address) {
		now = vmtrace_area(vma);
		if (now.ino == slow->area.ino && now.dev == slow->area.dev)
			seq_escape(m, vmtrace_vma_name(vma, buffer, PATH_MAX), "\t\n\\");
	}
	mmap_read_unlock(mm);
}

static void show_slow(struct seq_file *m, struct mm_struct *mm, const struct vmtrace_slow *slow,
		      char *buffer)
{
	const struct vmtrace_area *area = &slow->area;
	u64 offset = 0;

	if (area->ino)
		offset = ((u64)area->pgoff << PAGE_SHIFT) + (slow->address - area->start);
	seq_printf(m, "%llu\t%llu\t%llu\t%d\t%s\t%s\t%lx\t%lx\t%lx\t%lx\t%llx\t%u:%u\t%lu\t",
		   slow->m.took, slow->m.asleep, slow->ended_ns, slow->tid,
		   class_names[slow->class], origin_names[slow->origin], slow->address, slow->ip,
		   area->start, area->end, offset, MAJOR(area->dev), MINOR(area->dev), area->ino);
	show_name(m, mm, slow, buffer);
	seq_putc(m, '\n');
}

static int slowest_show(struct seq_file *m, void *v)
{
	struct vmtrace_process *p = m->private;
	struct vmtrace_slowest *slowest = kmalloc(sizeof(*slowest), GFP_KERNEL_ACCOUNT);
	char *buffer = kmalloc(PATH_MAX, GFP_KERNEL_ACCOUNT);
	struct task_struct *leader;
	struct mm_struct *mm = NULL;
	unsigned int i;
	int err = -ENOMEM;

	if (!slowest || !buffer)
		goto out;
	err = 0;
	vmtrace_slowest_read(p, slowest);
	leader = get_pid_task(p->pid, PIDTYPE_TGID);
	if (leader) {
		mm = get_task_mm(leader);
		put_task_struct(leader);
	}
	show_header(m, VMTRACE_SLOW_COLUMNS(COLUMN));
	for (i = 0; i < slowest->count; i++)
		show_slow(m, mm, &slowest->fault[i], buffer);
	if (mm)
		mmput(mm);
out:
	kfree(buffer);
	kfree(slowest);
	return err;
}

static int details_open(struct inode *inode, struct file *file,
			int (*show)(struct seq_file *m, void *v))
{
	struct vmtrace_process *p;
	int err;

	err = vmtrace_debugfs_enter();
	if (err)
		return err;
	p = vmtrace_process_get_nr((long)inode->i_private, &init_pid_ns);
	err = p ? vmtrace_may_read(file, p) ?: single_open(file, show, p) : -ESRCH;
	if (!err)
		return 0;
	if (p)
		vmtrace_process_put(p);
	vmtrace_debugfs_leave();
	return err;
}

static int details_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	vmtrace_process_put(m->private);
	single_release(inode, file);
	vmtrace_debugfs_leave();
	return 0;
}

#define DETAILS(name)                                                  \
	static int name##_open(struct inode *inode, struct file *file) \
	{                                                              \
		return details_open(inode, file, name##_show);         \
	}                                                              \
	static const struct file_operations name##_fops = {            \
		.open = name##_open,                                   \
		.read = seq_read,                                      \
		.llseek = seq_lseek,                                   \
		.release = details_release,                            \
	}

DETAILS(threads);
DETAILS(latency);
DETAILS(slowest);

void vmtrace_details_add(struct dentry *dir, long nr)
{
	debugfs_create_file(VMTRACE_THREADS, 0400, dir, (void *)nr, &threads_fops);
	debugfs_create_file(VMTRACE_LATENCY, 0400, dir, (void *)nr, &latency_fops);
	debugfs_create_file(VMTRACE_SLOWEST_FILE, 0400, dir, (void *)nr, &slowest_fops);
}
