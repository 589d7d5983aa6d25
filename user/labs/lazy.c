// SPDX-License-Identifier: GPL-2.0
/*
 * lazy - malloc hands out addresses; memory comes at the first touch
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "harness.h"
#include "labs.h"
#include "pages.h"
#include "thp.h"
#include "util.h"

struct lazy_options {
	size_t size; /* 0: the default */
	bool thp;
	bool json;
};

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
static int warm_up(struct lab *lab, size_t size)
{
	size_t other_size = 1 << 20;
	char *other;

	for (int round = 0; round < 2; round++) {
		char *block;

		lab_begin(lab, "warm-up");
		block = malloc(size);
		lab_keep(block);
		lab_end(lab);
		if (!block)
			return -ENOMEM;
		free(block);
	}
	other = mmap(NULL, other_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (other == MAP_FAILED)
		return -errno;
	lab_begin(lab, "warm-up");
	memset(other, 1, size < other_size ? size : other_size);
	lab_keep(other);
	lab_end(lab);
	munmap(other, other_size);
	lab_forget(lab);
	return 0;
}

static int predict(const char *block, struct range pages, const struct lab *lab,
		   unsigned long orders, struct pages_cost *cost)
{
	size_t page_size = (size_t)lab->page_size;
	struct range limits = pages;
	unsigned char *present;
	size_t largest = page_size;
	int err = 0;

	for (int order = 1; order < 8 * (int)sizeof(orders); order++)
		if (orders & 1UL << order)
			largest = page_size << order;
	if (largest > page_size)
		err = pages_mapping((uintptr_t)block, &limits);
	if (err)
		return err;
	limits = pages_around(pages, largest, limits);
	present = mmap(NULL, pages_in(limits, page_size), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (present == MAP_FAILED)
		return -errno;
	err = pages_present(limits, present);
	if (!err)
		*cost = pages_predict(pages, limits, page_size, orders, present);
	munmap(present, pages_in(limits, page_size));
	return err;
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

static void explain_first(struct lab *lab, const struct pages_cost *cost, bool thp)
{
	size_t small = cost->faults - cost->huge;

	if (!cost->faults)
		lab_explain(lab, "Every page of the block was there already, so no fault is due.");
	else if (!thp)
		lab_explain(lab, "%s not there: one fault for each.",
			    lab_count_of(small, "page was", "pages were"));
	else if (!cost->huge)
		lab_explain(lab,
			    "No huge page is due: they are off (" THP_DIR "/enabled), or none "
			    "fits between the ends of the block. %s not there: one fault for each.",
			    lab_count_of(small, "page was", "pages were"));
	else
		lab_explain(lab,
			    "%s fit between the ends of the block, and %s not there: one fault for "
			    "each. If it took more, the kernel had no huge page to give "
			    "(thp_fault_fallback in /proc/vmstat).",
			    lab_count_of(cost->huge, "huge page", "huge pages"),
			    lab_count_of(small, "small page beside them was",
					 "small pages beside them were"));
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

/* Returns 0 or a negative errno, and then there is nothing to report. */
static int measure(struct lab *lab, size_t size, bool thp, struct pages_cost *cost, size_t *pages)
{
	unsigned long orders = thp ? thp_orders(THP_DIR, (size_t)lab->page_size) : 0;
	struct range span;
	char *block;
	int err;

	err = warm_up(lab, size);
	if (err)
		return err;
	lab_origin(lab);
	lab_explain(lab,
		    "All that this process took so far: to be loaded, and to prepare this lab.");

	lab_begin(lab, "malloc");
	block = malloc(size);
	lab_keep(block);
	lab_end(lab);
	if (!block)
		return -ENOMEM;

	span = pages_spanned((uintptr_t)block, size, (size_t)lab->page_size);
	*pages = pages_in(span, (size_t)lab->page_size);
	if (thp)
		madvise((void *)span.start, span.end - span.start, MADV_HUGEPAGE);
	err = predict(block, span, lab, orders, cost);
	if (err)
		goto out;
	explain_malloc(lab, *pages, cost);

	lab_begin(lab, "first memset");
	memset(block, 1, size);
	lab_keep(block);
	lab_end(lab);
	lab_predict(lab, (long long)cost->faults);
	explain_first(lab, cost, thp);

	lab_begin(lab, "second memset");
	memset(block, 2, size);
	lab_keep(block);
	lab_end(lab);
	lab_predict(lab, 0);
	lab_explain(lab, "Every page of the block is there now: no fault is due.");
out:
	free(block);
	return err;
}

static int parse_options(int argc, char **argv, struct lazy_options *options, bool *done)
{
	enum {
		SIZE = 256,
		THP,
		JSON,
		HELP
	};
	static const struct option known[] = {
		{ "size", required_argument, NULL, SIZE },
		{ "thp", no_argument, NULL, THP },
		{ "json", no_argument, NULL, JSON },
		{ "help", no_argument, NULL, HELP },
		{ NULL, 0, NULL, 0 },
	};
	unsigned long long size;
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
		switch (option) {
		case SIZE:
			if (parse_size(optarg, PTRDIFF_MAX, &size) != 0 || size == 0)
				return usage_error("lab lazy",
						   "lab lazy: --size %s: not a size: use a "
						   "number such as 4096, 64K or 1M",
						   optarg);
			options->size = size;
			break;
		case THP:
			options->thp = true;
			break;
		case JSON:
			options->json = true;
			break;
		case HELP:
			fputs(help, stdout);
			*done = true;
			return EXIT_DONE;
		default:
			return option_error("lab lazy", option, argv);
		}
	}
	if (optind < argc)
		return usage_error("lab lazy", "lab lazy: %s: unexpected argument", argv[optind]);
	if (!options->size)
		options->size = options->thp ? 8 << 20 : 1 << 20;
	return EXIT_DONE;
}

int lab_lazy(int argc, char **argv)
{
	static struct lab lab = { .name = "lazy", .concept = concept };
	struct lazy_options options = { 0 };
	struct pages_cost cost = { 0 };
	bool done = false;
	size_t pages = 0;
	int code, err;

	code = parse_options(argc, argv, &options, &done);
	if (code != EXIT_DONE || done)
		return code;

	/* Fixed, or the free() of the warm-up would change what the next malloc() does. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	/* For all of the process: malloc itself touches the block before we can speak of it. */
	prctl(PR_SET_THP_DISABLE, !options.thp, 0, 0, 0);

	lab.size = (long long)options.size;
	lab.json = options.json;
	lab_prepare(&lab);
	err = measure(&lab, options.size, options.thp, &cost, &pages);
	if (err) {
		message("lab lazy: %zu bytes: %s: try a smaller --size", options.size,
			strerror(-err));
		return EXIT_FAILED;
	}
	return lab_report(&lab, json_prediction(pages, &cost));
}
