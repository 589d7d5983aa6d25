/* SPDX-License-Identifier: GPL-2.0 */
/* decode.h - page-table entries and page frames, in words for people */
#ifndef VMTRACE_DECODE_H
#define VMTRACE_DECODE_H

#include <linux/mm_types.h>

#include "format.h"
#include "ptwalk.h"

/**
 * struct vmtrace_decoded - one level of a walk
 * @kind: enum vmtrace_walk_kind
 * @flags: set of enum vmtrace_walk_flag
 * @pfn: of the next table, or of the page at the address; 0 without one
 * @swap_type: of a swap entry, as is
 * @swap_offset: this
 */
struct vmtrace_decoded {
	unsigned int kind;
	unsigned int flags;
	unsigned long pfn;
	unsigned int swap_type;
	unsigned long swap_offset;
};

/**
 * vmtrace_decode() - say what the entry of one level means
 * @path: of an address
 * @level: 1 pte, 2 pmd, 3 pud, 4 p4d, 5 pgd
 * @d: filled in
 *
 * Context: any.
 */
void vmtrace_decode(const struct vmtrace_path *path, unsigned int level, struct vmtrace_decoded *d);

/**
 * struct vmtrace_page - what is known of a page that is mapped
 * @kind: enum vmtrace_walk_page
 * @flags: set of enum vmtrace_walk_page_flag
 * @pages: of its folio
 * @mapcount: page-table entries that map the page itself
 * @refcount: references to the folio
 */
struct vmtrace_page {
	unsigned int kind;
	unsigned int flags;
	unsigned int pages;
	int mapcount;
	int refcount;
};

/**
 * vmtrace_page_read() - look at the page that a walk found, without taking a reference
 * @vma: where; the mmap lock is held
 * @path: from vmtrace_ptwalk_path(); if it ends in a page, it must still end there
 *	after this call, or what was read is of another life of that page
 * @page: filled in
 *
 * A reference would show: whoever writes meanwhile to a page of his own alone would
 * find that it is not, and copy it.
 *
 * Context: interrupts off since the walk.
 */
void vmtrace_page_read(const struct vm_area_struct *vma, const struct vmtrace_path *path,
		       struct vmtrace_page *page);

/* Whether this CPU sets the accessed and the dirty bit by itself. Context: cannot migrate. */
bool vmtrace_cpu_sets_accessed(void);
bool vmtrace_cpu_sets_dirty(void);

#endif /* VMTRACE_DECODE_H */
