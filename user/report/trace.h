/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace.h - what "vmtrace trace" prints: a line for a fault, and the sum of all
 */
#ifndef VMTRACE_REPORT_TRACE_H
#define VMTRACE_REPORT_TRACE_H

#include "sources/resolve.h"

/* The names of the columns; times are printed since start_ns, of CLOCK_MONOTONIC. */
void trace_print_head(unsigned long long start_ns);

/* Print the line of a fault or failure to stdout. */
void trace_print_event(const struct resolved_event *resolved);

/* The sum of what was printed, from the start to the last of it. */
void trace_print_sum(void);

#endif /* VMTRACE_REPORT_TRACE_H */
