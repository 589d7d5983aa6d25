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

#include "classify.h"
#include "counts.h"

struct pt_regs;
struct vmtrace_process;
struct vmtrace_thread;

/**
 * struct vmtrace_attempt - what the hook carries from entry to return
 * @thread: the record of current, which holds the rest; NULL if it could not be made
 * @process: if so, the record of its process; NULL if that could not be made either
 * @resets: if so, how often @process had been reset
 * @flags: FAULT_FLAG_* at entry
 * @ignored: vmtrace was switched off at entry; all else is void
 */
struct vmtrace_attempt {
	struct vmtrace_thread *thread;
	struct vmtrace_process *process;
	unsigned int resets;
	unsigned int flags;
	bool ignored;
};

/**
 * struct vmtrace_area - what is kept of a vma that may go away
 * @start: first address
 * @end: the first one behind it
 * @pgoff: of @start in the file, in pages
 * @ino: the file; 0 if there is none
 * @dev: of the file's file system
 */
struct vmtrace_area {
	unsigned long start;
	unsigned long end;
	unsigned long pgoff;
	unsigned long ino;
	dev_t dev;
};

/**
 * struct vmtrace_window - which of some neighbouring pages are mapped
 * @start: of the first one
 * @pages: how many, 32 at the most; 0: nobody looked
 * @present: a bit for each, the first one's is bit 0
 */
struct vmtrace_window {
	unsigned long start;
	unsigned int pages;
	u32 present;
};

/**
 * struct vmtrace_fault - a fault that is not over yet
 * @address: of the access, as handle_mm_fault got it
 * @mm: whose memory; valid while an attempt is in flight
 * @ip: of the instruction, in user space or the kernel; 0 if there is none
 * @area: where the address is
 * @start: when its first attempt began, ktime_get_mono_fast_ns()
 * @off_cpu: how long the thread had been off the CPU then, in ns since some moment
 * @origin: who asked for the memory
 * @vma_lock: its last attempt held the lock of the vma instead of the mmap lock
 * @plain: it is only counted: control.h
 * @retries: its attempts so far, but for the first
 * @waits: its last attempt was to be retried; the next one on @address belongs to it
 * @facts: what the class follows from
 * @unit: pages that come and go together: 1, more in hugetlbfs
 * @window: around @address when it began, if it may map more than the one page
 *
 * Of the thread that takes the fault, which alone reads and writes it.
 */
struct vmtrace_fault {
	unsigned long address;
	struct mm_struct *mm;
	unsigned long ip;
	struct vmtrace_area area;
	u64 start;
	u64 off_cpu;
	enum vmtrace_origin origin;
	bool vma_lock;
	bool plain;
	bool waits;
	unsigned int retries;
	struct vmtrace_facts facts;
	unsigned int unit;
	struct vmtrace_window window;
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
 * @vma: its arguments from here on
 * @address: where
 * @flags: FAULT_FLAG_*
 * @regs: of the access; NULL if the kernel asks for the page without one
 *
 * Context: current, preemption or interrupts off; does not sleep.
 */
void vmtrace_attempt_begin(struct vmtrace_attempt *a, struct vm_area_struct *vma,
			   unsigned long address, unsigned int flags, const struct pt_regs *regs);

/**
 * vmtrace_attempt_end() - account the return of handle_mm_fault
 * @a: from vmtrace_attempt_begin(), of the same thread
 * @ret: what handle_mm_fault returned
 *
 * Context: as vmtrace_attempt_begin(). The vma may be gone by now.
 */
void vmtrace_attempt_end(const struct vmtrace_attempt *a, vm_fault_t ret);

#endif /* VMTRACE_FAULT_H */
