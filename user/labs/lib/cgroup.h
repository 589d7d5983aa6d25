/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cgroup.h - a cgroup of a lab's own, which may have so much memory and no more
 */
#ifndef VMTRACE_LABS_LIB_CGROUP_H
#define VMTRACE_LABS_LIB_CGROUP_H

#include "labs/lib/lab.h"

/* 0 or LAB_SKIPPED; cgroup_remove() undoes it in both cases. lab_hold_signals() first. */
int cgroup_make(struct lab *lab, long long bytes);
void cgroup_remove(void);

/*
 * Be a process of it. What this process has already counts for where it was; what it touches
 * for the first time from now on counts for the cgroup. 0 or a negative errno.
 */
int cgroup_enter(void);

#endif /* VMTRACE_LABS_LIB_CGROUP_H */
