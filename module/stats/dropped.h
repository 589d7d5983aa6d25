/* SPDX-License-Identifier: GPL-2.0 */
/* dropped.h - faults of threads without a record: the table is full, or there is no memory */
#ifndef VMTRACE_STATS_DROPPED_H
#define VMTRACE_STATS_DROPPED_H

#include <linux/types.h>

struct vmtrace_process;

/*
 * Drop a fault that the kernel counts for current, which has no record; @p: its process, or NULL if
 * that has no record either. Context: the hook.
 */
void vmtrace_drop(struct vmtrace_process *p);

/* Dropped faults since load. Takes time linear in the number of CPUs. */
u64 vmtrace_dropped(void);
/* Dropped faults of processes without a record. */
u64 vmtrace_dropped_untracked(void);

#endif /* VMTRACE_STATS_DROPPED_H */
