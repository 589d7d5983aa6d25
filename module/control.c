// SPDX-License-Identifier: GPL-2.0
/* control.c - enabled, filter and reset in debugfs; see control.h */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/debugfs.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string_helpers.h>
#include <linux/uaccess.h>

#include "control.h"
#include "debugfs.h"
#include "format.h"
#include "growth.h"
#include "hook.h"
#include "process.h"
#include "reset.h"

/* Words in a filter, and bytes of one that is written. */
#define MAX_WORDS 64
#define MAX_BYTES 4096

bool vmtrace_disabled __read_mostly;
DEFINE_STATIC_KEY_FALSE(vmtrace_filtered);
static struct vmtrace_filter __rcu *filter __read_mostly;
static DEFINE_MUTEX(filter_mutex);  /* changes of the pointer */
static DEFINE_MUTEX(enabled_mutex); /* what follows from vmtrace_disabled */

enum filter_key {
	PID,
	COMM,
	UID,
	CGROUP,
	KEYS
};

static const char *const keys[] = { "pid", "comm", "uid", "cgroup" };

struct word {
	enum filter_key key;
	u64 number;
	char comm[TASK_COMM_LEN];
};

/**
 * struct vmtrace_filter - what was written
 * @rcu: defers the release
 * @keys: BIT(enum filter_key) of each that occurs
 * @count: words
 * @words: which
 */
struct vmtrace_filter {
	struct rcu_head rcu;
	unsigned int keys;
	unsigned int count;
	struct word words[];
};

static u64 current_cgroup(void)
{
	u64 id = 0;

#ifdef CONFIG_CGROUPS
	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
#endif
	return id;
}

static bool word_fits(const struct word *w)
{
	switch (w->key) {
	case PID:
		return w->number == current->tgid;
	case COMM:
		return !strncmp(w->comm, current->comm, TASK_COMM_LEN);
	case UID:
		return w->number == from_kuid(&init_user_ns, current_uid());
	default:
		return w->number == current_cgroup();
	}
}

bool vmtrace_filter_fits(void)
{
	const struct vmtrace_filter *f;
	unsigned int fit = 0, i;
	bool fits;

	rcu_read_lock();
	f = rcu_dereference(filter);
	for (i = 0; f && i < f->count; i++)
		if (!(fit & BIT(f->words[i].key)) && word_fits(&f->words[i]))
			fit |= BIT(f->words[i].key);
	fits = !f || fit == f->keys;
	rcu_read_unlock();
	return fits;
}

unsigned int vmtrace_filter_words(void)
{
	const struct vmtrace_filter *f;
	unsigned int words;

	rcu_read_lock();
	f = rcu_dereference(filter);
	words = f ? f->count : 0;
	rcu_read_unlock();
	return words;
}

static int parse_word(char *text, struct word *w)
{
	char *value = strchr(text, '=');
	int key;

	if (!value)
		return -EINVAL;
	*value++ = 0;
	key = match_string(keys, KEYS, text);
	if (key < 0)
		return -EINVAL;
	w->key = key;
	if (key == COMM) {
		string_unescape_inplace(value, UNESCAPE_OCTAL);
		return *value && strscpy(w->comm, value, sizeof(w->comm)) > 0 ? 0 : -EINVAL;
	}
	if (kstrtou64(value, 10, &w->number))
		return -EINVAL;
	return key != CGROUP && w->number > U32_MAX ? -ERANGE : 0;
}

/* NULL if @text has no word. */
static struct vmtrace_filter *parse(char *text)
{
	struct vmtrace_filter *f;
	char *word;
	int err = 0;

