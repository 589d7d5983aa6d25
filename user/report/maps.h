/* SPDX-License-Identifier: GPL-2.0 */
/*
 * maps.h - what a process asked for, and what it has of it
 */
#ifndef VMTRACE_REPORT_MAPS_H
#define VMTRACE_REPORT_MAPS_H

#include "sources/stats.h"

/* For people; it makes names fit for a line. */
void maps_print(const struct maps_stats *stats);

/* JSON, to stdout. Returns an exit code. */
int maps_json(const struct maps_stats *stats);

#endif /* VMTRACE_REPORT_MAPS_H */
