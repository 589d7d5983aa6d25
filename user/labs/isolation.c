// SPDX-License-Identifier: GPL-2.0
/*
 * isolation - one address, two processes, two pages
 */
#include <errno.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_child.h"
#include "labs/lib/steps.h"

#define PARENTS 1
#define CHILDS	2

static int as_child(struct lab *lab, void *argument)
{
	volatile int *value = argument;
	pid_t parent = getppid();

	lab_note(lab, "address in the child", "%p", argument);
	lab_number(lab, "the child reads", "", PARENTS, *value);
	memory_frame_is(lab, "frame in the child", 0, argument, memory_frame(parent, argument),
			true);

	lab_begin(lab, "child writes");
	*value = CHILDS;
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_COW_COPY, 1);
	lab_explain(lab,
		    "The parent uses the page, too: the child gets a copy, and writes to that. "
		    "Its page table has another frame now, at the same address.");
	memory_frame_is(lab, "frame in the child", 0, argument, memory_frame(parent, argument),
			false);
	lab_number(lab, "the child reads", "", CHILDS, *value);
	return 0;
}

static int measure(struct lab *lab)
{
	char *block = lab_block(lab, 1, 0);
	volatile int *value = (volatile int *)block;
	unsigned long long frame;
	int err, seen;

	if (!block)
		return -ENOMEM;

	lab_begin(lab, "parent writes");
	*value = PARENTS;
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_ANON, 1);
	lab_explain(lab, "This is the first touch of the page.");
	lab_note(lab, "address in the parent", "%p", (void *)block);
	frame = memory_frame(0, block);

	err = lab_child(lab, as_child, block);
	if (err)
		return err;

	lab_begin(lab, "parent reads");
	seen = *value;
	lab_end(lab);
	lab_predict_none(lab);
	lab_explain(lab, "The parent still has its own page, to which the child has not written.");
	lab_number(lab, "the parent reads", "", PARENTS, seen);
	memory_frame_is(lab, "frame in the parent", 0, block, frame, true);
	return 0;
}

const struct lab_info lab_isolation = {
	.name = "isolation",
	.sentence = "one address, two processes, two pages",
	.concept =
		"An address has a meaning only within a process: each process has page tables of "
		"its own, which map the page of an address to a frame of memory. After a fork the "
		"same address is mapped to the same frame in both processes, until one of them "
		"writes to private memory there. From then on there are two frames, and neither "
		"process sees what the other writes.",
	.measure = measure,
};
