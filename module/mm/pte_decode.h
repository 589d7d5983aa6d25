/* SPDX-License-Identifier: GPL-2.0 */
/* pte_decode.h - decode page-table entries and struct page */
#ifndef VMTRACE_MM_PTE_DECODE_H
#define VMTRACE_MM_PTE_DECODE_H

#include <linux/mm_types.h>

#include "core/format_walk.h"
#include "mm/ptwalk.h"

/**
 * struct vmtrace_pte_decoded - one level of a walk
 * @kind: enum vmtrace_walk_kind
 * @flags: set of enum vmtrace_walk_flag
 * @pfn: of the next table, or of the page at the address; 0 if there is none
 * @swap_type: swap area of a swap entry
 * @swap_offset: offset in that area
 */
struct vmtrace_pte_decoded {
	unsigned int kind;
	unsigned int flags;
	unsigned long pfn;
	unsigned int swap_type;
	unsigned long swap_offset;
};

/**
 * vmtrace_pte_decode() - decode the entry of one level
 * @path: from vmtrace_ptwalk_path()
 * @level: 1 pte, 2 pmd, 3 pud, 4 p4d, 5 pgd
 * @d: filled in
 *
 * Context: any.
 */
void vmtrace_pte_decode(const struct vmtrace_path *path, unsigned int level,
			struct vmtrace_pte_decoded *d);

/**
 * struct vmtrace_page - a mapped page
 * @kind: enum vmtrace_walk_page
 * @flags: set of enum vmtrace_walk_page_flag
 * @pages: number of pages in its folio
 * @mapcount: of the page, as in /proc/kpagecount
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
 * vmtrace_page_read() - read the struct page at which a walk ended
 * @vma: the mapping; the mmap lock is held
 * @path: from vmtrace_ptwalk_path(). If it ends in a page, the caller must walk again after this
 *	call: if that walk does not end in the same page, the page may have been freed and reused
 * @page: filled in
 *
 * Takes no reference: a concurrent write fault that finds one may copy the page instead of reusing
 * it (do_wp_page(), mm/memory.c).
 *
 * Context: interrupts off since the walk.
 */
void vmtrace_page_read(const struct vm_area_struct *vma, const struct vmtrace_path *path,
		       struct vmtrace_page *page);

/* Does this CPU set the accessed or the dirty bit in hardware? Context: preemption disabled. */
bool vmtrace_cpu_sets_accessed(void);
bool vmtrace_cpu_sets_dirty(void);

#endif /* VMTRACE_MM_PTE_DECODE_H */
