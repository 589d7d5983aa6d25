// SPDX-License-Identifier: GPL-2.0
/*
 * protection - mprotect forbids and allows accesses; the pages stay in memory
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

/*
 * The last step was a forbidden access: it failed before handle_mm_fault(), so no fault was
 * counted.
 */
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
	lab_explain(lab, "The page is present, but the mapping is PROT_READ: the kernel checks "
			 "the mapping first, and sends a signal instead of counting a fault.");

	if (mprotect(written, bytes, PROT_READ | PROT_WRITE) != 0 ||
	    mprotect(only_read, bytes, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	memory_entry(lab, "entry once it is allowed", 0, written, "page, writable");
	lab_write_step(lab, "write, allowed again", written, pages);
	/* can_change_pte_writable(), mm/mprotect.c: in 6.1, 6.12 and 7.2. */
	lab_predict_none(lab);
	lab_explain(lab, "No other process uses these pages, so mprotect(2) made their entries "
			 "writable at once.");

	memory_entry(lab, "entry of a page only read", 0, only_read, "zero page, read-only");
	lab_write_step(lab, "write the others", only_read, pages);
	lab_predict(lab, VMTRACE_CLASS_COW_COPY, pages);
	lab_explain(lab, "The entries map the zero page, which must not be written. PROT_WRITE "
			 "allows the program to write, but each write faults first, and gets a "
			 "page of its own.");

	if (mprotect(written, bytes, PROT_NONE) != 0)
		return -errno;
	lab_begin(lab, "read, forbidden");
	signal = memory_try_read(written);
	lab_end(lab);
	expect_sigsegv(lab, signal);
	lab_number(lab, "memory of the block", "bytes", bytes,
		   memory_of_mapping(0, written, "Rss"));
	lab_explain(lab, "PROT_NONE forbids even reading, but frees nothing: the pages stay in "
			 "memory.");

	if (mprotect(written, bytes, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	lab_write_step(lab, "write, after all", written, pages);
	lab_predict_none(lab);
	memory_entry(lab, "entry of a written page", 0, written, "page, writable");
	lab_explain(lab, "These are still the pages of the first step.");
	return 0;
}

const struct lab_info lab_protection = {
	.name = "protection",
	.sentence = "mprotect forbids and allows accesses; the pages stay in memory",
	.concept =
		"Each mapping has permissions, and mprotect(2) changes them. The kernel does not "
		"handle an access that they forbid: the program gets SIGSEGV with the code "
		"SEGV_ACCERR; SEGV_MAPERR would mean that nothing is mapped. The pages stay in "
		"memory, so an access that is allowed again takes no fault, unless the page is "
		"shared and the first write needs a copy.",
	.size = 1 << 20,
	.measure = measure,
};
