// SPDX-License-Identifier: GPL-2.0
/*
 * huge - one fault can bring hundreds of pages
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "labs.h"
#include "memory.h"
#include "thp.h"

#define BLOCKS	  2	       /* of the size of a huge page */
#define TOO_LARGE (64LL << 20) /* with pages of 64 KiB it is 512 MiB: too much for a lab */

static void allow_huge(bool allow)
{
	prctl(PR_SET_THP_DISABLE, !allow, 0, 0, 0);
}

/* Are huge pages to be had now? Try it with memory that is given back at once. */
static bool are_free(struct lab *lab, size_t huge)
{
	size_t bytes = BLOCKS * huge;
	char *trial = mmap(NULL, bytes + huge, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *block;
	bool all;

	if (trial == MAP_FAILED)
		return false;
	block = (char *)(((uintptr_t)trial + huge - 1) / huge * huge);
	allow_huge(true);
	madvise(block, bytes, MADV_HUGEPAGE);
	lab_write(block, bytes / lab->page_size, lab->page_size);
	allow_huge(false);
	all = memory_of_mapping(0, block, "AnonHugePages") == (long long)bytes;
	munmap(trial, bytes + huge);
	return all;
}

static void measure_small(struct lab *lab, char *block, size_t huge)
{
	size_t pages = BLOCKS * huge / lab->page_size;

	lab_begin(lab, "small pages");
	lab_write(block, pages, lab->page_size);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	lab_explain(lab,
		    "prctl(PR_SET_THP_DISABLE) keeps huge pages out: one fault for each page.");
	memory_entry(lab, "entry of the first page", 0, block, "page, writable");
	lab_number(lab, "in huge pages", "bytes", 0, memory_of_mapping(0, block, "AnonHugePages"));
}

static void measure_huge(struct lab *lab, char *block, size_t huge)
{
	size_t pages = huge / lab->page_size;

	lab_begin(lab, "huge, one byte");
	lab_write(block, 1, lab->page_size);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_THP, 1);
	lab_explain(lab,
		    "One byte was written, and the fault brought a huge page: faults are saved "
		    "with memory that may never be used.");
	memory_entry(lab, "entry of the first page", 0, block, "huge page, writable");
	lab_number(lab, "memory of the block", "bytes", huge, memory_of_mapping(0, block, "Rss"));

	lab_begin(lab, "huge, the rest");
	lab_write(block, BLOCKS * pages, lab->page_size);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_THP, BLOCKS - 1);
	lab_explain(lab,
		    "%zu pages lie in each huge page, and one fault is due for all of them. Then "
		    "madvise(MADV_DONTNEED) gives the first one back.",
		    pages);
	lab_number(lab, "in huge pages", "bytes", BLOCKS * huge,
		   memory_of_mapping(0, block, "AnonHugePages"));
}

/* Give one small page of a huge one back, and touch it again. */
static void measure_split(struct lab *lab, char *block, size_t huge)
{
	size_t page_size = lab->page_size;

	madvise(block, page_size, MADV_DONTNEED);
	memory_entry(lab, "entry of the first page, given back", 0, block, "none");
	memory_entry(lab, "entry of the page behind it", 0, block + page_size, "page, writable");
	lab_number(lab, "memory of the block", "bytes", BLOCKS * huge - page_size,
		   memory_of_mapping(0, block, "Rss"));
	lab_begin(lab, "split");
	lab_write(block, huge / page_size, page_size);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_ANON, 1);
	lab_explain(lab,
		    "To give one page back the kernel split the huge entry into one for each small "
		    "page. The others are still there: only this one faults.");
}

static int measure(struct lab *lab)
{
	long long huge = memory_setting(THP_DIR "/hpage_pmd_size");
	unsigned long orders = thp_orders(THP_DIR, lab->page_size);
	size_t pages = BLOCKS * huge / lab->page_size;
	char *small, *large;

	if (huge <= 0)
		return lab_skip(lab, "this kernel has no transparent huge pages: take one with "
				     "CONFIG_TRANSPARENT_HUGEPAGE");
	if (huge > TOO_LARGE)
		return lab_skip(
			lab,
			"a huge page has %lld bytes here, too much for a lab: take a kernel "
			"with smaller pages",
			huge);
	if (!(orders & (unsigned long)(huge / lab->page_size)))
		return lab_skip(lab,
				"huge pages are off: echo madvise | sudo tee " THP_DIR "/enabled");
	small = lab_block(lab, pages, huge);
	large = lab_block(lab, pages, huge);
	if (!small || !large)
		return -ENOMEM;
	/* Memory is fragmented: the kernel can move pages together, if root asks for it. */
	if (!are_free(lab, huge)) {
		memory_set("/proc/sys/vm/compact_memory", "1");
		if (!are_free(lab, huge))
			return lab_skip(
				lab, "the kernel has no huge page to give: free some memory, then "
				     "echo 1 | sudo tee /proc/sys/vm/compact_memory");
	}
	measure_small(lab, small, huge);

	allow_huge(true);
	if (madvise(large, BLOCKS * huge, MADV_HUGEPAGE) != 0)
		return -errno;
	measure_huge(lab, large, huge);
	allow_huge(false);
	measure_split(lab, large, huge);
	return 0;
}

const struct lab_info lab_huge = {
	.name = "huge",
	.sentence = "one fault can bring hundreds of pages at once",
	.concept =
		"The CPU can map a large aligned piece of memory with one entry, one level above that "
		"of small pages: a huge page. If a program asks for it by madvise(MADV_HUGEPAGE), or "
		"the machine is set up so, the first touch brings all of it in one fault. That saves "
		"faults and page tables, but it can take more memory than is used.",
	.measure = measure,
};
