// SPDX-License-Identifier: GPL-2.0
/* failures.c - the file failures of debugfs: the last failed accesses of a process; format.h */
#include <linux/mm.h>
#include <linux/time_namespace.h>

#include "core/format.h"
#include "files/query.h"
#include "mm/vma.h"
#include "stats/process.h"
#include "stats/segv_record.h"

#define KEY(key, meaning) #key,
static const char *const reasons[] = { VMTRACE_REASONS(KEY) };

#define NAME(symbol, name, meaning) name,
static const char *const wheres[] = { VMTRACE_WHERES(NAME) };

#define COLUMN(key, meaning) "\t" #key
static const char columns[] = VMTRACE_FAILURES_COLUMNS(COLUMN) "\n";

static void print_name(struct seq_file *m, const char *name)
{
	if (name)
		seq_escape(m, name, "\t\n\\");
}

static void print_failure(struct seq_file *m, const struct vmtrace_segv *f)
{
	bool ip_known = f->ip_vma.where == VMTRACE_WHERE_INSIDE;
	const struct vmtrace_segv_vma *vma = &f->addr_vma;
	char perms[5];

	seq_printf(m, "%llu\t%d\t%s\t%d\t%d\t%lx\t%lx\t%s\t%lu\t%lx\t%lx",
		   timens_add_boottime_ns(f->time_ns), f->tid, reasons[f->reason], f->signal,
		   f->code, f->address, f->ip, wheres[vma->where], vma->distance, vma->start,
		   vma->end);
	seq_printf(m, "\t%s", vma->end ? vmtrace_vma_perms(vma->flags, perms) : "----");
	seq_printf(m, "\t%llx\t", vma->offset);
	print_name(m, vma->name);
	seq_printf(m, "\t%llx\t", ip_known ? f->ip_vma.offset : 0);
	if (ip_known)
		print_name(m, f->ip_vma.name);
	seq_putc(m, '\n');
}

static int print(struct seq_file *m, struct vmtrace_process *p)
{
	struct vmtrace_segv_copy f;
	char comm[TASK_COMM_LEN];
	unsigned int i;

	vmtrace_process_name(p, comm);
	vmtrace_segv_read(p, &f);
	seq_printf(m, "format:\t%d\nname:\t", VMTRACE_FORMAT);
	seq_escape(m, comm, "\n\\");
	seq_printf(m, "\npid:\t%d\nfailures:\t%llu\nlost:\t%llu\nkept:\t%u\n", pid_nr(p->pid),
		   f.total, f.lost, f.kept);
	seq_puts(m, columns + 1);
	for (i = 0; i < f.kept; i++)
		print_failure(m, f.last[i]);
	vmtrace_segv_put(&f);
	return 0;
}

const struct vmtrace_topic vmtrace_topic_failures = { .print = print };
