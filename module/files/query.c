// SPDX-License-Identifier: GPL-2.0
/* query.c - files of debugfs that answer a question about one process; see query.h */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "files/permission.h"
#include "files/pin.h"
#include "files/query.h"
#include "files/text.h"
#include "stats/process.h"

/* The longest question is a PID and an address of 20 digits each, with room for white space. */
#define QUESTION_MAX 64

/**
 * struct query - an open file
 * @topic: the file
 * @lock: protects the members below
 * @answer: to the last good question; NULL before the first
 * @length: of @answer, in bytes
 */
struct query {
	const struct vmtrace_topic *topic;
	struct mutex lock; /* answer, length */
	char *answer;
	size_t length;
};

int vmtrace_query_pid(char **question)
{
	char *word = *question, *rest = word + strcspn(word, " \t\n");
	int pid;

	if (*rest)
		*rest++ = '\0';
	/* kstrtoint() would take a sign. */
	if (!isdigit(*word) || kstrtoint(word, 10, &pid))
		return -EINVAL;
	*question = skip_spaces(rest);
	return pid;
}

/**
 * struct question - a question that is being answered
 * @topic: the file
 * @text: as it was written
 */
struct question {
	const struct vmtrace_topic *topic;
	char text[QUESTION_MAX + 1];
};

/* The question is a PID and nothing else. */
static int print_process(struct seq_file *m, const struct vmtrace_topic *topic, char *question)
{
	int pid = vmtrace_query_pid(&question), err;
	struct vmtrace_process *p;

	if (pid < 0 || *question)
		return -EINVAL;
	p = vmtrace_process_get_nr(pid, task_active_pid_ns(current));
	if (!p)
		return -ESRCH;
	err = vmtrace_permission(m->file, p);
	if (!err)
		err = topic->print(m, p);
	/* It may have executed a privileged program meanwhile. */
	if (!err)
		err = vmtrace_permission(m->file, p);
	vmtrace_process_put(p);
	return err;
}

static int print_answer(struct seq_file *m, void *data)
{
	struct question question = *(const struct question *)data;
	const struct vmtrace_topic *topic = question.topic;
	char *text = strim(question.text);

	return topic->print ? print_process(m, topic, text) : topic->print_walk(m, text);
}

static int query_open(struct inode *inode, struct file *file)
{
	int err = vmtrace_pin_module();
	struct query *q;

	if (err)
		return err;
	q = kzalloc(sizeof(*q), GFP_KERNEL_ACCOUNT);
	if (!q) {
		vmtrace_unpin_module();
		return -ENOMEM;
	}
	q->topic = inode->i_private;
	mutex_init(&q->lock);
	file->private_data = q;
	return 0;
}

static int query_release(struct inode *inode, struct file *file)
{
	struct query *q = file->private_data;

	kvfree(q->answer);
	kfree(q);
	vmtrace_unpin_module();
	return 0;
}

static ssize_t query_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	struct query *q = file->private_data;
	struct seq_file m = { .file = file, .size = PAGE_SIZE };
	struct question question = { .topic = q->topic };
	int err;

	if (size > QUESTION_MAX)
		return -EINVAL;
	if (copy_from_user(question.text, from, size))
		return -EFAULT;
	if (strlen(question.text) != size)
		return -EINVAL;
	err = vmtrace_text_print(&m, print_answer, &question);
	if (err)
		return err;
	err = mutex_lock_killable(&q->lock);
	if (!err) {
		swap(q->answer, m.buf);
		q->length = m.count;
		*pos = 0;
		mutex_unlock(&q->lock);
	}
	kvfree(m.buf);
	return err ?: size;
}

static ssize_t query_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct query *q = file->private_data;
	ssize_t ret;

	ret = mutex_lock_killable(&q->lock);
	if (ret)
		return ret;
	ret = q->answer ? simple_read_from_buffer(to, size, pos, q->answer, q->length) : -ENODATA;
	mutex_unlock(&q->lock);
	return ret;
}

static loff_t query_lseek(struct file *file, loff_t offset, int whence)
{
	struct query *q = file->private_data;

	if (!READ_ONCE(q->answer) && offset)
		return -ENODATA;
	return fixed_size_llseek(file, offset, whence, READ_ONCE(q->length));
}

const struct file_operations vmtrace_query_fops = {
	.open = query_open,
	.read = query_read,
	.write = query_write,
	.llseek = query_lseek,
	.release = query_release,
};
