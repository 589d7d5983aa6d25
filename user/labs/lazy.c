// SPDX-License-Identifier: GPL-2.0
/*
 * lazy - malloc hands out addresses; memory comes at the first touch
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/lab.h"
#include "labs/lib/pages.h"
#include "labs/lib/steps.h"

/*
 * Run the code that will be measured, but leave its memory untouched: the block is freed without
 * being written, and memset() writes to another one.
 */
static int warm_up(struct lab *lab)
{
	static char other[1 << 20];

	for (int round = 0; round < 2; round++) {
		char *block;

		lab_begin(lab, "warm-up");
		block = malloc(lab->size);
		lab_keep(block);
		lab_end(lab);
		lab_forget(lab);
		if (!block)
			return -ENOMEM;
		free(block);
	}
	lab_begin(lab, "warm-up");
	memset(other, 1, lab->size < sizeof(other) ? lab->size : sizeof(other));
	lab_keep(other);
	lab_end(lab);
	lab_forget(lab);
	return 0;
}

static int measure(struct lab *lab)
{
	size_t page_size = (size_t)lab->page_size;
	struct pages_cost cost;
	struct range span;
	char *block;
	int err;

	/*
	 * Fix the threshold: otherwise the free() of the warm-up would raise it for the next
	 * malloc().
	 */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	err = warm_up(lab);
	if (err)
		return err;
	lab_start(lab);

	lab_begin(lab, "malloc");
	block = malloc(lab->size);
	lab_keep(block);
	lab_end(lab);
	if (!block)
		return -ENOMEM;

	span = pages_spanned((uintptr_t)block, lab->size, page_size);
	err = pages_predict_now(span, page_size, 0, &cost);
	if (err)
		goto out;
	lab_explain(lab, "The block spans %s, of which %s in memory now. %s",
		    lab_count_of(pages_in(span, page_size), "page", "pages"),
		    lab_count_of(cost.present, "is", "are"),
		    lab_cost(lab) ? "malloc itself touched memory: it stores its own data next to "
				    "the block." :
				    "malloc took no fault: it wrote only to pages that were "
				    "present.");

	lab_begin(lab, "first memset");
	memset(block, 1, lab->size);
	lab_keep(block);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_ANON, (long long)cost.faults);
	lab_explain(lab, "%s not present; each of them takes a fault.",
		    lab_count_of(cost.faults, "page was", "pages were"));

	lab_begin(lab, "second memset");
	memset(block, 2, lab->size);
	lab_keep(block);
	lab_end(lab);
	lab_predict_none(lab);
	lab_explain(lab, "Every page of the block is present now, so there is no fault.");
out:
	free(block);
	return err;
}

const struct lab_info lab_lazy = {
	.name = "lazy",
	.sentence = "malloc hands out addresses; memory comes at the first touch",
	.concept =
		"malloc gives a program addresses, not memory. The kernel allocates memory later, "
		"in pages, when the program touches an address whose page is not present: this is "
		"a page fault. A page that has been written can be touched again without a fault, "
		"until the kernel takes it back or shares it.",
	.size = 1 << 20,
	.measure = measure,
};
