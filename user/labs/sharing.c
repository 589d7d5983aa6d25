// SPDX-License-Identifier: GPL-2.0
/*
 * sharing - two processes, one page: each faults for itself
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_child.h"
#include "labs/lib/steps.h"

struct shared {
	char *block;
	size_t pages;
	size_t bytes;
};

/* The parent waits meanwhile, so both processes have the memory mapped. */
static int as_child(struct lab *lab, void *argument)
{
	const struct shared *s = argument;
	unsigned long long theirs;

	memory_entry(lab, "entry in the child", 0, s->block, "none");
	lab_number(lab, "memory that the child has mapped", "bytes", 0,
		   memory_of_mapping(0, s->block, "Rss"));

	lab_write_step(lab, "the child writes", s->block + 1, s->pages);
	lab_predict(lab, VMTRACE_CLASS_SHMEM, s->pages);
	lab_explain(lab, "The pages are in memory, but not in the child's page tables: each takes "
			 "a fault, which allocates no page.");
	theirs = memory_frame(getppid(), s->block);
	if (theirs)
		lab_fact(lab, "frame of the first page", "that of the parent",
			 memory_frame(0, s->block) == theirs ? "that of the parent" : "another");
	lab_number(lab, "Rss of the parent", "bytes", s->bytes,
		   memory_of_mapping(getppid(), s->block, "Rss"));
	lab_number(lab, "Rss of the child", "bytes", s->bytes,
		   memory_of_mapping(0, s->block, "Rss"));
	lab_number(lab, "Pss of the parent", "bytes", s->bytes / 2,
		   memory_of_mapping(getppid(), s->block, "Pss"));
	lab_number(lab, "Pss of the child", "bytes", s->bytes / 2,
		   memory_of_mapping(0, s->block, "Pss"));
	return 0;
}

static int measure(struct lab *lab)
{
	struct shared s = { .pages = lab_pages(lab) };
	long long same = 0;
	int err;

	s.bytes = s.pages * lab->page_size;
	s.block = mmap(NULL, s.bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s.block == MAP_FAILED)
		return -errno;
	lab_own(lab, s.block, s.bytes);

	lab_write_step(lab, "the parent writes", s.block, s.pages);
	lab_predict(lab, VMTRACE_CLASS_SHMEM, s.pages);
	lab_number(lab, "Pss of the parent", "bytes", s.bytes,
		   memory_of_mapping(0, s.block, "Pss"));
	lab_explain(lab, "Shared memory is a file without a name: the first touch allocates the "
			 "page.");

	err = lab_child(lab, as_child, &s);
	if (err)
		return err;

	lab_begin(lab, "the parent reads");
	same = (long long)lab_intact(s.block + 1, s.pages, lab->page_size);
	lab_end(lab);
	lab_predict_none(lab);
	lab_number(lab, "pages with what the child wrote", "pages", s.pages, same);
	lab_number(lab, "Pss of the parent", "bytes", s.bytes,
		   memory_of_mapping(0, s.block, "Pss"));
	lab_explain(lab, "Both processes use the same pages, so the parent reads what the child "
			 "wrote, without a fault. The child has exited, so the whole Pss is the "
			 "parent's again.");
	munmap(s.block, s.bytes);
	return 0;
}

const struct lab_info lab_sharing = {
	.name = "sharing",
	.sentence = "two processes, one page: each faults for itself",
	.concept = "With MAP_SHARED two processes use the same pages: what one writes, the other "
		   "reads. Each process has its own page tables, so each takes its own faults, "
		   "also for pages that the other has touched before. Rss counts a page in every "
		   "process that maps it; Pss counts it once, in equal parts.",
	.size = 1 << 20,
	.measure = measure,
};
