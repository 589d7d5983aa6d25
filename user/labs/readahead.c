// SPDX-License-Identifier: GPL-2.0
/*
 * readahead - a fault that reads a page from swap reads neighbours, too
 *
 * Kernels read ahead by address, or by offset in swap if a swap device is rotational
 * (swap_use_vma_readahead(), mm/swap_state.c). Here both find the same pages: the pages have the
 * same order in swap as in memory, and those are touched where the windows of both coincide.
 */
#include <errno.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_child.h"
#include "labs/lib/steps.h"
#include "labs/lib/swapped.h"
#include "labs/lib/swapping.h"

#define PAGES  SWAPPED_PAGES
#define WINDOW SWAPPED_WINDOW

/* Touch pages in ascending order, from one that is not at a multiple of any window. */
static int ascend(struct swapped *area)
{
	struct lab *lab = area->lab;
	size_t page;
	int err = swapped_find(area, 2 * WINDOW, &page);

	if (err)
		return err;
	swapped_touch(area, "a page", page + 1, 1, 1, 0);
	lab_explain(lab, "The pages that were touched before were far apart, and what was read "
			 "ahead with them was not touched, so nothing is read ahead now.");
	swapped_touch(area, "the next page", page + 2, 1, 2, 0);
	lab_explain(lab, "Its neighbour was read last. To the kernel that is a sign of a "
			 "sequence, so it reads one more page.");
	for (size_t window = 4; window <= WINDOW; window *= 2) {
		swapped_touch(area, window == 4 ? "the next 2 pages" : "the next 4 pages",
			      page + 1 + window / 2, window / 2, window, 0);
		lab_explain(lab,
			    "The pages that were read ahead are touched: minor faults, which "
			    "count as hits. Then a page must be read: %s plus 2, rounded up to a "
			    "power of two, make a window of %zu pages.",
			    lab_count_of(window / 2 - 1, "hit", "hits"), window);
	}
	lab_begin(lab, "what was read ahead");
	lab_read(area->block + (page + WINDOW + 1) * lab->page_size, WINDOW - 1, lab->page_size);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_SWAP_CACHE, WINDOW - 1);
	lab_explain(lab, "All of them are in the swap cache, so no fault waits for the disk.");
	return 0;
}

/* Touch distant pages: each window is around its page, and the rest of it is not touched. */
static int descend(struct swapped *area)
{
	static const char *const names[] = { "a page far away", "another one", "a third one",
					     "a fourth one" };
	size_t window = WINDOW, page;

	for (size_t i = 0; window > 0; i++, window /= 2) {
		/* __swapin_nr_pages() and swap_vma_ra_win(), mm/swap_state.c. */
		const size_t before = (window - 1) / 2;
		int err = swapped_find(area, WINDOW, &page);

		if (err)
			return err;
		swapped_touch(area, names[i], page + before, 1, window, before);
		lab_explain(area->lab, "%s",
			    window == WINDOW ?
				    "After 7 hits the window is as large as vm.page-cluster "
				    "allows, 2 to the power of 3. The page read last is not a "
				    "neighbour, so the window is around the page." :
				    "The pages that were read ahead last time were not touched, "
				    "so the window is half as large.");
	}
	return 0;
}

static int measure_area(struct lab *lab, struct swapped *area)
{
	size_t page;
	int err;

	lab_begin(lab, "write");
	lab_write(area->block, PAGES, lab->page_size);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_ANON, PAGES);
	lab_explain(lab, "Then all pages are paged out to a file.");
	err = swapping_out(lab, area->block, PAGES);
	if (err)
		return err;
	swapping_cluster(SWAPPED_ORDER);
	err = swapped_forget(area);
	if (!err)
		err = ascend(area);
	if (!err)
		err = descend(area);
	if (!err)
		err = swapped_find(area, WINDOW, &page);
	if (err)
		return err;
	swapping_cluster(0);
	lab_begin(lab, "vm.page-cluster is 0");
	lab_read(area->block + page * lab->page_size, WINDOW, lab->page_size);
	lab_end(lab);
	lab_predict_major(lab, VMTRACE_CLASS_SWAP_READ, WINDOW);
	lab_explain(lab, "The pages are touched in order, but each is read by itself: the largest "
			 "window is 2 to the power of 0.");
	return 0;
}

static int measure(struct lab *lab)
{
	struct swapped area = { .lab = lab };
	int err;

	/* Aligned, because no window crosses the end of a page table. */
	area.block = lab_block(lab, PAGES, PAGES * lab->page_size);
	if (!area.block)
		return -ENOMEM;
	lab_hold_signals();
	err = swapping_start_file(lab, PAGES);
	if (!err)
		err = measure_area(lab, &area);
	swapping_stop();
	lab_release_signals();
	return err;
}

const struct lab_info lab_readahead = {
	.name = "readahead",
	.sentence = "a fault that reads a page from swap reads neighbours, too",
	.concept =
		"When the kernel reads a page back from swap on a disk, it reads neighbours "
		"ahead: they wait in the swap cache, where a touch finds them with a minor fault. "
		"The more of them are touched, the more pages the next read includes, up to 2 to "
		"the power of vm.page-cluster. If they are not touched, each read includes fewer, "
		"until a page is read alone.",
	.measure = measure,
};
