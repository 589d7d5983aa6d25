/* SPDX-License-Identifier: GPL-2.0 */
/* debugfs.h - /sys/kernel/debug/vmtrace: what only root may see or change */
#ifndef VMTRACE_FILES_DEBUGFS_H
#define VMTRACE_FILES_DEBUGFS_H

/* Returns 0 even if debugfs is missing or fails: the module does not need it. May sleep. */
int vmtrace_debugfs_init(void);

/* Returns when no file operation runs or will run. May sleep. */
void vmtrace_debugfs_exit(void);

#endif /* VMTRACE_FILES_DEBUGFS_H */
