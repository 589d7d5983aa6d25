/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lab.h - a lab, its steps, and what they measured
 *
 * A lab is a file of its own that ends in a const struct lab_info. Its function measure looks like
 * this:
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
 * Faults are counted by getrusage(), which is the kernel's own count, and by vmtrace. Only the code
 * to be measured belongs between lab_begin() and lab_end(). These two take no page fault
 * themselves; if they do, the fault is counted in noise and the lab fails. Faults between an end
 * and the next begin belong to no step.
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

#define LAB_SKIPPED 1 /* returned by lab_skip(), and by measure then */

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

/* Faults by class and by origin. Failed faults are included here, but not in struct lab_count. */
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
	bool vmtrace_known;	  /* vmtrace is valid */
	bool kinds_known;	  /* kinds is valid; not in the step of lab_start() */
	struct lab_count rusage;  /* faults taken in this step, by getrusage() */
	struct lab_count vmtrace; /* the same by vmtrace */
	struct lab_kinds kinds;	  /* these by class and origin */
	bool predicted;		  /* due and due_kinds are valid */
	struct lab_count due;
	struct lab_kinds due_kinds;
	char explanation[512];
};

/* Something else that was measured after a step. */
struct lab_fact {
	int step; /* index of the step, or -1 before the first one */
	char name[48];
	char predicted[LAB_WORDS]; /* "": no prediction */
	char measured[LAB_WORDS];
};

struct lab {
	const struct lab_info *info;
	size_t size;	     /* --size; without it that of struct lab_info */
	long long page_size; /* bytes */
	bool json;
	bool vmtrace; /* the module can be read */
	int steps;
	struct lab_step step[LAB_STEPS];
	int facts;
	struct lab_fact fact[LAB_FACTS];
	struct range block[LAB_BLOCKS]; /* memory that only the lab itself touches */
	int blocks;
	long long noise;		       /* faults of the measurement itself */
	long long unobserved, missed, dropped; /* increase in the steps */
	struct lab_sample before, after;
	long long moved;   /* pages that the kernel migrated meanwhile */
	bool skipped;	   /* by lab_skip(): nothing was measured */
	char reason[1024]; /* of the verdict */
};

/**
 * struct lab_info - a lab
 * @name: a word
 * @sentence: for the list
 * @concept: about three sentences for somebody to whom it is new
 * @size: bytes of its block, which --size changes; 0 if it has none
 * @options: besides --json, --help and --size
 * @help: lines that explain those, or NULL
 * @measure: run it; returns 0, LAB_SKIPPED, or a negative errno if there is nothing to report
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
