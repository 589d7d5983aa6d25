/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ptwalk.h - read page tables
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
#include "fault.h"

/* As many as Linux has; a machine with fewer folds some into the level above. */
#define VMTRACE_LEVELS 5

/* What the walk met at a level. */
enum vmtrace_step_kind {
	VMTRACE_STEP_ABSENT, /* the walk ended above */
	VMTRACE_STEP_FOLDED, /* this machine has no such level */
	VMTRACE_STEP_TABLE,  /* a pointer to the table of the next level */
	VMTRACE_STEP_END,    /* the entry where the walk ended */
};

/**
 * struct vmtrace_step - what the walk met at one level
 * @raw: the entry as the CPU sees it
 * @index: its place in its table
 * @kind: enum vmtrace_step_kind
 */
struct vmtrace_step {
	u64 raw;
	u16 index;
	u8 kind;
};

/**
 * struct vmtrace_path - all levels of one address
 * @end: the entry where the walk ended; never at a folded level
 * @levels: how many levels this machine has
 * @steps: [0] pte, [1] pmd, [2] pud, [3] p4d, [4] pgd
 */
struct vmtrace_path {
	struct vmtrace_entry end;
	u8 levels;
	struct vmtrace_step steps[VMTRACE_LEVELS];
};

/**
 * vmtrace_ptwalk() - the page-table entry of an address
 * @mm: whose tables; see above
 * @address: in user space
 * @e: filled in
 *
 * Context: interrupts off. Does not touch user memory and cannot fault.
 */
void vmtrace_ptwalk(struct mm_struct *mm, unsigned long address, struct vmtrace_entry *e);

/**
 * vmtrace_ptwalk_path() - the same walk, with what it met on its way
 * @mm: whose tables
 * @address: in user space
 * @path: filled in
 *
 * Context: as vmtrace_ptwalk().
 */
void vmtrace_ptwalk_path(struct mm_struct *mm, unsigned long address, struct vmtrace_path *path);

/**
 * vmtrace_ptwalk_window() - which pages of a range are mapped
 * @mm: whose tables
 * @w: start and pages say which range, all in one table of the lowest level; present
 *	is filled in
 *
 * Context: as vmtrace_ptwalk().
 */
void vmtrace_ptwalk_window(struct mm_struct *mm, struct vmtrace_window *w);

/**
 * vmtrace_ptwalk_folio() - how much of a folio is mapped around an address
 * @mm: whose tables
 * @address: where one of its pages is mapped
 * @low: from where on, in the same table of the lowest level
 * @high: up to where, likewise
 *
 * Context: as vmtrace_ptwalk().
 * Return: pages, that of @address among them, that are mapped side by side as in the
 *	folio; 1 if it is not a large one.
 */
unsigned int vmtrace_ptwalk_folio(struct mm_struct *mm, unsigned long address, unsigned long low,
				  unsigned long high);

/**
 * typedef vmtrace_visit - told what the page tables hold
 * @e: an entry
 * @pages: how many pages it says that of; empty entries of a table come together
 * @data: the caller's
 *
 * Context: interrupts off, a page-table lock held.
 */
typedef void vmtrace_visit(const struct vmtrace_entry *e, unsigned long pages, void *data);

/**
 * vmtrace_ptwalk_range() - the page-table entries of a range, a piece of it at a time
 * @mm: whose tables; the mmap lock is held
 * @start: of the range, in a mapping
 * @end: of the range, in the same mapping
 * @visit: called for the entries of the piece
 * @data: for @visit
 *
 * A piece is what one lock protects, or what one empty entry covers, however
 * large. Unlike vmtrace_ptwalk() it sees no entry that is only being changed.
 *
 * Context: any that may wait; does not sleep. Up to 512 entries with interrupts off.
 * Return: where to go on; @start if somebody else had the lock: then nothing was visited.
 */
unsigned long vmtrace_ptwalk_range(struct mm_struct *mm, unsigned long start, unsigned long end,
				   vmtrace_visit *visit, void *data);

#endif /* VMTRACE_PTWALK_H */
