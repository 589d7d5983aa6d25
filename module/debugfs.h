/* SPDX-License-Identifier: GPL-2.0 */
/*
 * debugfs.h - /sys/kernel/debug/vmtrace: what only root may see or change
 *
 * An open file of debugfs pins the module by vmtrace_debugfs_enter(),
 * since debugfs calls its release whatever has been removed meanwhile.
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
 * A file has no .owner, but begins its open with the first of these and ends its release
 * with the second. None is opened while the module is being loaded: it would not keep a
 * load that fails from taking the module away. With .owner, debugfs warns (full_proxy_open()) if
 * somebody opens it between the last reference's end and MODULE_STATE_GOING, at the beginning of an
 * unload. What is left to be executed after the second, here and in debugfs, reads the
 * file_operations and cannot sleep: vmtrace_resume_exit() waits for it.
 */
static inline int vmtrace_debugfs_enter(void)
{
	if (THIS_MODULE->state != MODULE_STATE_LIVE)
		return -EAGAIN;
	return try_module_get(THIS_MODULE) ? 0 : -ENXIO;
}

static inline void vmtrace_debugfs_leave(void)
{
	module_put(THIS_MODULE);
}

#endif /* VMTRACE_DEBUGFS_H */
