/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pages_mapped.h - how many pages a fault mapped, and how many page tables it allocated
 *
 * Counts the pages at and around the address that are mapped when the fault is over, and that were
 * not mapped, or were other pages, when it began. Pages that another thread or a userfaultfd mapped
 * there meanwhile are counted, too. One fault may map
 * - a huge page, or a page of hugetlbfs;
 * - the neighbours that are in the page cache, within 64 KiB (do_fault_around(), mm/memory.c). If
 *   the administrator has raised fault_around_bytes in debugfs, the count is a lower bound;
 * - all of a large folio (do_anonymous_page(), finish_fault(), do_swap_page()).
 *
 * 7.2 maps all of a large folio of a file of which only a part was mapped, also beyond these 64 KiB
 * (filemap_map_folio_range(), mm/filemap.c). What was mapped there before is unknown: if the page
 * at the end of the 64 KiB is new, all that is mapped beyond it is counted, else nothing.
 *
 * A fault has allocated a page table for each level that the walk gets farther than before. With an
 * anonymous huge page the kernel allocates one more, which it needs when the page is split.
 */
#ifndef VMTRACE_FAULT_PAGES_MAPPED_H
#define VMTRACE_FAULT_PAGES_MAPPED_H

#include "stats/counts.h"
#include "stats/fault.h"

/* Read what is mapped around the address. All of @f is set but @window and @input.after. */
void vmtrace_pages_mapped_begin(struct vmtrace_fault *f);

/* Read it again and compare: sets pages and tables of @m. @f->input.after is set. */
void vmtrace_pages_mapped_end(const struct vmtrace_fault *f, struct vmtrace_sample *m);

#endif /* VMTRACE_FAULT_PAGES_MAPPED_H */
