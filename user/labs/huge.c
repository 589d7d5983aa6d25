// SPDX-License-Identifier: GPL-2.0
/*
 * huge - one fault can map hundreds of pages
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"
#include "sources/thp.h"

#define BLOCKS	  2	       /* of the size of a huge page */
#define TOO_LARGE (64LL << 20) /* with pages of 64 KiB a huge page has 512 MiB */

static void allow_huge(bool allow)
{
	prctl(PR_SET_THP_DISABLE, !allow, 0, 0, 0);
}

/* Can the kernel allocate huge pages now? Try it, and free them at once. */
static bool are_free(struct lab *lab, size_t huge)
{
	size_t bytes = BLOCKS * huge, pages = bytes / lab->page_size;
	char *trial = lab_block(lab, pages, huge);
	bool all;

	if (!trial)
		return false;
	allow_huge(true);
	madvise(trial, bytes, MADV_HUGEPAGE);
	lab_write(trial, pages, lab->page_size);
	allow_huge(false);
	all = memory_of_mapping(0, trial, "AnonHugePages") == (long long)bytes;
	munmap(trial, bytes);
	return all;
}

/* Returns what measure() returns. */
static int check(struct lab *lab, long long huge)
{
	if (huge <= 0)
		return lab_skip(lab, "this kernel has no transparent huge pages: boot one with "
				     "CONFIG_TRANSPARENT_HUGEPAGE");
	if (huge > TOO_LARGE)
		return lab_skip(lab,
				"a huge page has %lld bytes here, too many for a lab: boot a "
				"kernel with smaller pages",
				huge);
	/* The bit of an order equals the number of its pages. */
	if (!(thp_orders(THP_DIR, lab->page_size) & (unsigned long)(huge / lab->page_size)))
		return lab_skip(lab,
				"huge pages are off: echo madvise | sudo tee " THP_DIR "/enabled");
	if (are_free(lab, huge))
		return 0;
	/* Memory is fragmented: root can ask the kernel to compact it. */
	memory_set("/proc/sys/vm/compact_memory", "1");
	if (are_free(lab, huge))
		return 0;
	return lab_skip(lab, "no huge page is free: free some memory, then echo 1 | sudo tee "
			     "/proc/sys/vm/compact_memory");
}

static int measure(struct lab *lab)
{
	long long huge = memory_setting(THP_DIR "/hpage_pmd_size");
	size_t page_size = lab->page_size, pages = huge / lab->page_size; /* of a huge page */
	int err = check(lab, huge);
	char *small, *large;

	if (err)
		return err;
	small = lab_block(lab, BLOCKS * pages, huge);
	large = lab_block(lab, BLOCKS * pages, huge);
	if (!small || !large)
		return -ENOMEM;

	lab_write_step(lab, "small pages", small, BLOCKS * pages);
	lab_predict(lab, VMTRACE_CLASS_ANON, BLOCKS * pages);
	memory_entry(lab, "entry of the first page", 0, small, "page, writable");
	lab_number(lab, "in huge pages", "bytes", 0, memory_of_mapping(0, small, "AnonHugePages"));
	lab_explain(lab,
		    "prctl(PR_SET_THP_DISABLE) disables huge pages, so each page takes a fault.");

	allow_huge(true);
	if (madvise(large, BLOCKS * huge, MADV_HUGEPAGE) != 0)
		return -errno;
	lab_write_step(lab, "huge, one byte", large, 1);
	lab_predict(lab, VMTRACE_CLASS_THP, 1);
	memory_entry(lab, "entry of the first page", 0, large, "huge page, writable");
	lab_number(lab, "memory of the block", "bytes", huge, memory_of_mapping(0, large, "Rss"));
	lab_explain(lab, "One byte was written, and the fault mapped a huge page: that saves "
			 "faults, but takes memory that may never be used.");

	lab_write_step(lab, "huge, the rest", large, BLOCKS * pages);
	lab_predict(lab, VMTRACE_CLASS_THP, BLOCKS - 1);
	lab_number(lab, "in huge pages", "bytes", BLOCKS * huge,
		   memory_of_mapping(0, large, "AnonHugePages"));
	allow_huge(false);
	madvise(large, page_size, MADV_DONTNEED);
	memory_entry(lab, "entry of the first page, given back", 0, large, "none");
	memory_entry(lab, "entry of the next page", 0, large + page_size, "page, writable");
	lab_number(lab, "memory without that page", "bytes", BLOCKS * huge - page_size,
		   memory_of_mapping(0, large, "Rss"));
	lab_explain(lab,
		    "A huge page has %zu pages, and one fault maps all of them. Then "
		    "madvise(MADV_DONTNEED) gave the first page back.",
		    pages);

	lab_write_step(lab, "split", large, pages);
	lab_predict(lab, VMTRACE_CLASS_ANON, 1);
	lab_explain(lab, "To free one page the kernel split the huge entry into an entry for each "
			 "small page. The other pages are still present: only this one faults.");
	return 0;
}

const struct lab_info lab_huge = {
	.name = "huge",
	.sentence = "one fault can map hundreds of pages at once",
	.concept =
		"The CPU can map a large aligned piece of memory with one entry, one level above "
		"that of small pages: a huge page. If a program asks for it by "
		"madvise(MADV_HUGEPAGE), or the machine is set up so, and such a piece is free, "
		"the first touch maps all of it in one fault. That saves faults and page tables, "
		"but it can take more memory than is used.",
	.measure = measure,
};
