// SPDX-License-Identifier: GPL-2.0
/* debugfs.c - /sys/kernel/debug/vmtrace: the directories; see debugfs.h */
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>

#include "control.h"
#include "debugfs.h"
#include "details.h"
#include "format.h"
#include "maps.h"
#include "postmortem.h"
#include "walk.h"

static struct dentry *dir;

void vmtrace_debugfs_init(void)
{
	/* An error is remembered in dir, and whoever adds to it or removes it does nothing. */
	dir = debugfs_create_dir(VMTRACE_DIR, NULL);
	debugfs_create_file(VMTRACE_WALK, 0600, dir, NULL, &vmtrace_walk_fops);
	/* debugfs may be mounted for all to list: here are the numbers of all processes. */
	if (IS_ERR(dir))
		return;
	d_inode(dir)->i_mode &= ~(umode_t)0077;
	vmtrace_control_add(dir);
}

struct dentry *vmtrace_debugfs_add(pid_t nr)
{
	struct dentry *process;
	char name[12];

	snprintf(name, sizeof(name), "%d", nr);
	process = debugfs_create_dir(name, dir);
	vmtrace_details_add(process, nr);
	debugfs_create_file(VMTRACE_MAPS, 0400, process, (void *)(long)nr, &vmtrace_maps_fops);
	debugfs_create_file(VMTRACE_FAILURES_FILE, 0400, process, (void *)(long)nr,
			    &vmtrace_postmortem_fops);
	return process;
}

void vmtrace_debugfs_remove(struct dentry *process)
{
	debugfs_remove_recursive(process);
}

void vmtrace_debugfs_exit(void)
{
	debugfs_remove_recursive(dir);
}
