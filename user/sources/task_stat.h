/* SPDX-License-Identifier: GPL-2.0 */
/*
 * task_stat.h - read /proc/<pid> of a process of this machine
 */
#ifndef VMTRACE_SOURCES_TASK_STAT_H
#define VMTRACE_SOURCES_TASK_STAT_H

#include <stdbool.h>
#include <sys/types.h>

/* The number of threads of a process; 0 if it cannot be read. */
unsigned long task_threads(pid_t pid);

/*
 * Read the minor and major faults of the children that a process has waited for, and of their
 * descendants. Returns false if they cannot be read.
 */
bool task_children(pid_t pid, unsigned long long *minor, unsigned long long *major);

/*
 * Parse the faults of waited-for children in the text of /proc/<pid>/stat. Returns false if it is
 * not in that format.
 */
bool task_parse_children(const char *text, unsigned long long *minor, unsigned long long *major);

#endif /* VMTRACE_SOURCES_TASK_STAT_H */
