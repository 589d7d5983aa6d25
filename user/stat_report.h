/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat_report.h - what "vmtrace stat" measured, for people and for programs
 */
#ifndef VMTRACE_STAT_REPORT_H
#define VMTRACE_STAT_REPORT_H

#include "measure.h"

/* Of one number, over the runs in which it was known. */
struct tally {
	double count, mean, squares; /* squares: of the differences from the mean */
	bool unknown;		     /* in some run */
};

struct stat_sum {
	size_t runs, exact; /* exact: those of which every fault was seen */
	struct tally number[STAT_COUNT];
	size_t classes;
	struct {
		char name[SOURCE_CLASS_MAX];
		struct tally number[CLASS_NUMBERS];
	} class[SOURCE_CLASSES];
	char no_quantiles[CAVEAT_MAX], no_ledger[CAVEAT_MAX]; /* as in struct stat_run */
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

/* To stdout. The last two return an exit code. */
void stat_print_text(const struct stat_sum *sum, const struct stat_subject *subject);
int stat_print_json(const struct stat_sum *sum, const struct stat_subject *subject);
int stat_print_csv(const struct stat_sum *sum, const struct stat_subject *subject);

#endif /* VMTRACE_STAT_REPORT_H */
