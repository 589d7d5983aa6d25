/* SPDX-License-Identifier: GPL-2.0 */
/*
 * measure.h - the page faults of a command, or of processes, between two readings
 */
#ifndef VMTRACE_MEASURE_H
#define VMTRACE_MEASURE_H

#include <math.h>
#include <stdbool.h>

#include "source.h"

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
	X(before_major, "major ones, likewise")                                        \
	X(kernel_minor, "minor faults by the kernel's own count, those before, too")   \
	X(kernel_major, "major ones, likewise")                                        \
	X(unobserved, "faults that the kernel counted and the hook never saw")         \
	X(missed, "hook entries skipped by the kernel, system-wide")                   \
	X(dropped, "faults seen but not recorded: table full or no memory")            \
	X(untimed, "faults without times and pages: filter, or no memory")             \
	X(children_minor, "minor faults of children that were waited for, and theirs") \
	X(children_major, "major ones, likewise")                                      \
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

#define CAVEAT_MAX 256

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
	char no_ledger[CAVEAT_MAX];    /* why untouched_bytes is not known, or "" */
};

/*
 * Run a command and measure it from its first instruction to its end. Returns false after
 * a message if there are no numbers. *code is the command's exit status in any case.
 */
bool measure_command(char **argv, struct stat_run *run, int *code);

/*
 * Measure processes until they all end, the command does, if any, or child_signal().
 * Likewise; without a command *code is 0, or 1 if there are no numbers.
 */
bool measure_processes(const int *pids, size_t count, char **argv, struct stat_run *run, int *code);

#endif /* VMTRACE_MEASURE_H */
