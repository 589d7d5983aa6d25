/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault.h - from the two events of the hook to an accounted fault
 *
 * attempt: one call of handle_mm_fault. fault: one or more attempts of one
 * thread on one address, the last of which did not return VM_FAULT_RETRY.
 */
#ifndef VMTRACE_FAULT_H
#define VMTRACE_FAULT_H

#include <linux/mm_types.h>

struct vmtrace_process;
struct vmtrace_thread;

/**
 * struct vmtrace_attempt - what the hook carries from entry to return
 * @thread: the record of current; NULL if it could not be made
 * @process: if so, the record of its process; NULL if that could not be made either
 * @flags: FAULT_FLAG_* at entry
 */
struct vmtrace_attempt {
	struct vmtrace_thread *thread;
	struct vmtrace_process *process;
	unsigned int flags;
};

/* How an attempt ends. */
enum vmtrace_outcome {
	VMTRACE_MINOR,
	VMTRACE_MAJOR,
	VMTRACE_RETRIED,
	VMTRACE_FAILED,
};

/**
 * vmtrace_outcome() - the kernel's accounting rule, mm_account_fault() in mm/memory.c
 * @flags: FAULT_FLAG_* at entry
 * @ret: what handle_mm_fault returned
 *
 * Pure: also built in user space, for host tests.
 */
enum vmtrace_outcome vmtrace_outcome(unsigned int flags, vm_fault_t ret);

/**
 * vmtrace_attempt_begin() - account the entry of handle_mm_fault
 * @a: filled in; to be handed to vmtrace_attempt_end() on return, if that comes
 * @flags: FAULT_FLAG_* argument
 *
 * Context: current, preemption or interrupts off; does not sleep.
 */
void vmtrace_attempt_begin(struct vmtrace_attempt *a, unsigned int flags);

/**
 * vmtrace_attempt_end() - account the return of handle_mm_fault
 * @a: from vmtrace_attempt_begin(), of the same thread
 * @ret: what handle_mm_fault returned
 *
 * Context: as vmtrace_attempt_begin(). The vma may be gone by now.
 */
void vmtrace_attempt_end(const struct vmtrace_attempt *a, vm_fault_t ret);

#endif /* VMTRACE_FAULT_H */
