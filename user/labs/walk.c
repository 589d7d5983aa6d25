// SPDX-License-Identifier: GPL-2.0
/*
 * walk - an address is a path through the page tables to a frame
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "core/format.h"
#include "core/format_walk.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"
#include "sources/walk_stats.h"

/* "pgd 255, pud 3, ...": the bits of the address that index each level that this machine has. */
static void predict_indexes(char text[LAB_WORDS], const struct walk_stats *walk,
			    long long page_size)
{
	unsigned int page_bits = (unsigned int)__builtin_ctzll(page_size), shift = page_bits;
	unsigned int entries = (unsigned int)(page_size / sizeof(uint64_t));
	char texts[WALK_LEVELS][16] = { "" };
	size_t used = 0;

	for (size_t i = 0; i < WALK_LEVELS; i++) {
		if (walk->level[i].kind == VMTRACE_WALK_KIND_FOLDED)
			continue;
		snprintf(texts[i], sizeof(texts[i]), "%s %llu", walk_levels[i],
			 walk->address >> shift & (entries - 1));
		shift += page_bits - 3;
	}
	for (size_t i = WALK_LEVELS; i-- > 0;)
		if (texts[i][0])
			used += snprintf(text + used, LAB_WORDS - used, "%s%s", used ? ", " : "",
					 texts[i]);
}

static void show_indexes(struct lab *lab, const void *address)
{
	const struct walk_stats *walk = memory_walk(0, address);
	char due[LAB_WORDS], is[LAB_WORDS];
	size_t used = 0;

	predict_indexes(due, walk, lab->page_size);
	for (size_t i = WALK_LEVELS; i-- > 0;)
		if (walk->level[i].kind != VMTRACE_WALK_KIND_FOLDED)
			used += snprintf(is + used, sizeof(is) - used, "%s%s %d", used ? ", " : "",
					 walk_levels[i], walk->level[i].index);
	lab_fact(lab, "indexes in the tables", due, is);
}

static int measure(struct lab *lab)
{
	size_t page = lab->page_size;
	char *block = lab_block(lab, 3, 0);

	if (!block)
		return -ENOMEM;
	if (!memory_entries_visible())
		return lab_skip(
			lab,
			"page-table entries are shown to root only, in debugfs: sudo vmtrace lab "
			"walk, or first mount -t debugfs none /sys/kernel/debug");

	lab_write_step(lab, "write to a page", block, 1);
	lab_predict(lab, VMTRACE_CLASS_ANON, 1);
	show_indexes(lab, block);
	memory_entry(lab, "entry of that page", 0, block, "page, writable");
	lab_note(lab, "its frame", "number %llu: physical address 0x%llx", memory_frame(0, block),
		 memory_frame(0, block) * page);
	memory_entry(lab, "entry of the next page", 0, block + page, "none");
	lab_explain(lab,
		    "A table has %zu entries, so each level takes %d bits of the address (the "
		    "first may take fewer); the last %d bits are the offset in the page.",
		    page / sizeof(uint64_t), __builtin_ctzll(page) - 3, __builtin_ctzll(page));

	lab_read_step(lab, "read the next page", block + page, 1);
	lab_predict(lab, VMTRACE_CLASS_ZERO, 1);
	memory_entry(lab, "its entry", 0, block + page, "zero page, read-only");
	memory_entry(lab, "entry of a page not touched", 0, block + 2 * page, "none");
	lab_explain(lab, "Three adjacent entries, usually in one table: a frame of its own, the "
			 "frame of the zero page, which all share and which is read-only, and "
			 "nothing.");
	return 0;
}

const struct lab_info lab_walk = {
	.name = "walk",
	.sentence = "an address is a path through the page tables to a frame",
	.concept = "The CPU finds the frame of a page by the page tables: at each level, some bits "
		   "of the address are the index of an entry, which points to the next table. The "
		   "last entry has the number of the frame, and bits that say what is allowed. If "
		   "there is no entry, or it does not allow the access, the CPU calls the kernel: "
		   "this is a page fault.",
	.measure = measure,
};
