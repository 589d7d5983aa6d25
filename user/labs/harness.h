/* SPDX-License-Identifier: GPL-2.0 */
/*
 * harness.h - measure steps of a lab by two witnesses, and judge them
 *
 * A lab is a static struct lab, whose function measure reads like this:
 *
 *	lab_prepare(lab);
 *	... run everything once that will be measured, so that its code and data are there
 *	lab_forget(lab);
 *	lab_origin(lab);
 *	lab_begin(lab, "malloc");
 *	... the step: nothing but what is to be measured
 *	lab_end(lab);
 *	lab_predict(lab, 1);
 *	lab_explain(lab, "...");
 *	...
 *
 * lab_run() does the rest: options, verdict and report.
 *
 * The witnesses are getrusage(), which is the kernel's own count, and vmtrace.
 * lab_begin() and lab_end() take no page fault themselves; should they ever, that
 * is counted in noise and fails the lab. What happens between an end and the
 * next begin is in no step.
 */
#ifndef VMTRACE_HARNESS_H
#define VMTRACE_HARNESS_H

#include <stdbool.h>

#include "json.h"
#include "pages.h"
#include "source.h"
#include "util.h"

#define LAB_STEPS 16
#define LAB_ANY	  (-1) /* instead of a predicted number */

struct lab_count {
	long long minor;
	long long major;
};

struct lab_sample {
	struct lab_count rusage;
	struct process_stats vmtrace;
};

struct lab_step {
	const char *name;
	struct lab_count rusage;  /* faults taken in this step, by getrusage() */
	struct lab_count vmtrace; /* the same by vmtrace */
	long long predicted;	  /* minor + major, or LAB_ANY */
	char explanation[512];
};

struct lab {
	const char *name;
	const char *concept; /* three sentences for somebody who has never seen it */
	const char *help;
	const struct option_row *options; /* its own; every lab has --size, --json and --help */

	/* Returns 0, or a negative errno if there is nothing to report. */
	int (*measure)(struct lab *lab);
	struct json_object *predicted; /* its part of the JSON, made by measure; may be NULL */
	size_t size;		       /* --size; 0 if not given, for measure to set */

	/* The rest is the harness's, for measure to read. */
	long long page_size;
	bool json;
	bool vmtrace; /* are the module's numbers there? */
	int steps;
	struct lab_step step[LAB_STEPS];
	long long noise; /* faults that measuring itself took */
	struct lab_sample first, before, last;
	char reason[1024]; /* of the verdict */
};

/* Keep the compiler from moving or removing what was done to memory. */
#define lab_keep(pointer) __asm__ __volatile__("" : : "r"(pointer) : "memory")

/*
 * Fault in what measuring needs: stack, buffers, the code of this program and its
 * libraries. Says so on stderr if vmtrace cannot be read; the lab goes on without.
 */
void lab_prepare(struct lab *lab);

/* The first row: all faults of this process until now. */
void lab_origin(struct lab *lab);

void lab_begin(struct lab *lab, const char *step);
void lab_end(struct lab *lab);

/* Forget the steps measured so far: they were a warm-up. */
void lab_forget(struct lab *lab);

/* About the last step: how many faults it should have taken, and why. */
void lab_predict(struct lab *lab, long long faults);
__attribute__((format(printf, 2, 3))) void lab_explain(struct lab *lab, const char *format, ...);

/* Why a step that touches all of a block should cost that; thp: were huge pages asked for? */
void lab_explain_touch(struct lab *lab, const struct pages_cost *cost, bool thp);

/* All the last step cost, by getrusage(). */
long long lab_cost(const struct lab *lab);

/* Fill reason. True if both witnesses agree, the predictions hold and nothing was missed. */
bool lab_judge(struct lab *lab);

/* What "vmtrace lab <name>" does, from the command line to the exit code. */
int lab_run(struct lab *lab, int argc, char **argv);

/* "1 page", "2 pages": a few results may be used at once. */
const char *lab_count_of(unsigned long long count, const char *singular, const char *plural);

#endif /* VMTRACE_HARNESS_H */
