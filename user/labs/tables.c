// SPDX-License-Identifier: GPL-2.0
/*
 * tables - page tables are memory, too, allocated at the first touch
 */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"

/* The increase of page tables in the last step, by the module. */
static long long increase(const struct lab *lab)
{
	return lab->after.vmtrace.pgtables_bytes - lab->before.vmtrace.pgtables_bytes;
}

static void show(struct lab *lab, long long before, long long tables)
{
	lab_number(lab, "page tables by VmPTE", "bytes more", tables * lab->page_size,
		   memory_of_process("VmPTE") - before);
	if (lab->vmtrace)
		lab_number(lab, "by vmtrace, in this step", "bytes more", tables * lab->page_size,
			   increase(lab));
}

static int measure(struct lab *lab)
{
	size_t page = lab->page_size, entries = page / sizeof(uint64_t);
	size_t stride = entries * page,
	       span = entries * stride;		       /* of a pte table, and of a pmd table */
	size_t tables = entries < 512 ? entries : 512; /* to limit memory with larger pages */
	long long before;
	char *reserve, *block;

	memory_of_process("VmPTE"); /* the first call may itself allocate memory */
	before = memory_of_process("VmPTE");

	lab_begin(lab, "mmap");
	reserve = mmap(NULL, 4 * span, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	lab_end(lab);
	if (reserve == MAP_FAILED)
		return lab_skip(lab,
				"%zu MiB of addresses cannot be mapped: is there a limit (ulimit "
				"-v), or is vm.overcommit_memory 2?",
				4 * span >> 20);
	lab_own(lab, reserve, 4 * span);
	lab_predict_none(lab);
	show(lab, before, 0);
	lab_explain(lab, "No tables are allocated for addresses that have not been touched.");

	/*
	 * block is a whole span of a pmd table inside the mapping, where no other mapping has
	 * tables. A page in the next span is touched, so that the tables above exist. If that page
	 * begins the span of a pud table, the next span is taken.
	 */
	block = reserve + (span - (uintptr_t)reserve % span) % span;
	if (((uintptr_t)block + span) % (entries * span) == 0)
		block += span;
	lab_write(block + span, 1, page);
	before = memory_of_process("VmPTE");

	lab_begin(lab, "touch");
	lab_write(block, tables, stride);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_ANON, tables);
	show(lab, before, tables + 1);
	lab_number(lab, "memory", "bytes", tables * page,
		   memory_of_mapping(0, block, "Rss") - (long long)page);
	lab_explain(lab,
		    "Each of the %zu pages needs a table of its own: %zu tables of the lowest "
		    "level, and one above that points to them. The tables take as much memory as "
		    "the pages; adjacent pages would have needed one table.",
		    tables, tables);

	lab_begin(lab, "munmap");
	munmap(block, span);
	lab_end(lab);
	lab_predict_none(lab);
	lab_number(lab, "page tables by VmPTE", "bytes more", 0,
		   memory_of_process("VmPTE") - before);
	lab_explain(lab, "The tables are freed together with the addresses.");
	return 0;
}

const struct lab_info lab_tables = {
	.name = "tables",
	.sentence = "page tables are memory, too, allocated at the first touch",
	.concept = "Page tables are pages themselves, taken from the same memory. The kernel "
		   "allocates one when the first page in its range is touched, not when addresses "
		   "are reserved. Scattered pages need many tables for little memory.",
	.measure = measure,
};
