// SPDX-License-Identifier: GPL-2.0
/* debugfs.c - /sys/kernel/debug/vmtrace: the directory; see debugfs.h */
#include <linux/debugfs.h>

#include "debugfs.h"
#include "format.h"
#include "walk.h"

static struct dentry *dir;

void vmtrace_debugfs_init(void)
{
	/* An error is remembered in dir, and whoever adds to it or removes it does nothing. */
	dir = debugfs_create_dir(VMTRACE_DIR, NULL);
	debugfs_create_file(VMTRACE_WALK, 0600, dir, NULL, &vmtrace_walk_fops);
}

void vmtrace_debugfs_exit(void)
{
	debugfs_remove_recursive(dir);
}
