/* SPDX-License-Identifier: GPL-2.0 */
/*
 * classes.h - the class table: how many faults each class had, and how long they took
 */
#ifndef VMTRACE_REPORT_CLASSES_H
#define VMTRACE_REPORT_CLASSES_H

#include "sources/stats.h"

struct json_object;

/* Print the table, and below it whether one slow fault or many took the time. */
void classes_print(const struct process_stats *stats);

/* An array with an object for each class. */
struct json_object *classes_json(const struct process_stats *stats);

#endif /* VMTRACE_REPORT_CLASSES_H */
