/* SPDX-License-Identifier: GPL-2.0 */
/*
 * process.h - the counts of a process, beside the kernel's own
 */
#ifndef VMTRACE_REPORT_PROCESS_H
#define VMTRACE_REPORT_PROCESS_H

#include "sources/stats.h"

struct json_object;

void process_print(const struct process_stats *stats);

/* Print whether the counts agree and, if not, why. */
void process_explain(const struct process_stats *stats);

/* An object with all counts, but without the classes. */
struct json_object *process_json(const struct process_stats *stats);

#endif /* VMTRACE_REPORT_PROCESS_H */
