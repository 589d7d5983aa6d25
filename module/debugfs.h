/* SPDX-License-Identifier: GPL-2.0 */
/*
 * debugfs.h - /sys/kernel/debug/vmtrace: what only root may see or change
 *
 * An open file of debugfs pins the module (.owner must be THIS_MODULE), since
 * debugfs calls its release whatever has been removed meanwhile.
 */
#ifndef VMTRACE_DEBUGFS_H
#define VMTRACE_DEBUGFS_H

#include <linux/module.h>
#include <linux/types.h>

struct dentry;

/* Without debugfs, or if it refuses, the module works without these files. May sleep. */
void vmtrace_debugfs_init(void);

/* Returns when no file operation runs or will run. Nobody may add or remove any more. May sleep. */
void vmtrace_debugfs_exit(void);

/**
 * vmtrace_debugfs_add() - make the directory of a process
 * @nr: its number in the initial pid namespace
 *
 * Context: sleeps under a lock that all share: a kernel thread's.
 * Return: the directory, or an error, for vmtrace_debugfs_remove(); never NULL.
 */
struct dentry *vmtrace_debugfs_add(pid_t nr);

/* Returns when no file operation in it runs or will run. May sleep. */
void vmtrace_debugfs_remove(struct dentry *process);

/*
 * Whether a file may be opened: not while the module is being loaded, for a file
 * that is open does not keep a load that fails from taking the module away.
 */
static inline bool vmtrace_debugfs_ready(void)
{
	return THIS_MODULE->state == MODULE_STATE_LIVE;
}

#endif /* VMTRACE_DEBUGFS_H */
