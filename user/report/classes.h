/* SPDX-License-Identifier: GPL-2.0 */
/*
 * classes.h - the class table: of what kind the faults were, and how long they took
 */
#ifndef VMTRACE_REPORT_CLASSES_H
#define VMTRACE_REPORT_CLASSES_H

#include "sources/stats.h"

struct json_object;

/* The table, and below it a sentence: one slow fault or many? */
void classes_print(const struct process_stats *stats);

/* An array with an object for each class. */
struct json_object *classes_json(const struct process_stats *stats);

#endif /* VMTRACE_REPORT_CLASSES_H */
