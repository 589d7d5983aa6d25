/* SPDX-License-Identifier: GPL-2.0 */
/*
 * failures.h - failed accesses: how many, and where the last one failed
 */
#ifndef VMTRACE_REPORT_FAILURES_H
#define VMTRACE_REPORT_FAILURES_H

#include "sources/stats.h"

struct json_object;

/*
 * Print a paragraph if an access failed. failures is NULL if they cannot be read, because of err.
 */
void failures_print(const struct process_stats *stats, const struct failures_stats *failures,
		    int err);

/* An array with an object for each failure that was kept. */
struct json_object *failures_json(const struct failures_stats *failures);

#endif /* VMTRACE_REPORT_FAILURES_H */
