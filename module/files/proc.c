// SPDX-License-Identifier: GPL-2.0
/* proc.c - the files of /proc/vmtrace: who may open and read them */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "core/format.h"
#include "files/permission.h"
#include "files/proc.h"
#include "files/proc_entries.h"
#include "files/proc_text.h"
#include "files/text.h"
#include "stats/process.h"

static struct proc_dir_entry *dir;

/**
 * struct reader - an open file
 * @process: the process of the file, a reference; NULL for summary and total
 * @entry: the number that was opened, a reference; NULL for the other files
 * @print: prints the file
 * @lock: protects the members below
 * @text: printed by the last read from the start of the file, so that a reader with a small buffer
 *	gets numbers of one instant; NULL before the first read
 * @length: of @text, in bytes
 */
struct reader {
	struct vmtrace_process *process;
	struct vmtrace_proc_entry *entry;
	int (*print)(struct seq_file *m, struct vmtrace_process *p);
	struct mutex lock; /* text, length */
	char *text;
	size_t length;
};

static int may_read(const struct file *file, const struct reader *r)
{
	if (r->process)
		return vmtrace_permission(file, r->process);
	return r->print == vmtrace_proc_print_total ? vmtrace_permission_all(file) : 0;
}

/* Consumes the reference to @p. */
static int reader_open(struct file *file, struct vmtrace_process *p,
		       int (*print)(struct seq_file *m, struct vmtrace_process *p))
{
	struct reader *r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	int err;

	if (r) {
		mutex_init(&r->lock);
		r->process = p;
		r->print = print;
		file->private_data = r;
	}
	err = r ? may_read(file, r) : -ENOMEM;
	if (!err)
		return 0;
	kfree(r);
	if (p)
		vmtrace_process_put(p);
	return err;
}

/* Consumes the reference to @p. @p is NULL if there is no such process. */
static int process_open(struct file *file, struct vmtrace_process *p)
{
	if (!p)
		return -ENOENT;
	/* A reader sees no process outside its own pid namespace, whichever proc mount it uses. */
	if (!pid_nr_ns(p->pid, task_active_pid_ns(current))) {
		vmtrace_process_put(p);
		return -ENOENT;
	}
	return reader_open(file, p, vmtrace_proc_print_process);
}

static int pid_open(struct inode *inode, struct file *file)
{
	pid_t nr = (long)pde_data(inode);
	struct vmtrace_proc_entry *e = vmtrace_proc_entries_get(nr);
	struct reader *r;
	int err;

	if (!e)
		return -ENOENT;
	err = process_open(file, vmtrace_process_get_nr(nr, proc_pid_ns(inode->i_sb)));
	if (err) {
		vmtrace_proc_entries_put(e);
		return err;
	}
	r = file->private_data;
	r->entry = e;
	return 0;
}

static int self_open(struct inode *inode, struct file *file)
{
	return process_open(file, vmtrace_process_get_current());
}

static int summary_open(struct inode *inode, struct file *file)
{
	return reader_open(file, NULL, vmtrace_proc_print_summary);
}

static int total_open(struct inode *inode, struct file *file)
{
	return reader_open(file, NULL, vmtrace_proc_print_total);
}

static int print(struct seq_file *m, void *data)
{
	const struct reader *r = data;

	return r->print(m, r->process);
}

static int reader_print(struct reader *r, struct file *file)
{
	/* Most processes need less. */
	struct seq_file m = { .file = file, .size = 2 * PAGE_SIZE };
	int err = may_read(file, r) ?: vmtrace_text_print(&m, print, r);

	if (err)
		return err;
	kvfree(r->text);
	r->text = m.buf;
	r->length = m.count;
	return 0;
}

static ssize_t copy_text(const struct reader *r, loff_t *pos, struct iov_iter *to)
{
	size_t count = iov_iter_count(to), copied;

	if (*pos >= r->length || !count)
		return 0;
	copied = copy_to_iter(r->text + *pos, min_t(size_t, count, r->length - *pos), to);
	*pos += copied;
	return copied ?: -EFAULT;
}

static ssize_t reader_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct reader *r = iocb->ki_filp->private_data;
	ssize_t ret;

	ret = mutex_lock_killable(&r->lock);
	if (ret)
		return ret;
	if (!iocb->ki_pos || !r->text)
		ret = reader_print(r, iocb->ki_filp);
	/* The process may have called execve() since. */
	ret = ret ?: may_read(iocb->ki_filp, r) ?: copy_text(r, &iocb->ki_pos, to);
	mutex_unlock(&r->lock);
	return ret;
}

static int reader_release(struct inode *inode, struct file *file)
{
	struct reader *r = file->private_data;

	if (r->process)
		vmtrace_process_put(r->process);
	if (r->entry)
		vmtrace_proc_entries_put(r->entry);
	kvfree(r->text);
	kfree(r);
	return 0;
}

#define READER_OPS(how)                                                       \
	{                                                                     \
		.proc_open = how, .proc_read_iter = reader_read_iter,         \
		.proc_lseek = default_llseek, .proc_release = reader_release, \
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
