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
 * struct vmtrace_totals - all processes since load
 * @counts: what the hook counted
 * @kernel: what the kernel counted for these processes since tracking of them began
 * @dropped: faults of threads that have no record
 * @unobserved: faults that the kernel counted and the hook never saw
 */
struct vmtrace_totals {
	struct vmtrace_counts counts;
	struct vmtrace_kernel_counts kernel;
	u64 dropped;
	s64 unobserved;
};

/**
 * vmtrace_totals() - the sum over all processes since load
 * @sum: filled in
 *
 * Includes each process once, even if processes begin or end meanwhile. Takes time linear in the
 * number of processes and threads.
 *
 * Context: may sleep.
 * Return: 0, or -EINTR if current was killed while it waited for another caller.
 */
int vmtrace_totals(struct vmtrace_totals *sum);

/* Add @p, which has ended; takes over the tables' reference. Context: softirq. */
void vmtrace_exited_add(struct vmtrace_process *p);

/* Stop evicting. Called after the last vmtrace_exited_add(). May sleep. */
void vmtrace_exited_exit(void);

/* Parameter: number of exited processes that stay readable. */
extern unsigned int vmtrace_history;

#endif /* VMTRACE_STATS_EXITED_H */
