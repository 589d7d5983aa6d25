/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mapped.h - how many pages a fault mapped, and how many page tables it took
 *
 * Counted are the pages at and around the address that are mapped when the fault is
 * over and were not when it began, or that are other pages than before. Those that
 * another thread mapped there meanwhile are among them, and so is what a userfaultfd
 * was told to map. One fault may map
 *  - a huge page, or one of hugetlbfs;
 *  - those neighbours that are in the page cache: do_fault_around(), mm/memory.c, within
 *    64 KiB. Who tells it to go farther, in debugfs, gets a lower bound;
 *  - all of a large folio: do_anonymous_page(), finish_fault(), do_swap_page().
 * Of a large folio of a file that was mapped in part, 7.2 maps the rest, also beyond
 * these 64 KiB (filemap_map_folio_range(), mm/filemap.c). How much that was out there is
 * not seen: it is all of what is mapped there now, if the page at the end is new, or none.
 *
 * A page table came to be for each level that the walk came farther than before, and
 * one comes with an anonymous huge page, for the day when it is split.
 */
#ifndef VMTRACE_MAPPED_H
#define VMTRACE_MAPPED_H

#include "fault.h"

/* Look around. @f->facts.before is set, and so is the rest of what does not change. */
void vmtrace_mapped_begin(struct vmtrace_fault *f);

/* Look again, and compare: sets pages and tables of @m. @f->facts.after is known. */
void vmtrace_mapped_end(const struct vmtrace_fault *f, struct vmtrace_measure *m);

#endif /* VMTRACE_MAPPED_H */
