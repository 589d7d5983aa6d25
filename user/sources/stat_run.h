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
 * X(key, meaning): the numbers of "vmtrace stat", in the order of its output. The keys are those of
 * its JSON and CSV. A number that is not known is NAN.
 */
#define STAT_NUMBERS(X)                                                                   \
	X(wall_ns, "elapsed time")                                                        \
	X(cpu_ns, "CPU time of all threads")                                              \
	X(fault_ns, "time in faults, summed over all threads")                            \
	X(asleep_ns, "the part of fault_ns in which the thread was off the CPU")          \
	X(minor, "minor faults counted by vmtrace")                                       \
	X(major, "major faults counted by vmtrace")                                       \
	X(failed, "faults that ended in an error (SIGSEGV, SIGBUS, OOM)")                 \
	X(retried, "attempts that the kernel asked to be repeated")                       \
	X(before_minor, "minor faults before the first instruction: fork and exec")       \
	X(before_major, "major faults before the first instruction")                      \
	X(kernel_minor, "minor faults by the kernel's own count, including before_minor") \
	X(kernel_major, "major faults by the kernel's own count, including before_major") \
	X(unobserved, "faults that the kernel counted and the hook never saw")            \
	X(missed, "hook entries skipped by the kernel, system-wide")                      \
	X(dropped, "faults seen but not recorded: table full or no memory")               \
	X(untimed, "faults without times and pages: no memory")                           \
	X(children_minor, "minor faults of waited-for children and their descendants")    \
	X(children_major, "major faults of these children and descendants")               \
	X(reserved_bytes, "memory that was reserved, at the end")                         \
	X(untouched_bytes, "the part of reserved_bytes never touched, or given back")

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
	size_t classes; /* those that had faults, in the order of the source */
	struct {
		char name[SOURCE_CLASS_MAX];
		double number[CLASS_NUMBERS];
	} class[SOURCE_CLASSES];
	bool exact; /* vmtrace and the kernel agree on every fault, and none was lost */
	char no_quantiles[CAVEAT_MAX]; /* why they are not known, or "" */
	char no_residency[CAVEAT_MAX]; /* why untouched_bytes is not known, or "" */
};

#endif /* VMTRACE_SOURCES_STAT_RUN_H */
