// SPDX-License-Identifier: GPL-2.0
/*
 * stack - the stack is a mapping that grows when it is touched below its end
 */
#include <errno.h>
#include <stdint.h>
#include <sys/resource.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/lab.h"
#include "labs/lib/pages.h"
#include "labs/lib/steps.h"

/* Room for the frames of the functions, beside the present size. */
#define RESERVE (256UL << 10)

/*
 * Touch so many pages of stack, downwards as deep calls do. *lowest is the lowest address that was
 * touched; it is the same in each call from one function.
 */
static __attribute__((noinline)) void descend(size_t pages, size_t page_size, uintptr_t *lowest)
{
	volatile char room[pages * page_size];

	for (size_t i = pages; i-- > 0;)
		room[i * page_size] = 1;
	lab_keep(room);
	*lowest = (uintptr_t)room;
}

static int measure(struct lab *lab)
{
	size_t page_size = (size_t)lab->page_size, pages = lab_pages(lab), grown;
	struct range before, after;
	struct rlimit limit;
	uintptr_t lowest;
	int err;

	err = pages_mapping((uintptr_t)&lowest, &before);
	if (err)
		return err;
	if (getrlimit(RLIMIT_STACK, &limit) != 0)
		return -errno;
	if (before.end - before.start + RESERVE > limit.rlim_cur ||
	    pages * page_size > limit.rlim_cur - RESERVE - (before.end - before.start))
		return lab_skip(lab,
				"the stack may not grow by %zu bytes: try ulimit -s unlimited, "
				"or a smaller --size",
				pages * page_size);

	lab_begin(lab, "deep call");
	descend(pages, page_size, &lowest);
	lab_end(lab);
	err = pages_mapping((uintptr_t)&lowest, &after);
	if (err)
		return err;
	/* The harness has touched all of the mapping before. */
	lowest -= lowest % page_size;
	grown = lowest < before.start ? before.start - lowest : 0;
	lab_predict(lab, VMTRACE_CLASS_ANON, (long long)(grown / page_size));
	lab_explain(lab,
		    "The function used %s, of which the upper ones were present. Below these, "
		    "each page took a fault, which first moved the start of the mapping down to "
		    "it.",
		    lab_count_of(pages, "page", "pages"));
	lab_number(lab, "the mapping [stack] grew by", "bytes", (long long)grown,
		   (long long)(before.start - after.start));

	before = after;
	lab_begin(lab, "deep call again");
	descend(pages, page_size, &lowest);
	lab_end(lab);
	lab_predict_none(lab);
	lab_explain(lab, "When the function returned, the stack pointer moved back, but the "
			 "mapping did not shrink: the pages are still present.");
	err = pages_mapping((uintptr_t)&lowest, &after);
	if (err)
		return err;
	lab_number(lab, "the mapping [stack] grew by", "bytes", 0,
		   (long long)(before.start - after.start));
	return 0;
}

const struct lab_info lab_stack = {
	.name = "stack",
	.sentence = "the stack grows by page faults",
	.concept = "The stack of a program's first thread is a mapping that grows downwards: the "
		   "first touch of an address below it, where nothing is mapped, moves its start "
		   "down to that page, and allocates the page. If that is beyond the limit (ulimit "
		   "-s), or too near to another mapping, the program gets SIGSEGV. A return from a "
		   "function does not make the mapping smaller, so only a call deeper than all "
		   "earlier ones takes faults.",
	.size = 1 << 20,
	.measure = measure,
};
