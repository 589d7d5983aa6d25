// SPDX-License-Identifier: GPL-2.0
/*
 * lazy - malloc hands out addresses; memory comes at the first touch
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "harness.h"
#include "labs.h"
#include "pages.h"
#include "thp.h"

static bool thp;
static const struct option_row options[] = { { "thp", &thp, NULL }, { 0 } };

static const char help[] =
	"usage: vmtrace lab lazy [--size BYTES] [--thp] [--json]\n"
	"\n"
	"Allocate a block, fill it, fill it again; after each step show how many page\n"
	"faults it took, by getrusage and by vmtrace. Exit with 0 only if both agree and\n"
	"the fills took exactly the faults that were predicted.\n"
	"\n"
	"options:\n"
	"  --size BYTES  size of the block, with K, M or G if you like; default 1M,\n"
	"                with --thp 8M\n"
	"  --thp         ask for huge pages; without it they are kept out\n"
	"  --json        print JSON\n"
	"  --help        show this text\n";

static const char concept[] =
	"malloc gives a program addresses, not memory. The kernel gives memory later, in pages, "
	"when the program touches an address whose page is not there: this is a page fault. "
	"A page that has been written can be touched again without a fault, for as long as the "
	"kernel does not take it back.";

/*
 * Run the code that will be measured, without changing what it will find: the block
 * goes back unfilled, and what is filled is another one.
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

static void explain_malloc(struct lab *lab, size_t pages, const struct pages_cost *cost)
{
	lab_explain(lab, "The block spans %s, of which %s in memory now. %s",
		    lab_count_of(pages, "page", "pages"), lab_count_of(cost->present, "is", "are"),
		    lab_cost(lab) ? "malloc itself touched memory: it writes notes of its own "
				    "beside the block." :
				    "malloc took no fault: it wrote only to pages that it had "
				    "touched before.");
}

static struct json_object *json_prediction(size_t pages, const struct pages_cost *cost)
{
	struct json_object *object = json_object_new_object();

	json_add_number(object, "pages", (long long)pages);
	json_add_number(object, "present", (long long)cost->present);
	json_add_number(object, "huge", (long long)cost->huge);
	json_add_number(object, "first_memset", (long long)cost->faults);
	json_add_number(object, "second_memset", 0);
	return object;
}

static int measure(struct lab *lab)
{
	struct pages_cost cost;
	struct range span;
	size_t page_size, pages;
	char *block;
	int err;

	if (!lab->size)
		lab->size = thp ? 8 << 20 : 1 << 20;
	/* Fixed, or the free() of the warm-up would change what the next malloc() does. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	/* For all of the process: malloc itself touches the block before we can speak of it. */
	prctl(PR_SET_THP_DISABLE, !thp, 0, 0, 0);
	lab_prepare(lab);
	err = warm_up(lab);
	if (err)
		return err;

	lab_origin(lab);
	lab_explain(lab,
		    "All that this process took so far: to be loaded, and to prepare this lab.");

	lab_begin(lab, "malloc");
	block = malloc(lab->size);
	lab_keep(block);
	lab_end(lab);
	if (!block)
		return -ENOMEM;

	page_size = (size_t)lab->page_size;
	span = pages_spanned((uintptr_t)block, lab->size, page_size);
	pages = pages_in(span, page_size);
	if (thp)
		madvise((void *)span.start, span.end - span.start, MADV_HUGEPAGE);
	err = pages_predict_now(span, page_size, thp ? thp_orders(THP_DIR, page_size) : 0, &cost);
	if (err)
		goto out;
	lab->predicted = json_prediction(pages, &cost);
	explain_malloc(lab, pages, &cost);

	lab_begin(lab, "first memset");
	memset(block, 1, lab->size);
	lab_keep(block);
	lab_end(lab);
	lab_predict(lab, (long long)cost.faults);
	lab_explain_touch(lab, &cost, thp);

	lab_begin(lab, "second memset");
	memset(block, 2, lab->size);
	lab_keep(block);
	lab_end(lab);
	lab_predict(lab, 0);
	lab_explain(lab, "Every page of the block is there now: no fault is due.");
out:
	free(block);
	return err;
}

static struct lab lab = {
	.name = "lazy",
	.concept = concept,
	.help = help,
	.options = options,
	.measure = measure,
};

int lab_lazy(int argc, char **argv)
{
	return lab_run(&lab, argc, argv);
}
