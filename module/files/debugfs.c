// SPDX-License-Identifier: GPL-2.0
/* debugfs.c - /sys/kernel/debug/vmtrace; see debugfs.h */
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>

#include "core/format.h"
#include "core/format_walk.h"
#include "files/debugfs.h"
#include "files/enabled.h"
#include "files/query.h"

static struct dentry *dir;

int vmtrace_debugfs_init(void)
{
	static const struct {
		const char *name;
		const struct vmtrace_topic *topic;
	} topics[] = {
		{ VMTRACE_THREADS, &vmtrace_topic_threads },
		{ VMTRACE_LATENCY, &vmtrace_topic_latency },
		{ VMTRACE_SLOWEST_FILE, &vmtrace_topic_slowest },
		{ VMTRACE_FAILURES_FILE, &vmtrace_topic_failures },
		{ VMTRACE_MAPS, &vmtrace_topic_maps },
		{ VMTRACE_WALK, &vmtrace_topic_walk },
	};
	unsigned int i;

	/* dir may be an ERR_PTR(), which debugfs_remove_recursive() ignores. */
	dir = debugfs_create_dir(VMTRACE_DIR, NULL);
	if (IS_ERR(dir))
		return 0;
	d_inode(dir)->i_mode &= ~(umode_t)0077;
	debugfs_create_file(VMTRACE_ENABLED, 0600, dir, NULL, &vmtrace_enabled_fops);
	for (i = 0; i < ARRAY_SIZE(topics); i++)
		debugfs_create_file(topics[i].name, 0600, dir, (void *)topics[i].topic,
				    &vmtrace_query_fops);
	return 0;
}

void vmtrace_debugfs_exit(void)
{
	debugfs_remove_recursive(dir);
}
