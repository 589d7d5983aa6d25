/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pages.h - the pages of a block: which are present, and how many faults the others take
 *
 * All but the last three are pure, so that they can be tested for page sizes that this
 * machine does not have. A page size is a power of two.
 */
#ifndef VMTRACE_LABS_LIB_PAGES_H
#define VMTRACE_LABS_LIB_PAGES_H

#include <stddef.h>
#include <stdint.h>

/* Addresses [start, end). */
struct range {
	uintptr_t start;
	uintptr_t end;
};

/* The whole pages that [address, address + size) touches. */
struct range pages_spanned(uintptr_t address, size_t size, size_t page_size);

/* inner, grown to multiples of alignment (a power of two), but not beyond outer. */
struct range pages_around(struct range inner, size_t alignment, struct range outer);

size_t pages_in(struct range range, size_t page_size);

/* The cost of touching every page of a block once. */
struct pages_cost {
	size_t present; /* pages that were present already */
	size_t faults;
	size_t huge; /* faults that map more than one page */
};

/*
 * Predict the cost of touching block. A fault maps the largest aligned extent of an allowed order
 * (bit n of orders: 1 << n pages) that lies inside limits and has no present page, or one page if
 * there is no such extent. limits is the range that may be mapped, and contains block. Bit 0 of
 * present[i] says that page i of limits is present; present is updated.
 *
 * The order in which the pages are touched makes no difference: an extent that
 * is empty at the beginning stays empty until a touch inside it fills all of it.
 */
struct pages_cost pages_predict(struct range block, struct range limits, size_t page_size,
				unsigned long orders, unsigned char *present);

/* mincore(): bit 0 of present[i] says that page i of range is in memory. */
int pages_present(struct range range, unsigned char *present);

/* The mapping that contains address, from /proc/self/maps. 0 or a negative errno. */
int pages_mapping(uintptr_t address, struct range *mapping);

/*
 * Like pages_predict(), for a block of this process as it is now. Returns 0 or a negative errno.
 * Takes faults, but none in the block.
 */
int pages_predict_now(struct range block, size_t page_size, unsigned long orders,
		      struct pages_cost *cost);

#endif /* VMTRACE_LABS_LIB_PAGES_H */
