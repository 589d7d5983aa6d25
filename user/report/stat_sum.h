/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat_sum.h - statistics over the runs of "vmtrace stat"
 */
#ifndef VMTRACE_REPORT_STAT_SUM_H
#define VMTRACE_REPORT_STAT_SUM_H

#include <stdbool.h>
#include <stddef.h>

#include "sources/reading.h"
#include "sources/stat_run.h"
#include "sources/stats.h"

/* Statistics of one number, over the runs in which it was known. */
struct stat_tally {
	double count, mean, squares; /* squares: of the differences from the mean */
	bool unknown;		     /* in some run */
};

struct stat_sum {
	size_t runs, exact; /* exact: runs in which every fault was seen */
	struct stat_tally number[STAT_COUNT];
	size_t classes;
	struct {
		char name[SOURCE_CLASS_MAX];
		struct stat_tally number[CLASS_NUMBERS];
	} class[SOURCE_CLASSES];
	char no_quantiles[CAVEAT_MAX], no_residency[CAVEAT_MAX]; /* as in struct stat_run */
};

/* What was measured: a command; or processes, possibly while a command ran. */
struct stat_subject {
	char **command; /* NULL-terminated; may be empty */
	const int *pid;
	size_t pids;
	size_t runs;	 /* as asked for */
	int exit_status; /* of the command */
};

/* Add a run to sum, which is zeroed at first. */
void stat_add(struct stat_sum *sum, const struct stat_run *run);

/* The mean, and the standard deviation of a sample; NAN if there are too few runs. */
double stat_mean(const struct stat_tally *tally);
double stat_tally_deviation(const struct stat_tally *tally);

/* The mean and the deviation of a number; NAN if the number is unknown in one run. */
double stat_number(const struct stat_sum *sum, enum stat_number number);
double stat_deviation(const struct stat_sum *sum, enum stat_number number);

/* Was a command measured, not processes? */
bool stat_is_command(const struct stat_subject *subject);

extern const char *const stat_names[STAT_COUNT];
extern const char *const stat_meanings[STAT_COUNT];
extern const char *const stat_class_names[CLASS_NUMBERS];

#endif /* VMTRACE_REPORT_STAT_SUM_H */
