/* SPDX-License-Identifier: GPL-2.0 */
/* outcome.h - the outcome of an attempt, which is one call of handle_mm_fault */
#ifndef VMTRACE_CORE_OUTCOME_H
#define VMTRACE_CORE_OUTCOME_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#endif

enum vmtrace_outcome {
	VMTRACE_MINOR,
	VMTRACE_MAJOR,
	VMTRACE_RETRIED,
	VMTRACE_FAILED,
};

/**
 * vmtrace_outcome() - the kernel's accounting rule, mm_account_fault() in mm/memory.c
 * @retry: handle_mm_fault returned VM_FAULT_RETRY
 * @error: handle_mm_fault returned a bit of VM_FAULT_ERROR
 * @major: handle_mm_fault returned VM_FAULT_MAJOR, or was called with FAULT_FLAG_TRIED
 *
 * Return: the outcome of the attempt; unless it is VMTRACE_RETRIED, also that of the fault.
 */
static inline enum vmtrace_outcome vmtrace_outcome(bool retry, bool error, bool major)
{
	return retry ? VMTRACE_RETRIED :
	       error ? VMTRACE_FAILED :
	       major ? VMTRACE_MAJOR :
		       VMTRACE_MINOR;
}

#endif /* VMTRACE_CORE_OUTCOME_H */
