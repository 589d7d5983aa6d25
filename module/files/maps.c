// SPDX-License-Identifier: GPL-2.0
/* maps.c - the file maps of debugfs: each mapping of a process, and its pages; format.h */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

#include "core/format.h"
#include "files/query.h"
#include "mm/residency.h"
#include "mm/vma.h"
#include "stats/process.h"

/**
 * struct table - the lines of the mappings
 * @m: where they are printed
 * @count: number of mappings
 * @total: the sum of their pages
 * @kernel: the kernel's counters, read after the walk
 */
struct table {
	struct seq_file *m;
	unsigned long count;
	struct vmtrace_pages total;
	struct vmtrace_mm_counters kernel;
};

/* The totals are known after the walk: the lines are printed behind enough room for them. */
#define HEAD_MAX 2048

#define NAME(key, meaning) #key,
static const char *const columns[] = { VMTRACE_MAPS_COLUMNS(NAME) VMTRACE_MAPS_KINDS(NAME) };
#undef NAME

static void print_head(struct seq_file *m, struct vmtrace_process *p, const struct table *t)
{
	char comm[TASK_COMM_LEN];
	unsigned int i;

	vmtrace_process_name(p, comm);
	seq_printf(m, "format:\t%d\nname:\t", VMTRACE_FORMAT);
	seq_escape(m, comm, "\n\\");
	seq_printf(m, "\npid:\t%d\npage_bytes:\t%lu\nmappings:\t%lu\n", pid_nr(p->pid), PAGE_SIZE,
		   t->count);
#define PRINT_TOTAL(key, meaning)  seq_printf(m, #key ":\t%lu\n", t->total.key);
#define PRINT_KERNEL(key, meaning) seq_printf(m, #key ":\t%lu\n", t->kernel.key);
	VMTRACE_MAPS_KINDS(PRINT_TOTAL)
	VMTRACE_MAPS_KERNEL(PRINT_KERNEL)
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		seq_printf(m, "%s%c", columns[i], i + 1 < ARRAY_SIZE(columns) ? '\t' : '\n');
}

static void add(unsigned long *sum, unsigned long pages)
{
	*sum += pages;
}

static bool print_mapping(const struct vmtrace_mapping *map, void *data)
{
	struct table *t = data;
	struct seq_file *m = t->m;
	char perms[5];

	t->count++;
	seq_printf(m, "%lx\t%lx\t%s\t%llx\t", map->start, map->end,
		   vmtrace_vma_perms(map->flags, perms), map->offset);
	seq_escape(m, map->name, "\t\n\\");
#define PRINT_PAGES(key, meaning) seq_printf(m, "\t%lu", map->pages.key);
#define ADD_PAGES(key, meaning)	  add(&t->total.key, map->pages.key);
	VMTRACE_MAPS_KINDS(PRINT_PAGES)
	VMTRACE_MAPS_KINDS(ADD_PAGES)
	seq_putc(m, '\n');
	return !seq_has_overflowed(m);
}

/* Walk again if the process has called execve() meanwhile; -ESRCH if it has exited. */
static int print_mappings(struct seq_file *m, struct vmtrace_process *p, struct table *t)
{
	struct mm_struct *mm;
	int err;

	do {
		m->count = HEAD_MAX;
		*t = (struct table){ .m = m };
		mm = vmtrace_process_mm(p);
		if (!mm)
			return -ESRCH;
		err = vmtrace_residency_read(mm, print_mapping, t);
		if (!err)
			vmtrace_mm_counters_read(mm, p->pid, &t->kernel);
		mmput(mm);
	} while (err == -EAGAIN);
	return err;
}

static int print(struct seq_file *m, struct vmtrace_process *p)
{
	struct seq_file head = { .buf = m->buf, .size = HEAD_MAX };
	struct table t;
	int err = print_mappings(m, p, &t);

	if (err || seq_has_overflowed(m))
		return err;
	print_head(&head, p, &t);
	memmove(m->buf + head.count, m->buf + HEAD_MAX, m->count - HEAD_MAX);
	m->count -= HEAD_MAX - head.count;
	return 0;
}

const struct vmtrace_topic vmtrace_topic_maps = { .print = print };
