// SPDX-License-Identifier: GPL-2.0
/*
 * readahead - a page that is read back from a disk brings its neighbours
 *
 * Kernels read ahead by address, or by place in swap if a swap device rotates
 * (swap_use_vma_readahead(), mm/swap_state.c). Here both find the same pages: these stand in
 * swap as in memory, and pages are touched where the windows of both coincide.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "labs.h"
#include "memory.h"
#include "swapping.h"

#define PAGES	 256
#define ORDER	 3 /* vm.page-cluster, as kernels have it unless told otherwise */
#define WINDOW	 ((size_t)1 << ORDER)
#define DEADLINE 5 /* seconds */

struct area {
	struct lab *lab;
	char *block;
	size_t next; /* page from where none was used yet */
	unsigned char there[PAGES];
	size_t before, behind; /* the last page that was touched: read along, and there */
};

/* The place of a page in swap: Documentation/admin-guide/mm/pagemap.rst; 0 if it has none. */
static uint64_t place_of(int pagemap, const char *page, size_t page_size)
{
	uint64_t entry = 0;

	if (pread(pagemap, &entry, sizeof(entry), (uintptr_t)page / page_size * sizeof(entry)) !=
		    sizeof(entry) ||
	    !(entry >> 62 & 1))
		return 0;
	return (entry & ((1ULL << 55) - 1)) >> 5;
}

static void look(const struct area *area, unsigned char there[PAGES])
{
	if (mincore(area->block, PAGES * area->lab->page_size, there) != 0)
		memset(there, 0, PAGES);
}

/* So many pages, not used yet, that stand side by side in swap, from a multiple of WINDOW on. */
static int find_run(struct area *area, size_t pages, size_t *found)
{
	const size_t page_size = area->lab->page_size;
	size_t run = 0, from = PAGES;
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t last = 0;

	look(area, area->there);
	for (size_t i = area->next; run < pages && i < PAGES; i++) {
		uint64_t place = place_of(pagemap, area->block + i * page_size, page_size);

		/* A window that was larger may have reached it. */
		if (area->there[i] & 1)
			place = 0;
		if (run > 0 && place == last + 1)
			run++;
		else
			run = place > 0 && place % WINDOW == 0;
		if (run == 1)
			from = i;
		last = place;
	}
	if (pagemap >= 0)
		close(pagemap);
	*found = from;
	/* No window around these reaches one around others. */
	area->next = from + pages + WINDOW;
	return run == pages ? 0 :
			      lab_skip(area->lab, "the pages do not stand side by side in swap: "
						  "try again when nothing else is swapped out");
}

/*
 * Touch pages, as a step if it has a name, and wait for what is read along. Returns how many
 * pages that is: the kernel counts them in swap_ra before it waits for the one that is touched.
 */
static long long fetch(struct area *area, const char *step, size_t page, size_t pages)
{
	struct lab *lab = area->lab;
	const size_t page_size = lab->page_size, last = page + pages - 1;
	long long due = memory_events("swap_ra");
	unsigned char there[PAGES];
	time_t end;

	look(area, area->there);
	if (step)
		lab_begin(lab, step);
	lab_read(area->block + page * page_size, pages, page_size);
	if (step)
		lab_end(lab);
	due = memory_events("swap_ra") - due;
	end = time(NULL) + DEADLINE;
	do {
		look(area, there);
		area->before = area->behind = 0;
		for (size_t i = 0; i < PAGES; i++)
			if (i != last && there[i] & ~area->there[i] & 1)
				++*(i < last ? &area->before : &area->behind);
		/* In any case once: a page is unlocked just after it can be seen. */
		usleep(1000);
	} while ((long long)(area->before + area->behind) < due && time(NULL) < end);
	return due;
}

/* Until nothing is read ahead: then what was before is forgotten. */
static int forget(struct area *area)
{
	size_t page;
	int err = find_run(area, WINDOW, &page);

	if (!err && fetch(area, NULL, page, WINDOW) == 0)
		err = lab_skip(area->lab,
			       "nothing is read ahead of this swap file: set TMPDIR to a directory "
			       "on a disk");
	while (!err) {
		err = find_run(area, WINDOW, &page);
		if (!err && fetch(area, NULL, page, 1) == 0)
			break;
	}
	return err;
}

/*
 * A step: touch pages, of which the last is in swap and the others are in the swap cache. A
 * window of so many pages is read, with these before that page.
 */
static void touch(struct area *area, const char *step, size_t page, size_t pages, size_t window,
		  size_t before)
{
	struct lab *lab = area->lab;
	char due[LAB_WORDS], is[LAB_WORDS];

	fetch(area, step, page, pages);
	if (pages > 1)
		lab_predict(lab, VMTRACE_CLASS_SWAP_CACHE, pages - 1);
	lab_predict_major(lab, VMTRACE_CLASS_SWAP_READ, 1);
	snprintf(due, sizeof(due), "%zu before it, %zu behind", before, window - 1 - before);
	snprintf(is, sizeof(is), "%zu before it, %zu behind", area->before, area->behind);
	lab_fact(lab, "pages read along", due, is);
}

/* Page by page, from one that is not a multiple of any window. */
static int ascend(struct area *area)
{
	struct lab *lab = area->lab;
	size_t page;
	int err = find_run(area, 2 * WINDOW, &page);

	if (err)
		return err;
	touch(area, "a page", page + 1, 1, 1, 0);
	lab_explain(lab, "The pages before this one were far apart, and nobody touched what was "
			 "read along with them: so now nothing is.");
	touch(area, "the next page", page + 2, 1, 2, 0);
	lab_explain(lab, "Its neighbour was read last: that is a hint, and one more is read.");
	for (size_t window = 4; window <= WINDOW; window *= 2) {
		touch(area, window == 4 ? "the next 2 pages" : "the next 4 pages",
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
static int descend(struct area *area)
{
	static const char *const names[] = { "a page far away", "another one", "a third one",
					     "a fourth one" };
	size_t window = WINDOW, page;

	for (size_t i = 0; window > 0; i++, window /= 2) {
		/* __swapin_nr_pages() and swap_vma_ra_win(), mm/swap_state.c. */
		const size_t before = (window - 1) / 2;
		int err = find_run(area, WINDOW, &page);

		if (err)
			return err;
		touch(area, names[i], page + before, 1, window, before);
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

static int measure_area(struct lab *lab, struct area *area)
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
	swapping_cluster(ORDER);
	err = forget(area);
	if (!err)
		err = ascend(area);
	if (!err)
		err = descend(area);
	if (!err)
		err = find_run(area, WINDOW, &page);
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
	struct area area = { .lab = lab };
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
