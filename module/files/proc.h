/* SPDX-License-Identifier: GPL-2.0 */
/* proc.h - the files of /proc/vmtrace; what they hold is in format.h */
#ifndef VMTRACE_FILES_PROC_H
#define VMTRACE_FILES_PROC_H

int vmtrace_proc_init(void);

/* Removes the files: waits for running file operations, and closes open files. */
void vmtrace_proc_exit(void);

#endif /* VMTRACE_FILES_PROC_H */
