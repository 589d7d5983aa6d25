/* SPDX-License-Identifier: GPL-2.0 */
/* debugfs.h - /sys/kernel/debug/vmtrace: what only root may see or change */
#ifndef VMTRACE_DEBUGFS_H
#define VMTRACE_DEBUGFS_H

/* Without debugfs, or if it refuses, the module works without these files. May sleep. */
void vmtrace_debugfs_init(void);

/* Returns when no file operation runs or will run. May sleep. */
void vmtrace_debugfs_exit(void);

#endif /* VMTRACE_DEBUGFS_H */
