/* SPDX-License-Identifier: GPL-2.0 */
/*
 * threads.h - the threads of a process and their faults
 */
#ifndef VMTRACE_REPORT_THREADS_H
#define VMTRACE_REPORT_THREADS_H

#include "sources/stats.h"

struct json_object;

/* A table. */
void threads_print(const struct threads_stats *stats);

/* An array with an object for each. */
struct json_object *threads_json(const struct threads_stats *stats);

#endif /* VMTRACE_REPORT_THREADS_H */
