/* SPDX-License-Identifier: GPL-2.0 */
/*
 * history.h - exited processes, and the sum over all there ever were
 *
 * A process that has ended can be read until `history` others have ended after
 * it. Then only its numbers stay, in the sum.
 */
#ifndef VMTRACE_HISTORY_H
#define VMTRACE_HISTORY_H

#include "counts.h"

struct vmtrace_process;

/**
 * struct vmtrace_totals - all processes since load or reset
 * @counts: what the hook counted
 * @kernel: what the kernel counted for the same processes while tracked
 * @dropped: faults of threads or processes without a record
 * @unobserved: counted by the kernel, seen by nobody
 */
struct vmtrace_totals {
	struct vmtrace_counts counts;
	struct vmtrace_kernel_counts kernel;
	u64 dropped;
	s64 unobserved;
};

/**
 * vmtrace_totals() - the sum over all processes since load or reset
 * @sum: filled in
 *
 * Each process is in it once, whatever begins or ends meanwhile. Takes time
 * linear in the number of processes.
 *
 * Context: may sleep.
 * Return: 0, or -EINTR if current was killed while it waited for another walk.
 */
int vmtrace_totals(struct vmtrace_totals *sum);

/**
 * vmtrace_history_reset() - forget the exited, and begin the sum anew
 * @reset: resets all processes that are left
 *
 * Context: sleeps.
 * Return: 0, an error of @reset, or -EINTR if current was killed while it waited for a walk.
 */
int vmtrace_history_reset(int (*reset)(void));

/* A process has ended; its reference for the tables goes along. Softirq. */
void vmtrace_history_add(struct vmtrace_process *p);

/* Forget nobody from now on; may sleep. No process may end afterwards. */
void vmtrace_history_exit(void);

/* Exited processes that stay readable; a parameter. */
extern unsigned int vmtrace_history;

#endif /* VMTRACE_HISTORY_H */
