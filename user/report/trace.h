/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace.h - the output of "vmtrace trace": a line for each fault, and a summary
 */
#ifndef VMTRACE_REPORT_TRACE_H
#define VMTRACE_REPORT_TRACE_H

#include "sources/resolve.h"

/* Print the names of the columns. Times are relative to start_ns (CLOCK_MONOTONIC). */
void trace_print_head(unsigned long long start_ns);

/* Print the line of a fault or failure to stdout. */
void trace_print_event(const struct resolved_event *resolved);

/* Print the sums over all lines, and the time from the start to the last of them. */
void trace_print_sum(void);

#endif /* VMTRACE_REPORT_TRACE_H */
