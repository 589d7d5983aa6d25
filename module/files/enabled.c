// SPDX-License-Identifier: GPL-2.0
/* enabled.c - the file enabled of debugfs; see enabled.h */
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>

#include "files/enabled.h"
#include "files/pin.h"
#include "hook/hook.h"

static bool enabled = true;
static DEFINE_MUTEX(enabled_mutex); /* serializes writers of enabled, and vmtrace_hook_set() */

bool vmtrace_is_enabled(void)
{
	return READ_ONCE(enabled);
}

static int enabled_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", vmtrace_is_enabled());
	return 0;
}

static ssize_t enabled_write(struct file *file, const char __user *buffer, size_t size, loff_t *pos)
{
	bool on;
	int err = kstrtobool_from_user(buffer, size, &on);

	if (err)
		return err;
	mutex_lock(&enabled_mutex);
	if (on != enabled)
		err = vmtrace_hook_set(on);
	if (!err)
		WRITE_ONCE(enabled, on);
	mutex_unlock(&enabled_mutex);
	return err ?: size;
}

static int enabled_open(struct inode *inode, struct file *file)
{
	int err = vmtrace_pin_module();

	if (err)
		return err;
	err = single_open(file, enabled_show, NULL);
	if (err)
		vmtrace_unpin_module();
	return err;
}

static int enabled_release(struct inode *inode, struct file *file)
{
	single_release(inode, file);
	vmtrace_unpin_module();
	return 0;
}

const struct file_operations vmtrace_enabled_fops = {
	.open = enabled_open,
	.read = seq_read,
	.write = enabled_write,
	.llseek = seq_lseek,
	.release = enabled_release,
};
