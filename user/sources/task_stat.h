/* SPDX-License-Identifier: GPL-2.0 */
/*
 * task_stat.h - what /proc/<pid> says of a process of this machine
 */
#ifndef VMTRACE_SOURCES_TASK_STAT_H
#define VMTRACE_SOURCES_TASK_STAT_H

#include <stdbool.h>
#include <sys/types.h>

/* Threads of a process; 0 if that cannot be read. */
unsigned long task_threads(pid_t pid);

/*
 * Minor and major faults of the children of a process that it waited for, and of theirs. False if
 * that cannot be read.
 */
bool task_children(pid_t pid, unsigned long long *minor, unsigned long long *major);

/* The same from the text of /proc/<pid>/stat; false if it is not in that format. */
bool task_parse_children(const char *text, unsigned long long *minor, unsigned long long *major);

#endif /* VMTRACE_SOURCES_TASK_STAT_H */
