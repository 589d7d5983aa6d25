/* SPDX-License-Identifier: GPL-2.0 */
/*
 * difference.h - what came between two readings of a process, summed up over processes
 */
#ifndef VMTRACE_SOURCES_DIFFERENCE_H
#define VMTRACE_SOURCES_DIFFERENCE_H

#include <stdbool.h>

#include "sources/reading.h"
#include "sources/stat_run.h"

/* Sums over processes, of what came between their two readings. */
struct difference {
	struct class_difference {
		char name[SOURCE_CLASS_MAX];
		long long number[CLASS_NUMBERS];
		unsigned long long count[VMTRACE_HIST_BUCKETS];
		bool max_known, quantiles_known;
	} class[SOURCE_CLASSES];
	size_t classes;
	bool backwards; /* a number fell */
};

/* Add the numbers of a process to run, and its classes to the difference, which is 0 at first. */
void difference_add(struct difference *difference, struct stat_run *run, const struct reading *from,
		    const struct reading *to);

/* When all processes have been added: the classes of run. */
void difference_finish(struct difference *difference, struct stat_run *run);

#endif /* VMTRACE_SOURCES_DIFFERENCE_H */
