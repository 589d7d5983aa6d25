/* SPDX-License-Identifier: GPL-2.0 */
/* procfs.h - the files of /proc/vmtrace; what they hold is in format.h */
#ifndef VMTRACE_PROCFS_H
#define VMTRACE_PROCFS_H

int vmtrace_procfs_init(void);

/* Returns when the last reader is gone. */
void vmtrace_procfs_exit(void);

#endif /* VMTRACE_PROCFS_H */
