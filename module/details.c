// SPDX-License-Identifier: GPL-2.0
/* details.c - threads, latency, slowest and hot in debugfs; see details.h */
#include <linux/debugfs.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
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
	struct vmtrace_thread_sum sum;
	char name[TASK_COMM_LEN];
	struct seq_file *m = data;

	/* It was reaped, and waits for its task to be freed. */
	if (!pid_alive(t->task))
		return;
	vmtrace_thread_sum(t, &sum);
	memcpy(name, t->task->comm, sizeof(name));
	name[sizeof(name) - 1] = 0;
	seq_printf(m, "%d\t%llu\t%llu\t%llu\t%llu\t%d\t%llu\t%llu\t%llu\t", t->task->pid,
		   sum.minor - t->reset.minor, sum.major - t->reset.major,
		   sum.retried - t->reset.retried, sum.failed - t->reset.failed, sum.in_flight,
		   sum.total - t->reset.total, sum.asleep - t->reset.asleep,
		   min(sum.max, sum.total - t->reset.total));
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

/**
 * struct names - what it takes to look up the mappings of a process
 * @mm: its memory; NULL if it has exited
 * @path: PATH_MAX bytes
 */
struct names {
	struct mm_struct *mm;
	char *path;
};

static int names_get(struct names *names, struct vmtrace_process *p)
{
	names->path = kmalloc(PATH_MAX, GFP_KERNEL_ACCOUNT);
	if (!names->path)
		return -ENOMEM;
	names->mm = vmtrace_process_mm(p);
	return 0;
}

static void names_put(struct names *names)
{
	if (names->mm)
		mmput(names->mm);
	kfree(names->path);
}

/* The mapping at @address with the mmap lock, or NULL and without. */
static struct vm_area_struct *find_and_lock(const struct names *names, unsigned long address)
{
	struct vm_area_struct *vma;

	if (!names->mm || mmap_read_lock_killable(names->mm))
		return NULL;
	vma = vma_lookup(names->mm, address);
	if (!vma)
		mmap_read_unlock(names->mm);
	return vma;
}

static void show_name(struct seq_file *m, const struct names *names, struct vm_area_struct *vma)
{
	seq_escape(m, vmtrace_vma_name(vma, names->path, PATH_MAX), "\t\n\\");
}

static u64 offset_in(const struct vmtrace_area *area, unsigned long address)
{
	return area->ino ? ((u64)area->pgoff << PAGE_SHIFT) + (address - area->start) : 0;
}

static void show_slow(struct seq_file *m, const struct names *names,
		      const struct vmtrace_slow *slow)
{
	const struct vmtrace_area *area = &slow->area;
	struct vm_area_struct *vma;
	struct vmtrace_area now;

	seq_printf(m, "%llu\t%llu\t%llu\t%d\t%s\t%s\t%lx\t%lx\t%lx\t%lx\t%llx\t%u:%u\t%lu\t",
		   slow->m.took, slow->m.asleep, slow->ended_ns, slow->tid,
		   class_names[slow->class], origin_names[slow->origin], slow->address, slow->ip,
		   area->start, area->end, offset_in(area, slow->address), MAJOR(area->dev),
		   MINOR(area->dev), area->ino);
	vma = find_and_lock(names, slow->address);
	if (vma) {
		now = vmtrace_area(vma);
		if (now.ino == area->ino && now.dev == area->dev)
			show_name(m, names, vma);
		mmap_read_unlock(names->mm);
	}
	seq_putc(m, '\n');
}

static int slowest_show(struct seq_file *m, void *v)
{
	struct vmtrace_process *p = m->private;
	struct vmtrace_slowest *slowest = kmalloc(sizeof(*slowest), GFP_KERNEL_ACCOUNT);
	struct names names;
	unsigned int i;
	int err;

	err = slowest ? names_get(&names, p) : -ENOMEM;
	if (err)
		goto out;
	vmtrace_slowest_read(p, slowest);
	show_header(m, VMTRACE_SLOW_COLUMNS(COLUMN));
	for (i = 0; i < slowest->count; i++)
		show_slow(m, &names, &slowest->fault[i]);
	names_put(&names);
out:
	kfree(slowest);
	return err;
}

/**
 * struct hottest - what the file holds of one kind
 * @entry: the hottest ones, the hottest first
 * @count: how many
 * @others: faults of the others
 */
