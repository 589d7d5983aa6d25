/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cgroup.h - a cgroup for a lab, with a limit of memory
 */
#ifndef VMTRACE_LABS_LIB_CGROUP_H
#define VMTRACE_LABS_LIB_CGROUP_H

#include "labs/lib/lab.h"

/*
 * Make a cgroup with this limit. Call lab_hold_signals() before, and cgroup_remove() after,
 * whatever is returned: 0 or LAB_SKIPPED.
 */
int cgroup_make(struct lab *lab, long long bytes);
void cgroup_remove(void);

/*
 * Move this process to the cgroup. Memory that it touches for the first time from now on is charged
 * to the cgroup; what it has already is not. Returns 0 or a negative errno.
 */
int cgroup_enter(void);

#endif /* VMTRACE_LABS_LIB_CGROUP_H */
