/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ptwalk.h - read page tables without a lock
 *
 * Interrupts off are what keeps a table from being freed while it is read, as in
 * gup_fast() (mm/gup.c): whoever frees one waits for an interrupt to be taken, or for
 * RCU, on every CPU that uses the mm. So the mm must be current's, or the caller
 * must hold its mmap lock or the lock of the vma.
 */
#ifndef VMTRACE_PTWALK_H
#define VMTRACE_PTWALK_H

#include <linux/mm_types.h>

#include "classify.h"

/**
 * vmtrace_ptwalk() - the page-table entry of an address
 * @mm: whose tables; see above
 * @address: in user space
 * @e: filled in
 *
 * Context: interrupts off. Does not touch user memory and cannot fault.
 */
void vmtrace_ptwalk(struct mm_struct *mm, unsigned long address, struct vmtrace_entry *e);

#endif /* VMTRACE_PTWALK_H */
