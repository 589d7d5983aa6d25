/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reading.h - all that is known of a process at one moment
 */
#ifndef VMTRACE_SOURCES_READING_H
#define VMTRACE_SOURCES_READING_H

#include "lib/error.h"
#include "sources/stats.h"

#define CAVEAT_MAX 256 /* a sentence on what is not known, with its NUL */

struct reading {
	struct process_stats stats;
	struct latency_stats latency;
	char no_latency[CAVEAT_MAX]; /* why latency is not known, or "" */
	double cpu_ns;		     /* NAN if it is not known */
};

/* Returns 0, or a negative errno with error filled in. */
int reading_take(int pid, struct reading *reading, struct error *error);

/* Describe for people why something in debugfs could not be read. */
void reading_problem(char text[CAVEAT_MAX], int err, const struct error *error);

#endif /* VMTRACE_SOURCES_READING_H */
