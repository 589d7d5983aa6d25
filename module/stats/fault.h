/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault.h - a fault that is not over yet
 *
 * attempt: one call of handle_mm_fault. fault: one or more attempts of one thread on one address,
 * the last of which did not return VM_FAULT_RETRY.
 */
#ifndef VMTRACE_STATS_FAULT_H
#define VMTRACE_STATS_FAULT_H

#include <linux/mm_types.h>

#include "core/classify.h"
#include "core/record.h"
#include "mm/ptwalk.h"
#include "mm/vma.h"

/**
 * struct vmtrace_fault - a fault that is not over yet
 * @address: of the access, as handle_mm_fault got it
 * @ip: of the instruction, in user space or the kernel; 0 if there is none
 * @start: vmtrace_clock() when the first attempt began
 * @exec_start: se.exec_start of the task at @start
 * @ran: se.sum_exec_runtime of the task at @start
 * @vma: the mapping of @address; valid while an attempt is pending that holds its lock
 * @pos: position of @address in the page tables; valid as long as @vma
 * @pte: the entry at @pos when the fault began; set for VMTRACE_FAST_COW only
 * @flags: FAULT_FLAG_* of the last attempt
 * @retry_pending: the last attempt returned VM_FAULT_RETRY; the next one on @address belongs to
 *	this fault
 * @vma_lock: the last attempt held the VMA lock instead of the mmap lock
 * @origin: user, kernel, gup or remote
 * @retries: attempts before the last one
 * @mm: of @vma; valid while an attempt is pending
 * @snapshot: copy of @vma
 * @input: of vmtrace_classify()
 * @hugetlb_pages: base pages in one page of the mapping; set for hugetlbfs only
 * @window: pages around @address when the fault began, if it may map several
 *
 * Only the thread that takes the fault reads and writes it. The fast path writes the members above
 * @retry_pending and no others (fault/fast.h).
 */
struct vmtrace_fault {
	unsigned long address;
	unsigned long ip;
	u64 start;
	u64 exec_start;
	u64 ran;
	struct vm_area_struct *vma;
	struct vmtrace_pte_pos pos;
	pte_t pte;
	unsigned int flags;
	bool retry_pending;
	bool vma_lock;
	enum vmtrace_origin origin;
	unsigned int retries;
	struct mm_struct *mm;
	struct vmtrace_vma_snapshot snapshot;
	struct vmtrace_class_input input;
	unsigned int hugetlb_pages;
	struct vmtrace_faultaround_window window;
};

#endif /* VMTRACE_STATS_FAULT_H */
