/* SPDX-License-Identifier: GPL-2.0 */
/*
 * maps.h - the mappings of a process and their residency
 */
#ifndef VMTRACE_REPORT_MAPS_H
#define VMTRACE_REPORT_MAPS_H

#include "sources/stats.h"

/* Print a table for people. Newlines and tabs in the names are replaced. */
void maps_print(const struct maps_stats *stats);

/* Print JSON to stdout. Returns an exit code. */
int maps_json(const struct maps_stats *stats);

#endif /* VMTRACE_REPORT_MAPS_H */
