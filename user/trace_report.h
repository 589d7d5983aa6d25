/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace_report.h - what "vmtrace trace" prints: a line for a fault, and the sum of all
 */
#ifndef VMTRACE_TRACE_REPORT_H
#define VMTRACE_TRACE_REPORT_H

#include "stream.h"

/* What the columns are; times are printed since this moment, of CLOCK_MONOTONIC. */
void trace_print_head(unsigned long long start_ns);

/*
 * Print the line of a fault or failure to stdout. Of every other event only note what is
 * needed for the names of places; so all events have to come here, in their order.
 */
void trace_print_event(const struct event *event);

/* The sum of what was printed, from the start to the last of it. */
void trace_print_sum(void);

void trace_free(void);

#endif /* VMTRACE_TRACE_REPORT_H */
