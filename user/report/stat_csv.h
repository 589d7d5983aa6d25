/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat_csv.h - the results of "vmtrace stat" as comma-separated values
 */
#ifndef VMTRACE_REPORT_STAT_CSV_H
#define VMTRACE_REPORT_STAT_CSV_H

#include "report/stat_sum.h"

/* Print a table to stdout, and the caveats to stderr. Returns an exit code. */
int stat_print_csv(const struct stat_sum *sum, const struct stat_subject *subject);

#endif /* VMTRACE_REPORT_STAT_CSV_H */
