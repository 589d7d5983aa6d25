/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat_run.h - one measurement of "vmtrace stat"
 */
#ifndef VMTRACE_SOURCES_STAT_RUN_H
#define VMTRACE_SOURCES_STAT_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "sources/reading.h"

/*
 * X(key, meaning): the numbers of "vmtrace stat", in its order. The names are those of
 * its JSON and CSV. NAN is a number that is not known.
 */
#define STAT_NUMBERS(X)                                                                \
	X(wall_ns, "time that passed")                                                 \
	X(cpu_ns, "CPU time of it, of all threads")                                    \
	X(fault_ns, "time in faults, of all threads together")                         \
	X(asleep_ns, "the part of it in which the thread was not on a CPU")            \
	X(minor, "minor faults counted by vmtrace")                                    \
	X(major, "major faults counted by vmtrace")                                    \
	X(failed, "faults that ended in an error (SIGSEGV, SIGBUS, OOM)")              \
	X(retried, "attempts that the kernel asked to be repeated")                    \
	X(before_minor, "minor faults before the first instruction: fork and exec")    \
	X(before_major, "major faults before the first instruction")                   \
	X(kernel_minor, "minor faults by the kernel's own count, those before, too")   \
	X(kernel_major, "major faults by the kernel's own count, with those before")   \
	X(unobserved, "faults that the kernel counted and the hook never saw")         \
	X(missed, "hook entries skipped by the kernel, system-wide")                   \
	X(dropped, "faults seen but not recorded: table full or no memory")            \
	X(untimed, "faults without times and pages: no memory")                        \
	X(children_minor, "minor faults of children that were waited for, and theirs") \
	X(children_major, "major faults of the same children")                         \
	X(reserved_bytes, "memory that was asked for, at the end")                     \
	X(untouched_bytes, "the part that was never touched, or given back")

enum stat_number {
#define STAT_SYMBOL(key, meaning) STAT_##key,
	STAT_NUMBERS(STAT_SYMBOL)
#undef STAT_SYMBOL
	STAT_COUNT,
};

enum class_number {
#define CLASS_SYMBOL(column, meaning) CLASS_##column,
	VMTRACE_CLASS_COLUMNS(CLASS_SYMBOL)
#undef CLASS_SYMBOL
	CLASS_NUMBERS,
};

/* One measurement. */
struct stat_run {
	double number[STAT_COUNT];
	size_t classes; /* of which there were faults, in the order of the source */
	struct {
		char name[SOURCE_CLASS_MAX];
		double number[CLASS_NUMBERS];
	} class[SOURCE_CLASSES];
	bool exact; /* vmtrace and the kernel agree on every fault, and none was lost */
	char no_quantiles[CAVEAT_MAX]; /* why they are not known, or "" */
	char no_residency[CAVEAT_MAX]; /* why untouched_bytes is not known, or "" */
};

#endif /* VMTRACE_SOURCES_STAT_RUN_H */
