/* SPDX-License-Identifier: GPL-2.0 */
/*
 * slowest.h - the slowest faults of a process
 */
#ifndef VMTRACE_REPORT_SLOWEST_H
#define VMTRACE_REPORT_SLOWEST_H

#include "sources/stats.h"

struct json_object;

/* A table. */
void slowest_print(const struct slowest_stats *stats);

/* An array with an object for each. */
struct json_object *slowest_json(const struct slowest_stats *stats);

#endif /* VMTRACE_REPORT_SLOWEST_H */
