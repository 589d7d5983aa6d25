/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swapped.h - pages in swap, and the neighbours that are read ahead with one
 */
#ifndef VMTRACE_LABS_LIB_SWAPPED_H
#define VMTRACE_LABS_LIB_SWAPPED_H

#include "labs/lib/lab.h"

#define SWAPPED_PAGES  256
#define SWAPPED_ORDER  3 /* the default of vm.page-cluster */
#define SWAPPED_WINDOW ((size_t)1 << SWAPPED_ORDER)

/**
 * struct swapped - a block of SWAPPED_PAGES pages that was paged out to a file
 * @lab: the lab that uses it
 * @block: its address
 * @next: the first page that was not used yet
 * @there: the pages that were in memory or in the swap cache before the last touch
 * @before: pages before the one touched last that were read ahead with it
 * @after: pages after it that were read ahead with it
 *
 * The caller sets @lab and @block, and zeroes the rest.
 */
struct swapped {
	struct lab *lab;
	char *block;
	size_t next;
	unsigned char there[SWAPPED_PAGES];
	size_t before, after;
};

/*
 * Find so many unused pages that are adjacent in swap, where the offset of the first one is a
 * multiple of SWAPPED_WINDOW. *found is the index of the first one. Returns 0 or LAB_SKIPPED.
 */
int swapped_find(struct swapped *area, size_t pages, size_t *found);

/* Touch distant pages until the kernel reads nothing ahead. Returns 0 or LAB_SKIPPED. */
int swapped_forget(struct swapped *area);

/*
 * Measure a step: touch pages, of which the last one is in swap and the others are in the swap
 * cache. The prediction is that the kernel reads window pages, of which as many as before says lie
 * before the last one.
 */
void swapped_touch(struct swapped *area, const char *step, size_t page, size_t pages, size_t window,
		   size_t before);

#endif /* VMTRACE_LABS_LIB_SWAPPED_H */
