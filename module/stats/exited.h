/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exited.h - exited processes, and the sum over all processes since load
 *
 * A process that has ended can be read until `history` others have ended after it. Then it is
 * evicted: only its numbers remain, in the sum.
 */
#ifndef VMTRACE_STATS_EXITED_H
#define VMTRACE_STATS_EXITED_H

#include "stats/counts.h"

struct vmtrace_process;

/**
 * vmtrace_totals() - the sum over all processes since load
 * @sum: filled in
 *
 * Includes each process once, even if processes begin or end meanwhile. Takes time linear in the
 * number of processes and tasks, with interrupts off for a few tasks at a time.
 *
 * Context: may sleep.
 * Return: 0, or -EINTR if current was killed.
 */
int vmtrace_totals(struct vmtrace_sum *sum);

/* Add @p, which has ended; takes over the tables' reference. Context: softirq. */
void vmtrace_exited_add(struct vmtrace_process *p);

/* Stop evicting. Called after the last vmtrace_exited_add(). May sleep. */
void vmtrace_exited_exit(void);

/* Parameter: number of exited processes that stay readable. */
extern unsigned int vmtrace_history;

#endif /* VMTRACE_STATS_EXITED_H */
