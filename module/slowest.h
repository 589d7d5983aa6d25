/* SPDX-License-Identifier: GPL-2.0 */
/* slowest.h - the slowest faults of each process, one by one */
#ifndef VMTRACE_SLOWEST_H
#define VMTRACE_SLOWEST_H

#include "fault.h"

struct vmtrace_process;

#define VMTRACE_SLOWEST 16

/**
 * struct vmtrace_slow - a fault that was slow
 * @m: how long it took
 * @ended_ns: when it was over, CLOCK_BOOTTIME
 * @address: of the access
 * @ip: of the instruction, in user space or the kernel; 0 if there is none
 * @area: where @address was
 * @tid: the thread, in the initial pid namespace
 * @class: of the fault
 * @origin: of the fault
 */
struct vmtrace_slow {
	struct vmtrace_measure m;
	u64 ended_ns;
	unsigned long address;
	unsigned long ip;
	struct vmtrace_area area;
	pid_t tid;
	enum vmtrace_class class;
	enum vmtrace_origin origin;
};

/**
 * struct vmtrace_slowest - the slowest faults of a process, in no order
 * @count: how many there are, VMTRACE_SLOWEST at the most
 * @fault: which
 */
struct vmtrace_slowest {
	unsigned int count;
	struct vmtrace_slow fault[VMTRACE_SLOWEST];
};

/**
 * vmtrace_slowest_add() - keep a fault if it is among the slowest
 * @p: current's process
 * @f: the fault; it took longer than @p->slowest_floor
 * @class: of it
 * @m: how long it took
 *
 * A fault for which there is no memory is not kept: then there are none at all.
 *
 * Context: the hook, interrupts off. Takes @p->lock.
 */
void vmtrace_slowest_add(struct vmtrace_process *p, const struct vmtrace_fault *f,
			 enum vmtrace_class class, const struct vmtrace_measure *m);

/* Forget them. Any context. */
void vmtrace_slowest_reset(struct vmtrace_process *p);

/* Those of a referenced process, the slowest first. May sleep. */
void vmtrace_slowest_read(struct vmtrace_process *p, struct vmtrace_slowest *slowest);

#endif /* VMTRACE_SLOWEST_H */
