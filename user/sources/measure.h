/* SPDX-License-Identifier: GPL-2.0 */
/*
 * measure.h - the page faults of a command, or of processes, between two readings
 */
#ifndef VMTRACE_SOURCES_MEASURE_H
#define VMTRACE_SOURCES_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "sources/stat_run.h"

/*
 * Run a command and measure it from its first instruction to its end. Returns false with error
 * filled in if there are no numbers. *code is the command's exit status in any case.
 */
bool measure_command(char **argv, struct stat_run *run, int *code, struct error *error);

/*
 * Measure processes until all of them end, until the command ends, if there is one, or until a
 * signal is caught. Returns false with error filled in if there are no numbers. *code is the
 * command's exit status; without a command it is 0, or 1 if there are no numbers.
 */
bool measure_processes(const int *pids, size_t count, char **argv, struct stat_run *run, int *code,
		       struct error *error);

#endif /* VMTRACE_SOURCES_MEASURE_H */
