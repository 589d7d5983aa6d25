/* SPDX-License-Identifier: GPL-2.0 */
/*
 * difference.h - the difference between two readings of a process, summed over processes
 */
#ifndef VMTRACE_SOURCES_DIFFERENCE_H
#define VMTRACE_SOURCES_DIFFERENCE_H

#include <stdbool.h>

#include "sources/reading.h"
#include "sources/stat_run.h"

/* Sums, over processes, of the differences between their two readings. */
struct difference {
	struct class_difference {
		char name[SOURCE_CLASS_MAX];
		long long number[CLASS_NUMBERS];
		unsigned long long count[VMTRACE_HIST_BUCKETS];
		bool max_known, quantiles_known;
	} class[SOURCE_CLASSES];
	size_t classes;
	bool backwards; /* a count decreased */
};

/* Add the numbers of a process to run, and its classes to difference, which is zeroed at first. */
void difference_add(struct difference *difference, struct stat_run *run, const struct reading *from,
		    const struct reading *to);

/* When all processes have been added, fill in the classes of run. */
void difference_finish(struct difference *difference, struct stat_run *run);

#endif /* VMTRACE_SOURCES_DIFFERENCE_H */
