/* SPDX-License-Identifier: GPL-2.0 */
/*
 * team.h - threads that touch memory at once
 */
#ifndef VMTRACE_LABS_LIB_TEAM_H
#define VMTRACE_LABS_LIB_TEAM_H

#include "labs/lib/lab.h"

/* They wait for work until the process ends. 0 or LAB_SKIPPED. */
int team_start(struct lab *lab, int threads);

/*
 * Each thread writes to so many pages, from its part on; returns when all have. The first
 * time they take faults of their own, too: on their stacks.
 */
void team_write(char *const *part, size_t pages, size_t page_size);

#endif /* VMTRACE_LABS_LIB_TEAM_H */
