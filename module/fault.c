// SPDX-License-Identifier: GPL-2.0
/* fault.c - from the two events of the hook to an accounted fault; see fault.h */
#include <linux/sched.h>

#include "fault.h"
#include "process.h"
#include "thread.h"

void vmtrace_attempt_begin(struct vmtrace_attempt *a, unsigned int flags)
{
	struct vmtrace_thread *t = vmtrace_thread_current();

	a->thread = t;
	a->flags = flags;
	if (unlikely(!t))
		return;
	vmtrace_process_note_mm(t->process, current->mm);
	raw_write_seqcount_begin(&t->seq);
	t->at_entry.minor = current->min_flt;
	t->at_entry.major = current->maj_flt;
	t->in_flight = true;
	raw_write_seqcount_end(&t->seq);
}

void vmtrace_attempt_end(const struct vmtrace_attempt *a, vm_fault_t ret)
{
	enum vmtrace_outcome outcome = vmtrace_outcome(a->flags, ret);
	struct vmtrace_thread *t = a->thread;

	if (unlikely(!t)) {
		if (outcome == VMTRACE_MINOR || outcome == VMTRACE_MAJOR)
			vmtrace_process_drop(current);
		return;
	}
	raw_write_seqcount_begin(&t->seq);
	switch (outcome) {
	case VMTRACE_MINOR:
		t->counts.minor++;
		break;
	case VMTRACE_MAJOR:
		t->counts.major++;
		break;
	case VMTRACE_RETRIED:
		t->counts.retried++;
		break;
	case VMTRACE_FAILED:
		t->counts.failed++;
		break;
	}
	t->in_flight = false;
	raw_write_seqcount_end(&t->seq);
}
