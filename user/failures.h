/* SPDX-License-Identifier: GPL-2.0 */
/*
 * failures.h - accesses that failed: how many, and where the last one went wrong
 */
#ifndef VMTRACE_FAILURES_H
#define VMTRACE_FAILURES_H

#include "source.h"

struct json_object;

/* A paragraph, if there were any; where is known to root alone. */
void failures_print(const struct process_stats *stats);

/* An array with an object for each that was kept; NULL if there were none, or for root alone. */
struct json_object *failures_json(const struct process_stats *stats);

#endif /* VMTRACE_FAILURES_H */