	f = kzalloc(struct_size(f, words, MAX_WORDS), GFP_KERNEL);
	if (!f)
		return ERR_PTR(-ENOMEM);
	while (!err && (word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (f->count == MAX_WORDS) {
			err = -E2BIG;
			break;
		}
		err = parse_word(word, &f->words[f->count]);
		f->keys |= BIT(f->words[f->count++].key);
	}
	if (!err && f->count)
		return f;
	kfree(f);
	return err ? ERR_PTR(err) : NULL;
}

static ssize_t filter_write(struct file *file, const char __user *buffer, size_t size, loff_t *pos)
{
	struct vmtrace_filter *f, *old;
	char *text;

	/* Whole or not at all. */
	if (*pos)
		return -EINVAL;
	if (size > MAX_BYTES)
		return -E2BIG;
	text = memdup_user_nul(buffer, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	f = strlen(text) == size ? parse(text) : ERR_PTR(-EINVAL);
	kfree(text);
	if (IS_ERR(f))
		return PTR_ERR(f);
	mutex_lock(&filter_mutex);
	old = rcu_replace_pointer(filter, f, lockdep_is_held(&filter_mutex));
	if (f)
		static_branch_enable(&vmtrace_filtered);
	else
		static_branch_disable(&vmtrace_filtered);
	mutex_unlock(&filter_mutex);
	kfree_rcu(old, rcu);
	*pos += size;
	return size;
}

static int filter_show(struct seq_file *m, void *v)
{
	const struct vmtrace_filter *f;
	unsigned int i;

	mutex_lock(&filter_mutex);
	f = rcu_dereference_protected(filter, lockdep_is_held(&filter_mutex));
	for (i = 0; f && i < f->count; i++) {
		const struct word *w = &f->words[i];

		seq_printf(m, "%s=", keys[w->key]);
		if (w->key == COMM)
			seq_escape(m, w->comm, " \t\n\\");
		else
			seq_printf(m, "%llu", w->number);
		seq_putc(m, '\n');
	}
	mutex_unlock(&filter_mutex);
	return 0;
}

static int enabled_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", !vmtrace_is_disabled());
	return 0;
}

/* Nobody has watched memory come and go meanwhile. */
static void forget(struct vmtrace_process *p, void *data)
{
	vmtrace_growth_forget(p);
}

static ssize_t enabled_write(struct file *file, const char __user *buffer, size_t size, loff_t *pos)
{
	bool enabled, was_disabled;
	int err;

	err = kstrtobool_from_user(buffer, size, &enabled);
	if (err)
		return err;
	mutex_lock(&enabled_mutex);
	was_disabled = vmtrace_is_disabled();
	if (enabled == was_disabled)
		err = vmtrace_hook_set(enabled);
	if (!err)
		WRITE_ONCE(vmtrace_disabled, !enabled);
	mutex_unlock(&enabled_mutex);
	if (err)
		return err;
	if (enabled && was_disabled)
		vmtrace_process_for_each(forget, NULL);
	return size;
}

static int reset_show(struct seq_file *m, void *v)
{
	return -EINVAL;
}

static ssize_t reset_write(struct file *file, const char __user *buffer, size_t size, loff_t *pos)
{
	bool yes;
	int err;

	err = kstrtobool_from_user(buffer, size, &yes) ?: yes ? vmtrace_reset() : -EINVAL;
	return err ?: size;
}

static int control_release(struct inode *inode, struct file *file)
{
	single_release(inode, file);
	vmtrace_debugfs_leave();
	return 0;
}

static int control_open(struct file *file, int (*show)(struct seq_file *m, void *v))
{
	int err = vmtrace_debugfs_enter();

	if (err)
		return err;
	err = single_open(file, show, NULL);
	if (err)
		vmtrace_debugfs_leave();
	return err;
}

#define CONTROL(name)                                                  \
	static int name##_open(struct inode *inode, struct file *file) \
	{                                                              \
		return control_open(file, name##_show);                \
	}                                                              \
	static const struct file_operations name##_fops = {            \
		.open = name##_open,                                   \
		.read = seq_read,                                      \
		.write = name##_write,                                 \
		.llseek = seq_lseek,                                   \
		.release = control_release,                            \
	}

CONTROL(filter);
CONTROL(enabled);
CONTROL(reset);

void vmtrace_control_add(struct dentry *dir)
{
	debugfs_create_file(VMTRACE_ENABLED, 0600, dir, NULL, &enabled_fops);
	debugfs_create_file(VMTRACE_FILTER, 0600, dir, NULL, &filter_fops);
	debugfs_create_file(VMTRACE_RESET, 0200, dir, NULL, &reset_fops);
}

void vmtrace_control_exit(void)
{
	kfree(rcu_dereference_protected(filter, true));
}
