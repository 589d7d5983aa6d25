/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swapped.h - pages that stand in swap, and their neighbours that are read along with one
 */
#ifndef VMTRACE_LABS_LIB_SWAPPED_H
#define VMTRACE_LABS_LIB_SWAPPED_H

#include "labs/lib/lab.h"

#define SWAPPED_PAGES  256
#define SWAPPED_ORDER  3 /* vm.page-cluster, as kernels have it unless told otherwise */
#define SWAPPED_WINDOW ((size_t)1 << SWAPPED_ORDER)

/**
 * struct swapped - a block of SWAPPED_PAGES pages that was paged out to a file
 * @lab: who asked for it
 * @block: it
 * @next: page from where none was used yet
 * @there: the pages that were in memory or in the swap cache before the last touch
 * @before: pages that were read along with the last one touched, and lie before it
 * @behind: pages that were read along with it, and lie behind it
 *
 * The caller sets the first two, the rest is 0.
 */
struct swapped {
	struct lab *lab;
	char *block;
	size_t next;
	unsigned char there[SWAPPED_PAGES];
	size_t before, behind;
};

/*
 * So many pages, not used yet, that stand side by side in swap, from a multiple of
 * SWAPPED_WINDOW on: found is the first one. 0 or LAB_SKIPPED.
 */
int swapped_find(struct swapped *area, size_t pages, size_t *found);

/* Touch pages here and there until nothing is read along. 0 or LAB_SKIPPED. */
int swapped_forget(struct swapped *area);

/*
 * A step: touch pages, of which the last is in swap and the others are in the swap cache. It
 * is predicted that a window of so many pages is read, with so many of them before that page.
 */
void swapped_touch(struct swapped *area, const char *step, size_t page, size_t pages, size_t window,
		   size_t before);

#endif /* VMTRACE_LABS_LIB_SWAPPED_H */
