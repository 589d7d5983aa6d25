// SPDX-License-Identifier: GPL-2.0
/*
 * swap - a page that was swapped out is read back by the next touch
 */
#include <errno.h>
#include <sys/mman.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_child.h"
#include "labs/lib/steps.h"
#include "labs/lib/swapping.h"

/* Swap out the whole block. */
static int swap_out(struct lab *lab, char *block, size_t pages)
{
	int err = swapping_out(lab, block, pages);

	if (err)
		return err;
	memory_entry(lab, "entry of the first page, paged out", 0, block, "swap");
	lab_number(lab, "memory of the block", "bytes", 0, memory_of_mapping(0, block, "Rss"));
	lab_number(lab, "swap of the block", "bytes", pages * lab->page_size,
		   memory_of_mapping(0, block, "Swap"));
	return 0;
}

/* Read the block, which swaps it in. */
static void swap_in(struct lab *lab, const char *step, const char *block, size_t pages)
{
	lab_read_step(lab, step, block, pages);
	lab_number(lab, "pages with what was written", "pages", pages,
		   lab_intact(block, pages, lab->page_size));
}

/* The block was swapped in by reads. Does a write take another fault? */
static void write_after_read(struct lab *lab, char *block, size_t pages)
{
	/*
	 * If no other process uses a page, do_swap_page() (mm/memory.c) makes it writable: in 6.1
	 * for a write only, in 6.12 and 7.2 for a read, too. It was changed in 6.11.
	 */
	bool writable = memory_kernel_is(6, 11);
	bool dirty_faults = memory_dirty_faults(lab);

	memory_entry(lab, "entry of the first page", 0, block,
		     writable ? "page, writable" : "page, read-only");
	lab_write_step(lab, "write", block, pages);
	if (!writable) {
		lab_predict(lab, VMTRACE_CLASS_COW_REUSE, pages);
		lab_explain(lab, "This kernel maps a page read-only if a read has swapped it in. "
				 "The first write faults once more, and the kernel finds that no "
				 "other process uses the page.");
	} else if (dirty_faults) {
		lab_predict(lab, VMTRACE_CLASS_SPURIOUS, pages);
		lab_explain(lab, "The entries are writable, but this CPU does not set their dirty "
				 "bit: each first write faults, and the kernel sets it.");
	} else {
		lab_predict_none(lab);
		lab_explain(lab, "No other process uses the pages, so this kernel made them "
				 "writable when it swapped them in.");
	}
}

static int measure_swapping(struct lab *lab, char *block, size_t pages)
{
	int err;

	lab_write_step(lab, "write", block, pages);
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	lab_explain(
		lab,
		"Then madvise(MADV_PAGEOUT) asks for what the kernel does by itself when memory "
		"is short: it writes the pages to swap, and frees their memory.");
	err = swap_out(lab, block, pages);
	if (err)
		return err;

	swap_in(lab, "read", block, pages);
	lab_predict_major(lab, VMTRACE_CLASS_SWAP_READ, pages);
	lab_explain(lab, "Each page must be read from swap, and the program waits for it: that "
			 "makes the fault a major one. vm.page-cluster is 0 here, so no fault "
			 "reads neighbours ahead.");
	write_after_read(lab, block, pages);
	err = swap_out(lab, block, pages);
	if (err)
		return err;

	lab_begin(lab, "madvise(WILLNEED)");
	madvise(block, pages * lab->page_size, MADV_WILLNEED);
	lab_end(lab);
	lab_predict_none(lab);
	lab_explain(lab, "The kernel reads the pages to its swap cache, but maps none of them: "
			 "the next faults do that.");
	err = swapping_fetched(lab, block, pages);
	if (err)
		return err;
	memory_entry(lab, "entry of the first page", 0, block, "swap");

	swap_in(lab, "read, prefetched", block, pages);
	lab_predict(lab, VMTRACE_CLASS_SWAP_CACHE, pages);
	lab_explain(lab, "The same number of faults, but minor ones: each page was in memory "
			 "already.");
	return 0;
}

static int measure(struct lab *lab)
{
	size_t pages = lab_pages(lab);
	char *block = lab_block(lab, pages, 0);
	int err;

	if (!block)
		return -ENOMEM;
	lab_hold_signals();
	err = swapping_start(lab, pages);
	if (!err)
		err = measure_swapping(lab, block, pages);
	swapping_stop();
	lab_release_signals();
	return err;
}

const struct lab_info lab_swap = {
	.name = "swap",
	.sentence = "a page that was swapped out is read back by the next touch",
	.concept =
		"When memory is short, the kernel writes pages of a program to swap, and stores "
		"their location in the page table. The next touch faults, and the kernel reads "
		"the page back: a major fault, since the program waits for a device. If the page "
		"is still, or again, in memory, the fault is a minor one.",
	.size = 1 << 20,
	.measure = measure,
};
