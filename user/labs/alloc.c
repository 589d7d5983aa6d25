// SPDX-License-Identifier: GPL-2.0
/*
 * alloc - pages can be given back, and had in advance
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
	lab_explain(lab, "The addresses stay, the pages go, and with them what was in them.");

	lab_write_step(lab, "write again", block, pages);
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	lab_explain(lab,
		    "As if it had never been touched: munmap(2), and mmap(2) of another block, "
		    "would have cost the same.");

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
		    "The kernel touches them in advance, one after the other, in mmap itself.");

	lab_write_step(lab, "write", block, pages);
	lab_predict_none(lab);
	lab_explain(lab, "They are there: who must not wait later, paid before.");

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
	lab_explain(lab, "Locked pages are never paged out, so they must be there: mlock "
			 "faults them in, as MAP_POPULATE does.");

	lab_write_step(lab, "write", block, pages);
	lab_predict_none(lab);
	return 0;
}

const struct lab_info lab_alloc = {
	.name = "alloc",
	.sentence = "pages can be given back, and had in advance",
	.concept =
		"The kernel gives pages at the first touch, and takes them back when they are "
		"unmapped or declared unneeded; then the next touch is a first one again. A "
		"program can also have them in advance, with MAP_POPULATE or mlock. The faults "
		"are the same and as many, but the kernel takes them for the program, all at once.",
	.size = 1 << 20,
	.measure = measure,
};
