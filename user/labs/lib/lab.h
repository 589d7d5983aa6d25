/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lab.h - a lab, its steps, and what was measured at them
 *
 * A lab is a file of its own that ends in a const struct lab_info. Its function measure
 * reads like this:
 *
 *	char *block = lab_block(lab, pages, 0);
 *
 *	lab_begin(lab, "write");
 *	lab_write(block, pages, lab->page_size);
 *	lab_end(lab);
 *	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
 *	lab_explain(lab, "...");
 *	...
 *	return 0;
 *
 * lab_run() does the rest: options, verdict and report.
 *
 * The two witnesses are getrusage(), which is the kernel's own count, and vmtrace. Between
 * lab_begin() and lab_end() stands nothing but what is to be measured, and these two take no
 * page fault themselves; should they ever, that is counted in noise and fails the lab. What
 * happens between an end and the next begin is in no step.
 */
#ifndef VMTRACE_LABS_LIB_LAB_H
#define VMTRACE_LABS_LIB_LAB_H

#include <stdbool.h>
#include <stddef.h>

#include "core/format.h"
#include "core/record.h"
#include "labs/lib/pages.h"
#include "lib/options.h"
#include "sources/stats.h"

#define LAB_STEPS  24
#define LAB_FACTS  48
#define LAB_BLOCKS 16
#define LAB_WORDS  96 /* of a fact, with its NUL */

#define LAB_SKIPPED 1 /* what measure returns then: see lab_skip() */

struct lab_count {
	long long minor;
	long long major;
};

static inline long long lab_count_total(struct lab_count count)
{
	return count.minor + count.major;
}

static inline bool lab_count_same(struct lab_count a, struct lab_count b)
{
	return a.minor == b.minor && a.major == b.major;
}

/* Faults by class and by origin; those that failed are only here, and in no lab_count. */
struct lab_kinds {
	long long class[VMTRACE_CLASS_COUNT];
	long long origin[VMTRACE_ORIGIN_COUNT];
};

struct lab_sample {
	struct lab_count rusage;
	struct process_stats vmtrace;
};

struct lab_step {
	char name[32];
	bool vmtrace_known;	  /* are there numbers of vmtrace? */
	bool kinds_known;	  /* by kind, too? not of the first row */
	struct lab_count rusage;  /* faults taken in this step, by getrusage() */
	struct lab_count vmtrace; /* the same by vmtrace */
	struct lab_kinds kinds;	  /* and of what kinds they were */
	bool predicted;		  /* is the rest set? */
	struct lab_count due;
	struct lab_kinds due_kinds;
	char explanation[512];
};

/* Something else that was measured after a step. */
struct lab_fact {
	int step; /* behind it */
	char name[48];
	char predicted[LAB_WORDS]; /* "": nothing */
	char measured[LAB_WORDS];
};

struct lab {
	const struct lab_info *info;
	size_t size;	     /* --size; without it that of struct lab_info */
	long long page_size; /* bytes */
	bool json;
	bool vmtrace; /* are the module's numbers there? */
	int steps;
	struct lab_step step[LAB_STEPS];
	int facts;
	struct lab_fact fact[LAB_FACTS];
	struct range block[LAB_BLOCKS]; /* what the lab touches itself, when it likes */
	int blocks;
	long long noise;		       /* faults that measuring itself took */
	long long unobserved, missed, dropped; /* by how much these grew in the steps */
	struct lab_sample before, after;
	long long moved; /* pages that the kernel moved meanwhile */
	bool skipped;
	char reason[1024]; /* of the verdict */
};

/**
 * struct lab_info - a lab
 * @name: a word
 * @sentence: for the list
 * @concept: three sentences for somebody who has never seen it
 * @size: bytes of its block, which --size changes; 0 if it has none
 * @options: its own; every lab has --json and --help
 * @help: lines that explain those, or NULL
 * @measure: 0, LAB_SKIPPED, or a negative errno if there is nothing to report
 */
struct lab_info {
	const char *name;
	const char *sentence;
	const char *concept;
	size_t size;
	const struct option_row *options;
	const char *help;
	int (*measure)(struct lab *lab);
};

#endif /* VMTRACE_LABS_LIB_LAB_H */
