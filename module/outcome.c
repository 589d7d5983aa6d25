// SPDX-License-Identifier: GPL-2.0
/* outcome.c - how an attempt ends; pure, see fault.h */
#include "fault.h"

enum vmtrace_outcome vmtrace_outcome(unsigned int flags, vm_fault_t ret)
{
	if (ret & VM_FAULT_RETRY)
		return VMTRACE_RETRIED;
	if (ret & VM_FAULT_ERROR)
		return VMTRACE_FAILED;
	if ((ret & VM_FAULT_MAJOR) || (flags & FAULT_FLAG_TRIED))
		return VMTRACE_MAJOR;
	return VMTRACE_MINOR;
}
