// SPDX-License-Identifier: GPL-2.0
/* swapped.c - see swapped.h */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/disk_file.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"
#include "labs/lib/swapped.h"

#define PAGES	 SWAPPED_PAGES
#define WINDOW	 SWAPPED_WINDOW
#define DEADLINE 5 /* seconds */

/*
 * The offset of a page in swap (Documentation/admin-guide/mm/pagemap.rst); 0 if it is not in swap.
 */
static uint64_t place_of(int pagemap, const char *page, size_t page_size)
{
	uint64_t entry = 0;

	if (pread(pagemap, &entry, sizeof(entry), (uintptr_t)page / page_size * sizeof(entry)) !=
		    sizeof(entry) ||
	    !(entry >> 62 & 1))
		return 0;
	return (entry & ((1ULL << 55) - 1)) >> 5;
}

static void read_there(const struct swapped *area, unsigned char there[PAGES])
{
	if (mincore(area->block, PAGES * area->lab->page_size, there) != 0)
		memset(there, 0, PAGES);
}

int swapped_find(struct swapped *area, size_t pages, size_t *found)
{
	const size_t page_size = area->lab->page_size;
	size_t run = 0, from = PAGES;
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t last = 0;

	read_there(area, area->there);
	for (size_t i = area->next; run < pages && i < PAGES; i++) {
		uint64_t place = place_of(pagemap, area->block + i * page_size, page_size);

		/* An earlier, larger window may have included this page. */
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
	/* Leave a gap, so that no window reaches pages that are used later. */
	area->next = from + pages + WINDOW;
	return run == pages ? 0 :
			      lab_skip(area->lab, "the pages are not adjacent in swap: try again "
						  "when nothing else is swapped out");
}

/*
 * Touch pages, as a step if that is not NULL, and wait for the pages that are read ahead. Returns
 * their number: the kernel counts them in swap_ra before it waits for the page that is touched.
 */
static long long fetch(struct swapped *area, const char *step, size_t page, size_t pages)
{
	struct lab *lab = area->lab;
	const size_t page_size = lab->page_size, last = page + pages - 1;
	long long due = memory_events("swap_ra");
	unsigned char there[PAGES];
	time_t end;

	read_there(area, area->there);
	if (step)
		lab_begin(lab, step);
	lab_read(area->block + page * page_size, pages, page_size);
	if (step)
		lab_end(lab);
	due = memory_events("swap_ra") - due;
	end = time(NULL) + DEADLINE;
	do {
		read_there(area, there);
		area->before = area->after = 0;
		for (size_t i = 0; i < PAGES; i++)
			if (i != last && there[i] & ~area->there[i] & 1)
				++*(i < last ? &area->before : &area->after);
		memory_await_unlocked();
	} while ((long long)(area->before + area->after) < due && time(NULL) < end);
	return due;
}

int swapped_forget(struct swapped *area)
{
	size_t page;
	int err = swapped_find(area, WINDOW, &page);

	if (!err && fetch(area, NULL, page, WINDOW) == 0)
		err = lab_skip(area->lab,
			       "the kernel does not read ahead in this swap file: set TMPDIR to a "
			       "directory on a disk");
	while (!err) {
		err = swapped_find(area, WINDOW, &page);
		if (!err && fetch(area, NULL, page, 1) == 0)
			break;
	}
	return err;
}

void swapped_touch(struct swapped *area, const char *step, size_t page, size_t pages, size_t window,
		   size_t before)
{
	struct lab *lab = area->lab;
	char due[LAB_WORDS], is[LAB_WORDS];

	fetch(area, step, page, pages);
	if (pages > 1)
		lab_predict(lab, VMTRACE_CLASS_SWAP_CACHE, pages - 1);
	lab_predict_major(lab, VMTRACE_CLASS_SWAP_READ, 1);
	snprintf(due, sizeof(due), "%zu before it, %zu after it", before, window - 1 - before);
	snprintf(is, sizeof(is), "%zu before it, %zu after it", area->before, area->after);
	lab_fact(lab, "pages read ahead", due, is);
}
