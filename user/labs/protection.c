// SPDX-License-Identifier: GPL-2.0
/*
 * protection - mprotect forbids, and allows again; what is in memory stays there
 */
#include <errno.h>
#include <sys/mman.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"
#include "labs/lib/try_access.h"

/* The last step was a forbidden access: it failed before there was anything to count. */
static void expect_sigsegv(struct lab *lab, const char *signal)
{
	lab_predict_none(lab);
	lab_fact(lab, "signal", "SIGSEGV (SEGV_ACCERR)", signal);
	if (lab->vmtrace)
		lab_number(lab, "segv_accerr", "more", 1,
			   lab->after.vmtrace.segv_accerr - lab->before.vmtrace.segv_accerr);
}

static int measure(struct lab *lab)
{
	size_t pages = lab_pages(lab), bytes = pages * lab->page_size;
	char *written = lab_block(lab, pages, 0), *only_read = lab_block(lab, pages, 0);
	const char *signal;

	if (!written || !only_read)
		return -ENOMEM;
	lab_write(written, pages, lab->page_size);
	lab_read(only_read, pages, lab->page_size);
	memory_entry(lab, "entry of a written page", 0, written, "page, writable");

	if (mprotect(written, bytes, PROT_READ) != 0 || mprotect(only_read, bytes, PROT_READ) != 0)
		return -errno;
	lab_begin(lab, "write, forbidden");
	signal = memory_try_write(written);
	lab_end(lab);
	expect_sigsegv(lab, signal);
	memory_entry(lab, "entry of a written page", 0, written, "page, read-only");
	lab_explain(lab, "The page is there, but the mapping is PROT_READ: the kernel looks at the "
			 "mapping first, and sends a signal instead of counting a fault.");

	if (mprotect(written, bytes, PROT_READ | PROT_WRITE) != 0 ||
	    mprotect(only_read, bytes, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	memory_entry(lab, "entry once it is allowed", 0, written, "page, writable");
	lab_write_step(lab, "write, allowed again", written, pages);
	/* can_change_pte_writable(), mm/mprotect.c: in 6.1, 6.12 and 7.2. */
	lab_predict_none(lab);
	lab_explain(lab, "These pages belong to nobody else, so mprotect(2) made their entries "
			 "writable at once.");

	memory_entry(lab, "entry of a page only read", 0, only_read, "zero page, read-only");
	lab_write_step(lab, "write the others", only_read, pages);
	lab_predict(lab, VMTRACE_CLASS_COW_COPY, pages);
	lab_explain(lab, "Here is the zero page, which nobody may write: PROT_WRITE allows the "
			 "program to ask, and each page still faults for one of its own.");

	if (mprotect(written, bytes, PROT_NONE) != 0)
		return -errno;
	lab_begin(lab, "read, forbidden");
	signal = memory_try_read(written);
	lab_end(lab);
	expect_sigsegv(lab, signal);
	lab_number(lab, "memory of the block", "bytes", bytes,
		   memory_of_mapping(0, written, "Rss"));
	lab_explain(lab, "PROT_NONE forbids even to read, but gives nothing back: the pages stay.");

	if (mprotect(written, bytes, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	lab_write_step(lab, "write, after all", written, pages);
	lab_predict_none(lab);
	memory_entry(lab, "entry of a written page", 0, written, "page, writable");
	lab_explain(lab, "They are the pages of the beginning.");
	return 0;
}

const struct lab_info lab_protection = {
	.name = "protection",
	.sentence = "mprotect forbids, and allows again; what is in memory stays there",
	.concept =
		"Each mapping has permissions, and mprotect(2) changes them. An access that they "
		"forbid is no fault that the kernel could serve: the program gets SIGSEGV with "
		"the code SEGV_ACCERR, where SEGV_MAPERR would say that nothing is mapped. The "
		"pages stay in memory, so what is allowed again costs no fault, unless the page "
		"is shared and the first write needs a copy.",
	.size = 1 << 20,
	.measure = measure,
};
