// SPDX-License-Identifier: GPL-2.0
/*
 * thrash - with a little more than fits, every touch can be a fault
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "labs/lib/blocks.h"
#include "labs/lib/cgroup.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_child.h"
#include "labs/lib/steps.h"
#include "labs/lib/swapping.h"
#include "lib/array.h"

#define LIMIT  512 /* pages that the cgroup may have */
#define ROUNDS 3
#define BAR    32 /* columns of the longest bar */

/* Eighths of the limit. A quarter of it is far more than the kernel takes for itself. */
static const size_t sizes[] = { 2, 4, 6, 9, 10, 12, 16 };
#define LARGEST 16

/* Touch so many pages, in several rounds. Returns the average faults of a round. */
static long long walk(struct lab *lab, char *block, size_t pages)
{
	long long least = (long long)pages - LIMIT, enough = 0;
	char name[48];

	lab_write(block, pages, lab->page_size);
	snprintf(name, sizeof(name), "%zu pages", pages);
	lab_begin(lab, name);
	for (int i = 0; i < ROUNDS; i++) {
		long long from = lab_faults();

		lab_write(block, pages, lab->page_size);
		enough += lab_faults() - from >= least;
	}
	lab_end(lab);
	if (least > 0) {
		snprintf(name, sizeof(name), "rounds of %lld faults or more", least);
		lab_number(lab, name, "rounds", ROUNDS, enough);
	} else {
		lab_predict_none(lab);
	}
	return lab_cost(lab) / ROUNDS;
}

static void explain(struct lab *lab, size_t pages, size_t cost)
{
	static const char all[] =
		" All of them did: to make room the kernel evicted the page that was used least "
		"recently, which is the page that the walk touches next.";
	static const char some[] =
		" Not all of them did: this kernel knows only roughly which page was used least "
		"recently. If it always evicted that page, each touch would fault.";
	static const char *last = "";
	const char *why = cost == pages ? all : some;

	if (pages < LIMIT) {
		lab_explain(lab, "The pages fit: after their first touch they stay in memory, "
				 "round after round.");
		return;
	}
	lab_explain(lab, "%d pages fit, so at least %zu pages of a round must come from swap.%s",
		    LIMIT, pages - LIMIT, why == last ? "" : why);
	last = why;
}

static int walk_all(struct lab *lab, void *block)
{
	long long cost[ARRAY_SIZE(sizes)], most = 1;
	char bar[BAR + 1], name[48];
	int err = cgroup_enter();

	if (err)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t pages = sizes[i] * LIMIT / 8;

		cost[i] = walk(lab, block, pages);
		if (cost[i] > most)
			most = cost[i];
		explain(lab, pages, cost[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(bar, '#', BAR);
		bar[cost[i] * BAR / most] = '\0';
		snprintf(name, sizeof(name), "a round over %zu pages", sizes[i] * LIMIT / 8);
		lab_note(lab, name, "%lld faults %s", cost[i], bar);
	}
	return 0;
}

static int measure(struct lab *lab)
{
	char *block = lab_block(lab, LARGEST * LIMIT / 8, 0);
	int err;

	if (!block)
		return -ENOMEM;
	lab_hold_signals();
	err = swapping_start(lab, LARGEST * LIMIT / 8);
	if (!err)
		err = cgroup_make(lab, LIMIT * lab->page_size);
	if (!err)
		err = lab_child(lab, walk_all, block);
	cgroup_remove();
	swapping_stop();
	lab_release_signals();
	return err;
}

const struct lab_info lab_thrash = {
	.name = "thrash",
	.sentence = "with a little more than fits, every touch can be a fault",
	.concept = "The pages that a program uses again and again are its working set. If they fit "
		   "in memory, only the first touch of each faults. If they do not fit, the kernel "
		   "evicts pages that will be needed again soon, and the program mostly waits for "
		   "swap: it thrashes.",
	.measure = measure,
};
