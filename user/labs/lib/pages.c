// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "labs/lib/pages.h"

static uintptr_t align_down(uintptr_t address, size_t alignment)
{
	return address & ~(uintptr_t)(alignment - 1);
}

struct range pages_spanned(uintptr_t address, size_t size, size_t page_size)
{
	return (struct range){
		.start = align_down(address, page_size),
		.end = align_down(address + size + page_size - 1, page_size),
	};
}

struct range pages_around(struct range inner, size_t alignment, struct range outer)
{
	struct range grown = pages_spanned(inner.start, inner.end - inner.start, alignment);

	if (grown.start < outer.start)
		grown.start = outer.start;
	if (grown.end > outer.end || grown.end < inner.end)
		grown.end = outer.end;
	return grown;
}

size_t pages_in(struct range range, size_t page_size)
{
	return (range.end - range.start) / page_size;
}

/* Is [start, start + size) inside limits, and empty? */
static bool is_empty_extent(struct range limits, uintptr_t start, size_t size, size_t page_size,
			    const unsigned char *present)
{
	if (start < limits.start || start > limits.end || size > limits.end - start)
		return false;
	for (size_t i = 0; i < size / page_size; i++)
		if (present[(start - limits.start) / page_size + i] & 1)
			return false;
	return true;
}

struct pages_cost pages_predict(struct range block, struct range limits, size_t page_size,
				unsigned long orders, unsigned char *present)
{
	struct pages_cost cost = { 0 };

	for (uintptr_t page = block.start; page < block.end; page += page_size)
		cost.present += present[(page - limits.start) / page_size] & 1;

	for (uintptr_t page = block.start; page < block.end; page += page_size) {
		uintptr_t start = page;
		size_t size = page_size;

		if (present[(page - limits.start) / page_size] & 1)
			continue;
		for (int order = 8 * (int)sizeof(orders) - 1; order > 0; order--) {
			size_t extent = page_size << order;

			/* Skip an order whose extent overflows. */
			if (!(orders & 1UL << order) || extent >> order != page_size)
				continue;
			start = align_down(page, extent);
			if (is_empty_extent(limits, start, extent, page_size, present)) {
				size = extent;
				break;
			}
			start = page;
		}
		memset(present + (start - limits.start) / page_size, 1, size / page_size);
		cost.faults++;
		cost.huge += size > page_size;
	}
	return cost;
}

int pages_present(struct range range, unsigned char *present)
{
	if (mincore((void *)range.start, range.end - range.start, present) != 0)
		return -errno;
	return 0;
}

int pages_mapping(uintptr_t address, struct range *mapping)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	int err = -ENOENT;

	if (!maps)
		return -errno;
	/* The rest of a line is skipped, however long its path is. */
	while (err && fscanf(maps, "%lx-%lx%*[^\n]", &start, &end) == 2) {
		if (address >= start && address < end) {
			*mapping = (struct range){ .start = start, .end = end };
			err = 0;
		}
	}
	fclose(maps);
	return err;
}

int pages_predict_now(struct range block, size_t page_size, unsigned long orders,
		      struct pages_cost *cost)
{
	struct range limits = block;
	unsigned char *present;
	size_t largest = page_size;
	int err = 0;

	for (int order = 1; order < 8 * (int)sizeof(orders); order++)
		if (orders & 1UL << order)
			largest = page_size << order;
	if (largest > page_size)
		err = pages_mapping(block.start, &limits);
	if (err)
		return err;
	limits = pages_around(block, largest, limits);
	present = mmap(NULL, pages_in(limits, page_size), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (present == MAP_FAILED)
		return -errno;
	err = pages_present(limits, present);
	if (!err)
		*cost = pages_predict(block, limits, page_size, orders, present);
	munmap(present, pages_in(limits, page_size));
	return err;
}
