// SPDX-License-Identifier: GPL-2.0
/*
 * space - addresses are not memory: a large mapping may have few pages
 */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"

static int measure(struct lab *lab)
{
	/*
	 * As many pages as a page table has entries, but at most 512, to limit memory with larger
	 * pages.
	 */
	size_t page = lab->page_size, entries = page / sizeof(uint64_t), stride = entries * page;
	size_t pages = entries < 512 ? entries : 512;
	long long size;
	char *block;

	memory_of_process("VmSize"); /* the first call may itself allocate memory */
	size = memory_of_process("VmSize");

	lab_begin(lab, "mmap");
	block = mmap(NULL, pages * stride, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	lab_end(lab);
	if (block == MAP_FAILED)
		return lab_skip(lab,
				"%zu MiB of addresses cannot be mapped: is there a limit (ulimit "
				"-v), or is vm.overcommit_memory 2?",
				pages * stride >> 20);
	lab_own(lab, block, pages * stride);
	lab_predict_none(lab);
	lab_number(lab, "addresses", "MiB more", pages * stride >> 20,
		   (memory_of_process("VmSize") - size) >> 20);
	lab_number(lab, "memory of the mapping", "bytes", 0, memory_of_mapping(0, block, "Rss"));
	lab_explain(lab, "The kernel stores the range of addresses in one vm_area_struct, and "
			 "does nothing else.");

	lab_begin(lab, "touch a few");
	lab_write(block, pages, stride);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	lab_number(lab, "memory of the mapping", "bytes", pages * page,
		   memory_of_mapping(0, block, "Rss"));
	memory_entry(lab, "entry of a page that was touched", 0, block + stride, "page, writable");
	memory_entry(lab, "entry of the next page", 0, block + stride + page, "none");
	lab_explain(lab,
		    "%zu pages were touched, %zu KiB apart: memory is allocated for these pages, "
		    "and none for those in between.",
		    pages, stride >> 10);
	return 0;
}

const struct lab_info lab_space = {
	.name = "space",
	.sentence = "addresses are not memory: a large mapping may have few pages",
	.concept = "A process has a virtual address space, usually far larger than the memory of "
		   "the machine. mmap only reserves a part of it: VmSize grows, but no page is "
		   "allocated. Memory (RSS) grows by one page at a time, where the program "
		   "touches it.",
	.measure = measure,
};
