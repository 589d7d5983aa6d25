// SPDX-License-Identifier: GPL-2.0
/* fault.c - from the two events of the hook to an accounted fault; see fault.h */
#include <linux/sched.h>

#include "fault.h"
#include "process.h"
#include "thread.h"

void vmtrace_attempt_begin(struct vmtrace_attempt *a, unsigned int flags)
{
	struct vmtrace_thread *t = vmtrace_thread_find(current);

	a->flags = flags;
	if (unlikely(!t)) {
		a->process = vmtrace_process_track(current);
		t = a->process ? vmtrace_thread_create(a->process) : NULL;
	}
	a->thread = t;
	if (likely(t))
		vmtrace_thread_enter(t);
}

void vmtrace_attempt_end(const struct vmtrace_attempt *a, vm_fault_t ret)
{
	enum vmtrace_outcome outcome = vmtrace_outcome(a->flags, ret);

	if (likely(a->thread))
		vmtrace_thread_return(a->thread, outcome);
	else if (outcome == VMTRACE_MINOR || outcome == VMTRACE_MAJOR)
		vmtrace_process_drop(a->process);
}
