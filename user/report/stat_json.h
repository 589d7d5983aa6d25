/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat_json.h - the results of "vmtrace stat" as JSON
 */
#ifndef VMTRACE_REPORT_STAT_JSON_H
#define VMTRACE_REPORT_STAT_JSON_H

#include "report/stat_sum.h"

/* Print JSON to stdout. Returns an exit code. */
int stat_print_json(const struct stat_sum *sum, const struct stat_subject *subject);

#endif /* VMTRACE_REPORT_STAT_JSON_H */
