// SPDX-License-Identifier: GPL-2.0
/*
 * zero - memory that was only read is one page of zeros, shared by all
 */
#include <errno.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"

static int measure(struct lab *lab)
{
	size_t pages = lab_pages(lab);
	char *block = lab_block(lab, pages, 0);

	if (!block)
		return -ENOMEM;
	memory_entry(lab, "entry of the first page", 0, block, "none");

	lab_read_step(lab, "read", block, pages);
	lab_predict(lab, VMTRACE_CLASS_ZERO, pages);
	lab_explain(lab,
		    "Nothing was ever written there, so the pages read as zeros. Each fault "
		    "maps the same page of zeros, read-only: it costs a fault, but no memory.");
	memory_entry(lab, "entry of the first page", 0, block, "zero page, read-only");
	lab_number(lab, "memory of the block", "bytes", 0, memory_of_mapping(0, block, "Rss"));

	lab_write_step(lab, "write", block, pages);
	lab_predict(lab, VMTRACE_CLASS_COW_COPY, pages);
	lab_explain(lab,
		    "The zero page must stay zero: each write faults once more, and the kernel "
		    "allocates a page.");
	memory_entry(lab, "entry of the first page", 0, block, "page, writable");
	lab_number(lab, "memory of the block", "bytes", pages * lab->page_size,
		   memory_of_mapping(0, block, "Rss"));

	lab_write_step(lab, "write again", block, pages);
	lab_predict_none(lab);
	lab_explain(lab,
		    "A program that writes first, without reading, takes half as many faults.");
	return 0;
}

const struct lab_info lab_zero = {
	.name = "zero",
	.sentence = "memory that was only read is one page of zeros, shared by all",
	.concept =
		"Memory that a program asked for reads as zeros. As long as a page is only read, "
		"the kernel need not allocate memory for it: it maps one page of zeros, the same "
		"for all. The first write then faults again, and only then does the kernel "
		"allocate a page.",
	.size = 1 << 20,
	.measure = measure,
};
