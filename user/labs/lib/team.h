/* SPDX-License-Identifier: GPL-2.0 */
/*
 * team.h - threads that touch memory at the same time
 */
#ifndef VMTRACE_LABS_LIB_TEAM_H
#define VMTRACE_LABS_LIB_TEAM_H

#include "labs/lib/lab.h"

/* Start threads, which wait for work until the process ends. Returns 0 or LAB_SKIPPED. */
int team_start(struct lab *lab, int threads);

/*
 * Each thread writes to so many pages of its part; returns when all have. In the first call the
 * threads also take faults on their own stacks.
 */
void team_write(char *const *part, size_t pages, size_t page_size);

#endif /* VMTRACE_LABS_LIB_TEAM_H */