struct hottest {
	struct vmtrace_hot_entry entry[VMTRACE_HOT_LINES];
	unsigned int count;
	u64 others;
};

static void pick(struct hottest *hottest, const struct vmtrace_hot_sum *sum,
		 enum vmtrace_hot_kind kind)
{
	unsigned int i;

	hottest->count = vmtrace_hot_top(sum->set[kind], VMTRACE_HOT_SUM_BITS, hottest->entry,
					 VMTRACE_HOT_LINES);
	hottest->others = sum->faults[kind];
	for (i = 0; i < hottest->count; i++)
		hottest->others -= hottest->entry[i].count;
}

static void show_where(struct seq_file *m, const struct names *names, unsigned long address)
{
	struct vm_area_struct *vma = find_and_lock(names, address);
	struct vmtrace_area area = {};

	if (vma)
		area = vmtrace_area(vma);
	seq_printf(m, "\t%lx\t%llx\t", area.start, offset_in(&area, address));
	if (vma) {
		show_name(m, names, vma);
		mmap_read_unlock(names->mm);
	} else if ((long)address < 0) {
		seq_printf(m, "%ps", (void *)address);
	}
	seq_putc(m, '\n');
}

static void show_hottest(struct seq_file *m, const struct names *names,
			 const struct hottest *hottest, enum vmtrace_hot_kind kind)
{
#define NAME(symbol, name, meaning) name,
	static const char *const kinds[] = { VMTRACE_HOT_KINDS(NAME) };
#undef NAME
	unsigned int i;

	for (i = 0; i < hottest->count; i++) {
		const struct vmtrace_hot_entry *e = &hottest->entry[i];
		unsigned long address = kind == VMTRACE_HOT_PAGE ? e->key << PAGE_SHIFT : e->key;

		seq_printf(m, "%s\t%llu\t%lx", kinds[kind], e->count, address);
		show_where(m, names, address);
	}
}

static void show_hot_numbers(struct seq_file *m, const struct vmtrace_hot_sum *sum,
			     const struct hottest *ips, const struct hottest *pages)
{
#define DECLARE_NUMBER(key, meaning) unsigned long long key;
	const struct {
		VMTRACE_HOT_NUMBERS(DECLARE_NUMBER)
	} numbers = {
		.ips = sum->faults[VMTRACE_HOT_IP],
		.ips_others = ips->others,
		.pages = sum->faults[VMTRACE_HOT_PAGE],
		.pages_others = pages->others,
	};
#undef DECLARE_NUMBER

	seq_printf(m, "format:\t%d\n", VMTRACE_FORMAT);
#define PRINT_NUMBER(key, meaning) seq_printf(m, #key ":\t%llu\n", numbers.key);
	VMTRACE_HOT_NUMBERS(PRINT_NUMBER)
#undef PRINT_NUMBER
}

static int hot_show(struct seq_file *m, void *v)
{
	struct vmtrace_process *p = m->private;
	struct vmtrace_hot_sum *sum = kvmalloc(sizeof(*sum), GFP_KERNEL_ACCOUNT);
	struct hottest ips, pages;
	struct names names;
	int err;

	err = sum ? vmtrace_process_read_hot(p, sum) ?: names_get(&names, p) : -ENOMEM;
	if (err)
		goto out;
	pick(&ips, sum, VMTRACE_HOT_IP);
	pick(&pages, sum, VMTRACE_HOT_PAGE);
	show_hot_numbers(m, sum, &ips, &pages);
	seq_printf(m, "%s\n", VMTRACE_HOT_COLUMNS(COLUMN) + 1);
	show_hottest(m, &names, &ips, VMTRACE_HOT_IP);
	show_hottest(m, &names, &pages, VMTRACE_HOT_PAGE);
	names_put(&names);
out:
	kvfree(sum);
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
DETAILS(hot);

void vmtrace_details_add(struct dentry *dir, long nr)
{
	debugfs_create_file(VMTRACE_THREADS, 0400, dir, (void *)nr, &threads_fops);
	debugfs_create_file(VMTRACE_LATENCY, 0400, dir, (void *)nr, &latency_fops);
	debugfs_create_file(VMTRACE_SLOWEST_FILE, 0400, dir, (void *)nr, &slowest_fops);
	debugfs_create_file(VMTRACE_HOT, 0400, dir, (void *)nr, &hot_fops);
}
