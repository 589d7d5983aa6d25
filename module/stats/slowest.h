/* SPDX-License-Identifier: GPL-2.0 */
/* slowest.h - the slowest faults of each process */
#ifndef VMTRACE_STATS_SLOWEST_H
#define VMTRACE_STATS_SLOWEST_H

#include "stats/counts.h"
#include "stats/fault.h"

struct vmtrace_process;

#define VMTRACE_SLOWEST 16

/**
 * struct vmtrace_slow - one of the slowest faults
 * @m: its time, pages and tables
 * @ended_ns: when it was over, CLOCK_BOOTTIME
 * @address: of the access
 * @ip: of the instruction, in user space or the kernel; 0 if there is none
 * @snapshot: the mapping of @address
 * @tid: thread id in the initial pid namespace
 * @class: of the fault
 * @origin: of the fault
 */
struct vmtrace_slow {
	struct vmtrace_sample m;
	u64 ended_ns;
	unsigned long address;
	unsigned long ip;
	struct vmtrace_vma_snapshot snapshot;
	pid_t tid;
	enum vmtrace_class class;
	enum vmtrace_origin origin;
};

/**
 * struct vmtrace_slowest - the slowest faults of a process, in no order
 * @count: number of faults, at most VMTRACE_SLOWEST
 * @fault: the faults
 */
struct vmtrace_slowest {
	unsigned int count;
	struct vmtrace_slow fault[VMTRACE_SLOWEST];
};

/* Allocate the list of current's process if it has none. Context: the hook, at an entry. */
void vmtrace_slowest_alloc(struct vmtrace_process *p);

/**
 * vmtrace_slowest_add() - keep a fault if it is among the slowest
 * @p: current's process
 * @f: the fault; it took longer than @p->slowest_floor
 * @class: of the fault
 * @m: its time, pages and tables
 *
 * Keeps no fault if there was no memory for the list.
 *
 * Context: the hook, interrupts off. Takes @p->lock.
 */
void vmtrace_slowest_add(struct vmtrace_process *p, const struct vmtrace_fault *f,
			 enum vmtrace_class class, const struct vmtrace_sample *m);

/* Read the list of a referenced process, slowest first. May sleep. */
void vmtrace_slowest_read(struct vmtrace_process *p, struct vmtrace_slowest *slowest);

#endif /* VMTRACE_STATS_SLOWEST_H */
