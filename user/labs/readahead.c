// SPDX-License-Identifier: GPL-2.0
/*
 * readahead - a page that is read back from a disk brings its neighbours
 *
 * Kernels read ahead by address, or by place in swap if a swap device rotates
 * (swap_use_vma_readahead(), mm/swap_state.c). Here both find the same pages: these stand in
 * swap as in memory, and pages are touched where the windows of both coincide.
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

/* Page by page, from one that is not a multiple of any window. */
static int ascend(struct swapped *area)
{
	struct lab *lab = area->lab;
	size_t page;
	int err = swapped_find(area, 2 * WINDOW, &page);

	if (err)
		return err;
	swapped_touch(area, "a page", page + 1, 1, 1, 0);
	lab_explain(lab, "The pages before this one were far apart, and nobody touched what was "
			 "read along with them: so now nothing is.");
	swapped_touch(area, "the next page", page + 2, 1, 2, 0);
	lab_explain(lab, "Its neighbour was read last: that is a hint, and one more is read.");
	for (size_t window = 4; window <= WINDOW; window *= 2) {
		swapped_touch(area, window == 4 ? "the next 2 pages" : "the next 4 pages",
			      page + 1 + window / 2, window / 2, window, 0);
		lab_explain(lab,
			    "What was read along is touched: minor faults, and hits. Then a page "
			    "must be read, and %s, and 2, rounded up to a power of two, make a "
			    "window of %zu.",
			    lab_count_of(window / 2 - 1, "hit", "hits"), window);
	}
	lab_begin(lab, "what was read along");
	lab_read(area->block + (page + WINDOW + 1) * lab->page_size, WINDOW - 1, lab->page_size);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_SWAP_CACHE, WINDOW - 1);
	lab_explain(lab, "All of them are in the swap cache: nobody waits for the disk.");
	return 0;
}

/* Here and there: a window is around the page, and nobody touches the rest of it. */
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
				    "allows, 2 to the power of 3. No neighbour was read last, so "
				    "it is around the page." :
				    "Nobody touched what was read along with the last one: the "
				    "window is half as large.");
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
	lab_explain(lab, "Then all of it is paged out to a file.");
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
	lab_explain(lab, "One after another, and still each page is read alone: the largest window "
			 "is 2 to the power of 0.");
	return 0;
}

static int measure(struct lab *lab)
{
	struct swapped area = { .lab = lab };
	int err;

	/* Aligned, for no window crosses the end of a page table. */
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
	.sentence = "a page that is read back from a disk brings its neighbours",
	.concept =
		"A page that is read back from swap on a disk brings neighbours along: they wait in "
		"the swap cache, where a touch finds them by a minor fault. The more of them are "
		"touched, the more the next page that must be read brings, up to 2 to the power of "
		"vm.page-cluster pages in all. If nobody touches them there are fewer each time, "
		"until pages here and there come alone.",
	.measure = measure,
};
