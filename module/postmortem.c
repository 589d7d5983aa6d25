// SPDX-License-Identifier: GPL-2.0
/* postmortem.c - the file <pid>/failures of debugfs; see postmortem.h */
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "access.h"
#include "debugfs.h"
#include "failure.h"
#include "format.h"
#include "postmortem.h"
#include "process.h"

/**
 * struct reader - an open file; what it holds was so when it was opened
 * @pid: the process's number
 * @comm: its name
 * @failures: its failed accesses
 */
struct reader {
	pid_t pid;
	char comm[TASK_COMM_LEN];
	struct vmtrace_failures_copy failures;
};

#define KEY(key, meaning) #key,
static const char *const reasons[] = { VMTRACE_REASONS(KEY) };

#define NAME(symbol, name, meaning) name,
static const char *const wheres[] = { VMTRACE_WHERES(NAME) };

#define COLUMN(key, meaning) "\t" #key
static const char columns[] = VMTRACE_FAILURES_COLUMNS(COLUMN) "\n";

static void show_name(struct seq_file *m, const char *name)
{
	if (name)
		seq_escape(m, name, "\t\n\\");
}

static void show_perms(struct seq_file *m, const struct vmtrace_place *at)
{
	if (at->end)
		seq_printf(m, "\t%c%c%c%c", at->flags & VM_READ ? 'r' : '-',
			   at->flags & VM_WRITE ? 'w' : '-', at->flags & VM_EXEC ? 'x' : '-',
			   at->flags & VM_MAYSHARE ? 's' : 'p');
	else
		seq_puts(m, "\t----");
}

static void show_failure(struct seq_file *m, const struct vmtrace_failure *f)
{
	bool by_known = f->by.where == VMTRACE_WHERE_INSIDE;
	const struct vmtrace_place *at = &f->at;

	seq_printf(m, "%llu\t%d\t%s\t%d\t%d\t%lx\t%lx\t%s\t%lu\t%lx\t%lx", f->time_ns, f->tid,
		   reasons[f->reason], f->signal, f->code, f->address, f->ip, wheres[at->where],
		   at->distance, at->start, at->end);
	show_perms(m, at);
	seq_printf(m, "\t%llx\t", at->offset);
	show_name(m, at->name);
	seq_printf(m, "\t%llx\t", by_known ? f->by.offset : 0);
	if (by_known)
		show_name(m, f->by.name);
	seq_putc(m, '\n');
}

static int postmortem_show(struct seq_file *m, void *v)
{
	const struct reader *r = m->private;
	const struct vmtrace_failures_copy *f = &r->failures;
	unsigned int i;

	seq_printf(m, "format:\t%d\nname:\t", VMTRACE_FORMAT);
	seq_escape(m, r->comm, "\n\\");
	seq_printf(m, "\npid:\t%d\nfailures:\t%llu\nunkept:\t%llu\nkept:\t%u\n", r->pid, f->total,
		   f->unkept, f->kept);
	seq_puts(m, columns + 1);
	for (i = 0; i < f->kept; i++)
		show_failure(m, f->last[i]);
	return 0;
}

static int take(struct reader *r, struct file *file)
{
	struct vmtrace_process *p = vmtrace_process_get_nr(r->pid, &init_pid_ns);
	struct vmtrace_process_stats s;
	int err;

	if (!p)
		return -ESRCH;
	err = vmtrace_may_read(file, p) ?: vmtrace_process_read(p, &s, NULL);
	if (!err) {
		memcpy(r->comm, s.comm, sizeof(r->comm));
		vmtrace_failures_read(p, &r->failures);
	}
	vmtrace_process_put(p);
	return err;
}

static int postmortem_open(struct inode *inode, struct file *file)
{
	struct reader *r;
	int err;

	err = vmtrace_debugfs_enter();
	if (err)
		return err;
	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	err = -ENOMEM;
	if (!r)
		goto leave;
	r->pid = (long)inode->i_private;
	err = take(r, file) ?: single_open(file, postmortem_show, r);
	if (err)
		goto free;
	return 0;
free:
	vmtrace_failures_put(&r->failures);
	kfree(r);
leave:
	vmtrace_debugfs_leave();
	return err;
}

static int postmortem_release(struct inode *inode, struct file *file)
{
	struct reader *r = ((struct seq_file *)file->private_data)->private;

	vmtrace_failures_put(&r->failures);
	kfree(r);
	single_release(inode, file);
	vmtrace_debugfs_leave();
	return 0;
}

const struct file_operations vmtrace_postmortem_fops = {
	.open = postmortem_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = postmortem_release,
};
