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
#include <linux/pgtable.h>

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
 */
struct vmtrace_attempt {
	struct vmtrace_thread *thread;
	struct vmtrace_process *process;
	unsigned int resets;
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
 * struct vmtrace_spot - where the lowest table has an address
 * @pmdp: what points to that table
 * @pmd: what it had when the address was looked up
 * @ptep: what the table has for the address
 * @pte: what that had; if the fault that looked is a VMTRACE_WRITE, see thread.h
 */
struct vmtrace_spot {
	const pmd_t *pmdp;
	pmd_t pmd;
	const pte_t *ptep;
	pte_t pte;
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
 * @ip: of the instruction, in user space or the kernel; 0 if there is none
 * @start: when its first attempt began, vmtrace_clock()
 * @exec_start: what the scheduler had in the task's se.exec_start then, and
 * @ran: in se.sum_exec_runtime
 * @vma: where the address is; valid while an attempt is in flight that holds its lock
 * @spot: of @address in the page tables; likewise
 * @flags: FAULT_FLAG_* of its last attempt
 * @waits: its last attempt was to be retried; the next one on @address belongs to it. What
 *	follows is not set if it goes the short way: lane.h
 * @plain: it is only counted: control.h
 * @vma_lock: its last attempt held the lock of the vma instead of the mmap lock
 * @origin: who asked for the memory
 * @retries: its attempts so far, but for the first
 * @mm: whose memory; valid while an attempt is in flight
 * @area: where the address is
 * @facts: what the class follows from
 * @unit: pages that come and go together: 1, more in hugetlbfs
 * @window: around @address when it began, if it may map more than the one page
 *
 * Of the thread that takes the fault, which alone reads and writes it.
 */
struct vmtrace_fault {
	unsigned long address;
	unsigned long ip;
	u64 start;
	u64 exec_start;
	u64 ran;
	struct vm_area_struct *vma;
	struct vmtrace_spot spot;
	unsigned int flags;
	bool waits;
	bool plain;
	bool vma_lock;
	enum vmtrace_origin origin;
	unsigned int retries;
	struct mm_struct *mm;
	struct vmtrace_area area;
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
 * vmtrace_settle_current() - current is in no fault
 *
 * Finds out what became of the last one, if the hook sees no returns, or did not see that one.
 *
 * Context: current; any but hard interrupt.
 */
void vmtrace_settle_current(void);

/**
 * vmtrace_settle_failed() - it became a signal
 * @sig: SIGSEGV or SIGBUS
 * @code: si_code
 *
 * Context: as vmtrace_settle_current(); under siglock.
 */
void vmtrace_settle_failed(int sig, int code);

#endif /* VMTRACE_FAULT_H */
