/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat_sum.h - the measurements of "vmtrace stat", summed up
 */
#ifndef VMTRACE_REPORT_STAT_SUM_H
#define VMTRACE_REPORT_STAT_SUM_H

#include <stdbool.h>
#include <stddef.h>

#include "sources/reading.h"
#include "sources/stat_run.h"
#include "sources/stats.h"

/* Of one number, over the runs in which it was known. */
struct stat_tally {
	double count, mean, squares; /* squares: of the differences from the mean */
	bool unknown;		     /* in some run */
};

struct stat_sum {
	size_t runs, exact; /* exact: those of which every fault was seen */
	struct stat_tally number[STAT_COUNT];
	size_t classes;
	struct {
		char name[SOURCE_CLASS_MAX];
		struct stat_tally number[CLASS_NUMBERS];
	} class[SOURCE_CLASSES];
	char no_quantiles[CAVEAT_MAX], no_residency[CAVEAT_MAX]; /* as in struct stat_run */
};

/* What was measured: a command, or processes, for as long as a command ran, if any. */
struct stat_subject {
	char **command; /* ends in NULL, and may be empty */
	const int *pid;
	size_t pids;
	size_t runs;	 /* as asked for */
	int exit_status; /* of the command */
};

/* All 0 at first. */
void stat_add(struct stat_sum *sum, const struct stat_run *run);

/* Mean, and standard deviation of a sample, NAN if there are too few runs. */
double stat_mean(const struct stat_tally *tally);
double stat_tally_deviation(const struct stat_tally *tally);

/* The same of a number; what is unknown of one run is not known of all. */
double stat_number(const struct stat_sum *sum, enum stat_number number);
double stat_deviation(const struct stat_sum *sum, enum stat_number number);

/* A command is measured, and not processes. */
bool stat_is_command(const struct stat_subject *subject);

extern const char *const stat_names[STAT_COUNT];
extern const char *const stat_meanings[STAT_COUNT];
extern const char *const stat_class_names[CLASS_NUMBERS];

#endif /* VMTRACE_REPORT_STAT_SUM_H */
