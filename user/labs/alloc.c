// SPDX-License-Identifier: GPL-2.0
/*
 * alloc - pages can be given back, and allocated in advance
 */
#include <errno.h>
#include <sys/mman.h>

#include "core/format.h"
#include "core/record.h"
#include "labs/lib/blocks.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"

static void show_memory(struct lab *lab, const char *block, long long bytes)
{
	lab_number(lab, "memory of the block", "bytes", bytes, memory_of_mapping(0, block, "Rss"));
}

static int measure(struct lab *lab)
{
	size_t pages = lab_pages(lab), bytes = pages * lab->page_size;
	char *block = lab_block(lab, pages, 0);
	int err;

	if (!block)
		return -ENOMEM;
	lab_write_step(lab, "write", block, pages);
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	show_memory(lab, block, bytes);

	lab_begin(lab, "MADV_DONTNEED");
	madvise(block, bytes, MADV_DONTNEED);
	lab_end(lab);
	lab_predict_none(lab);
	show_memory(lab, block, 0);
	lab_explain(lab, "The addresses stay mapped, but the pages are freed, and their contents "
			 "are lost.");

	lab_write_step(lab, "write again", block, pages);
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	lab_explain(lab, "Each page faults as if it had never been touched. munmap(2), and then "
			 "mmap(2) of another block, would have cost as many faults.");

	lab_begin(lab, "MAP_POPULATE");
	block = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	lab_end(lab);
	if (block == MAP_FAILED)
		return -errno;
	lab_own(lab, block, bytes);
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	lab_predict_origin(lab, VMTRACE_ORIGIN_GUP, pages);
	lab_explain(lab,
		    "The kernel faults all pages in, one after the other, within mmap itself.");

	lab_write_step(lab, "write", block, pages);
	lab_predict_none(lab);
	lab_explain(lab, "The pages are present: the program took the faults in advance, and need "
			 "not wait for them now.");

	block = lab_block(lab, pages, 0);
	if (!block)
		return -ENOMEM;
	lab_begin(lab, "mlock");
	err = mlock(block, bytes) != 0 ? errno : 0;
	lab_end(lab);
	if (err)
		return lab_skip(lab,
				"%zu bytes cannot be locked: raise the limit (ulimit -l), or "
				"try: sudo vmtrace lab alloc",
				bytes);
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	lab_predict_origin(lab, VMTRACE_ORIGIN_GUP, pages);
	lab_explain(lab, "Locked pages are never paged out, so they must be present: mlock faults "
			 "them in, as MAP_POPULATE does.");

	lab_write_step(lab, "write", block, pages);
	lab_predict_none(lab);
	return 0;
}

const struct lab_info lab_alloc = {
	.name = "alloc",
	.sentence = "pages can be given back, and allocated in advance",
	.concept =
		"The kernel allocates a page at its first touch, and frees it when it is unmapped "
		"or declared unneeded (MADV_DONTNEED); then the next touch is a first touch "
		"again. A program can also allocate its pages in advance, with MAP_POPULATE or "
		"mlock. That takes as many faults, but the kernel takes them for the program, all "
		"at once.",
	.size = 1 << 20,
	.measure = measure,
};
