// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "labs/lib/pages.h"
#include "unit.h"

static const size_t page_sizes[] = { 4096, 16384, 65536 };

#define BASE ((uintptr_t)0x7f0000000000)

static void a_block_spans_whole_pages(void)
{
	for (int i = 0; i < 3; i++) {
		size_t page = page_sizes[i];

		CHECK_EQUAL(pages_in(pages_spanned(BASE, 1, page), page), 1);
		CHECK_EQUAL(pages_in(pages_spanned(BASE, page, page), page), 1);
		CHECK_EQUAL(pages_in(pages_spanned(BASE, page + 1, page), page), 2);
		CHECK_EQUAL(pages_in(pages_spanned(BASE + page - 1, 1, page), page), 1);
		CHECK_EQUAL(pages_in(pages_spanned(BASE + page - 1, 2, page), page), 2);
		/* What glibc's malloc gives for 1 MiB. */
		CHECK_EQUAL(pages_in(pages_spanned(BASE + 16, 1 << 20, page), page),
			    (1 << 20) / page + 1);
		CHECK_EQUAL(pages_spanned(BASE + 16, 1, page).start, BASE);
	}
}

/* Every alignment of a block of every size from 1 byte to two pages. */
static void spans_hold_for_any_alignment(void)
{
	const size_t page = 64; /* small, so that all can be tried; the arithmetic is the same */

	for (size_t offset = 0; offset < page; offset++)
		for (size_t size = 1; size <= 2 * page; size++) {
			struct range span = pages_spanned(BASE + offset, size, page);
			size_t touched = 0;

			for (size_t at = 0; at < 4; at++)
				touched += offset < (at + 1) * page && offset + size > at * page;
			CHECK_EQUAL(pages_in(span, page), touched);
			CHECK_EQUAL(span.start, BASE);
		}
}

static void surroundings_stay_inside(void)
{
	struct range outer = { BASE + 0x3000, BASE + 0x9000 };
	struct range inner = { BASE + 0x5000, BASE + 0x6000 };
	struct range around = pages_around(inner, 0x4000, outer);

	CHECK_EQUAL(around.start, BASE + 0x4000);
	CHECK_EQUAL(around.end, BASE + 0x8000);
	around = pages_around(inner, 0x10000, outer);
	CHECK_EQUAL(around.start, outer.start);
	CHECK_EQUAL(around.end, outer.end);
}

static void each_missing_page_is_one_fault(void)
{
	unsigned char present[8] = { 1, 0, 0, 0xfe, 1, 0, 0, 0 };

	for (int i = 0; i < 3; i++) {
		size_t page = page_sizes[i];
		struct range block = { BASE, BASE + 8 * page };
		unsigned char copy[8];
		struct pages_cost cost;

		memcpy(copy, present, sizeof(copy));
		cost = pages_predict(block, block, page, 0, copy);
		CHECK_EQUAL(cost.present, 2);
		CHECK_EQUAL(cost.faults, 6);
		CHECK_EQUAL(cost.huge, 0);
		cost = pages_predict(block, block, page, 0, copy);
		CHECK_EQUAL(cost.present, 8);
		CHECK_EQUAL(cost.faults, 0);
	}
}

/* Huge pages of 8 pages (order 3) in a mapping of 27 pages, from page 3 on. */
static void huge_pages_need_a_whole_empty_extent(void)
{
	const size_t page = 4096;
	struct range mapping = { BASE + 3 * page, BASE + 30 * page };
	unsigned char present[27] = { 0 };
	struct pages_cost cost = pages_predict(mapping, mapping, page, 1UL << 3, present);

	/* Pages 3 to 7 and 24 to 29 alone, 8 to 15 and 16 to 23 as extents. */
	CHECK_EQUAL(cost.faults, 5 + 2 + 6);
	CHECK_EQUAL(cost.huge, 2);

	memset(present, 0, sizeof(present));
	present[20 - 3] = 1; /* spoils the second extent */
	cost = pages_predict(mapping, mapping, page, 1UL << 3, present);
	CHECK_EQUAL(cost.present, 1);
	CHECK_EQUAL(cost.huge, 1);
	CHECK_EQUAL(cost.faults, 5 + 1 + 7 + 6);
}

static void huge_pages_reach_beyond_the_block(void)
{
	const size_t page = 65536;
	struct range mapping = { BASE, BASE + 16 * page };
	struct range block = { BASE + 7 * page, BASE + 9 * page };
	unsigned char present[16] = { 0 };
	struct pages_cost cost = pages_predict(block, mapping, page, 1UL << 3, present);

	CHECK_EQUAL(cost.huge, 2);
	CHECK_EQUAL(cost.faults, 2);
	CHECK(present[0] && present[15]);
}

static void the_largest_fitting_order_is_taken(void)
{
	const size_t page = 4096;
	struct range mapping = { BASE + page, BASE + 17 * page };
	unsigned char present[16] = { 0 };
	struct pages_cost cost =
		pages_predict(mapping, mapping, page, 1UL << 3 | 1UL << 2 | 1UL << 52, present);

	/* 1 2 3, 4-7, 8-15, 16 */
	CHECK_EQUAL(cost.huge, 2);
	CHECK_EQUAL(cost.faults, 3 + 1 + 1 + 1);
}

static void this_machine_agrees(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory =
		mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct range range = { (uintptr_t)memory, (uintptr_t)memory + 4 * page };
	unsigned char present[4];
	struct range mapping = { 0 };

	madvise(memory, 4 * page, MADV_NOHUGEPAGE);
	memory[2 * page] = 1;
	CHECK_EQUAL(pages_present(range, present), 0);
	CHECK_EQUAL(present[0] & 1, 0);
	CHECK_EQUAL(present[1] & 1, 0);
	CHECK_EQUAL(present[2] & 1, 1);
	CHECK_EQUAL(present[3] & 1, 0);
	CHECK_EQUAL(pages_mapping(range.start + page, &mapping), 0);
	CHECK(mapping.start <= range.start && mapping.end >= range.end);
	munmap(memory, 4 * page);
	CHECK(pages_mapping(0, &mapping) != 0);
}

int main(void)
{
	RUN(a_block_spans_whole_pages);
	RUN(spans_hold_for_any_alignment);
	RUN(surroundings_stay_inside);
	RUN(each_missing_page_is_one_fault);
	RUN(huge_pages_need_a_whole_empty_extent);
	RUN(huge_pages_reach_beyond_the_block);
	RUN(the_largest_fitting_order_is_taken);
	RUN(this_machine_agrees);
	return 0;
}
