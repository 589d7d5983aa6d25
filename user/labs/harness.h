/* SPDX-License-Identifier: GPL-2.0 */
/*
 * harness.h - measure steps of a lab by two witnesses, and judge them
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
 * The witnesses are getrusage(), which is the kernel's own count, and vmtrace. Between
 * lab_begin() and lab_end() stands nothing but what is to be measured, and these two take no
 * page fault themselves; should they ever, that is counted in noise and fails the lab. What
 * happens between an end and the next begin is in no step.
 */
#ifndef VMTRACE_HARNESS_H
#define VMTRACE_HARNESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "pages.h"
#include "record.h"
#include "source.h"
#include "util.h"

#define LAB_STEPS  24
#define LAB_FACTS  48
#define LAB_BLOCKS 16
#define LAB_WORDS  96 /* of a fact, with its NUL */

#define LAB_SKIPPED 1 /* what measure returns then: see lab_skip() */

struct lab_count {
	long long minor;
	long long major;
};

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

/* Keep the compiler from moving or removing what was done to memory. */
#define lab_keep(pointer) __asm__ __volatile__("" : : "r"(pointer) : "memory")

/*
 * Private memory of so many pages, none of them touched, on a boundary of alignment bytes (a
 * power of two, or 0). It is a mapping of its own: beside it is a page without access. NULL
 * if there is no memory. It is unmapped with the process.
 */
char *lab_block(struct lab *lab, size_t pages, size_t alignment);

/* --size in pages, rounded up. */
size_t lab_pages(const struct lab *lab);

/* Memory that the lab mapped itself: lab_settle() is to keep away from it. */
void lab_own(struct lab *lab, void *address, size_t bytes);

/* Write to the first byte of each page, or read it; stride is in bytes. */
void lab_write(char *block, size_t pages, size_t stride);
void lab_read(const char *block, size_t pages, size_t stride);

/* How many of the pages have what lab_write() wrote? */
size_t lab_intact(const char *block, size_t pages, size_t stride);

/*
 * Touch what measuring needs: stack, data, the code of this program and its libraries. After
 * a fork the pages of data are shared, and whoever writes to one first takes a fault: then
 * both processes settle again. lab_run() has done it once.
 */
void lab_settle(struct lab *lab);

/* The first row, if a lab wants it: all faults of this process until now. */
void lab_start(struct lab *lab);

void lab_begin(struct lab *lab, const char *step);
void lab_end(struct lab *lab);

/* A step that does nothing but write to each page, or read it. */
void lab_write_step(struct lab *lab, const char *step, char *block, size_t pages);
void lab_read_step(struct lab *lab, const char *step, const char *block, size_t pages);

/* Forget the last step: it was a warm-up. */
void lab_forget(struct lab *lab);

/*
 * About the last step: so many faults of a class are due, minor ones or major ones, and none
 * of any class that is not named. All are user code's, unless lab_predict_origin() says so of
 * all, or of some of them.
 */
void lab_predict(struct lab *lab, enum vmtrace_class class, long long faults);
void lab_predict_major(struct lab *lab, enum vmtrace_class class, long long faults);
void lab_predict_none(struct lab *lab);
void lab_predict_origin(struct lab *lab, enum vmtrace_origin origin, long long faults);
__attribute__((format(printf, 2, 3))) void lab_explain(struct lab *lab, const char *format, ...);

/* All the last step cost, by getrusage(). */
long long lab_cost(const struct lab *lab);

/* All faults of this process until now, by getrusage(). */
long long lab_faults(void);

/* Of the last step, by vmtrace: attempts that were repeated, and time asleep in faults. */
long long lab_retried(const struct lab *lab);
long long lab_asleep_ns(const struct lab *lab);

/* Something else, behind the last step: words, or a number and what it counts, or "". */
void lab_fact(struct lab *lab, const char *name, const char *predicted, const char *measured);
void lab_number(struct lab *lab, const char *name, const char *unit, long long predicted,
		long long measured);
/* The same without a prediction. */
__attribute__((format(printf, 3, 4))) void lab_note(struct lab *lab, const char *name,
						    const char *format, ...);

/*
 * Have a child do it, and wait. What the child measures stands among the steps as if it were
 * done here. Returns 0, the child's negative errno, or -ECHILD if it died.
 */
int lab_child(struct lab *lab, int (*body)(struct lab *lab, void *argument), void *argument);

/*
 * What asks a process to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT) waits, so that a lab can undo
 * what it did to the machine. A child of lab_child() is not held.
 */
void lab_hold_signals(void);
void lab_release_signals(void);

/* This machine cannot show it: why, and what to do about it. Returns LAB_SKIPPED. */
__attribute__((format(printf, 2, 3))) int lab_skip(struct lab *lab, const char *format, ...);

/* Likewise, because pthread_create() returned err. */
int lab_skip_threads(struct lab *lab, int err);

/* "1 page", "2 pages": a few results may be used at once. */
const char *lab_count_of(unsigned long long count, const char *singular, const char *plural);

/* Fill reason. True if both witnesses agree, the predictions hold and nothing was missed. */
bool lab_judge(struct lab *lab);

/* report.c: print it, as text or JSON. Returns an exit code. */
int lab_report(const struct lab *lab, bool pass);

/* What "vmtrace lab NAME" does, from the command line to the exit code. */
int lab_run(const struct lab_info *info, int argc, char **argv);

#endif /* VMTRACE_HARNESS_H */
