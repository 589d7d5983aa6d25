// SPDX-License-Identifier: GPL-2.0
/* slowest.c - the file slowest of debugfs: the slowest faults of a process; format.h */
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>

#include "core/format.h"
#include "files/query.h"
#include "mm/vma.h"
#include "stats/process.h"
#include "stats/slowest.h"

static u64 offset_in(const struct vmtrace_vma_snapshot *vma, unsigned long address)
{
	return vma->ino ? ((u64)vma->pgoff << PAGE_SHIFT) + (address - vma->start) : 0;
}

/* The name of the mapping of a fault; empty if that is not mapped any more. Holds the mmap lock. */
static const char *name_of(struct mm_struct *mm, const struct vmtrace_slow *slow, char *path)
{
	struct vm_area_struct *vma = vma_lookup(mm, slow->address);
	struct vmtrace_vma_snapshot now;

	if (!vma)
		return "";
	now = vmtrace_vma_snapshot(vma);
	if (now.ino != slow->snapshot.ino || now.dev != slow->snapshot.dev)
		return "";
	return vmtrace_vma_name(vma, path, PATH_MAX);
}

/* The address of an instruction of the kernel is 0 for those from whom %pK hides it. */
static unsigned long ip_of(const struct vmtrace_slow *slow)
{
	char text[2 * sizeof(long) + 1];

	if (slow->origin == VMTRACE_ORIGIN_USER)
		return slow->ip;
	snprintf(text, sizeof(text), "%pK", (void *)slow->ip);
	return strspn(text, "0") == strlen(text) ? 0 : slow->ip;
}

#define COLUMN(key, meaning)	    "\t" #key
#define NAME(symbol, name, meaning) name,

static void print_fault(struct seq_file *m, const struct vmtrace_slow *slow, const char *name)
{
	static const char *const classes[] = { VMTRACE_CLASSES(NAME) };
	static const char *const origins[] = { VMTRACE_ORIGINS(NAME) };
	const struct vmtrace_vma_snapshot *vma = &slow->snapshot;

	seq_printf(m, "%llu\t%llu\t%llu\t%d\t%s\t%s\t%lx\t%lx\t%lx\t%lx\t%llx\t%u:%u\t%lu\t",
		   slow->m.took, slow->m.asleep, timens_add_boottime_ns(slow->ended_ns), slow->tid,
		   classes[slow->class], origins[slow->origin], slow->address, ip_of(slow),
		   vma->start, vma->end, offset_in(vma, slow->address), MAJOR(vma->dev),
		   MINOR(vma->dev), vma->ino);
	seq_escape(m, name, "\t\n\\");
	seq_putc(m, '\n');
}

/* @mm: of the process, or NULL if it has none any more */
static int print_faults(struct seq_file *m, const struct vmtrace_slowest *slowest,
			struct mm_struct *mm, char *path)
{
	const struct vmtrace_slow *slow;

	if (mm && mmap_read_lock_killable(mm))
		return -EINTR;
	seq_printf(m, "format:\t%d\n%s\n", VMTRACE_FORMAT, &(VMTRACE_SLOW_COLUMNS(COLUMN))[1]);
	for (slow = slowest->fault; slow < slowest->fault + slowest->count; slow++)
		print_fault(m, slow, mm ? name_of(mm, slow, path) : "");
	if (mm)
		mmap_read_unlock(mm);
	return 0;
}

static int print(struct seq_file *m, struct vmtrace_process *p)
{
	struct vmtrace_slowest *slowest = kmalloc(sizeof(*slowest), GFP_KERNEL);
	char *path = kmalloc(PATH_MAX, GFP_KERNEL);
	struct mm_struct *mm;
	int err = -ENOMEM;

	if (slowest && path) {
		vmtrace_slowest_read(p, slowest);
		mm = vmtrace_process_mm(p);
		err = print_faults(m, slowest, mm, path);
		if (mm)
			mmput(mm);
	}
	kfree(path);
	kfree(slowest);
	return err;
}

const struct vmtrace_topic vmtrace_topic_slowest = { .print = print };
