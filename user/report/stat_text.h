/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat_text.h - the results of "vmtrace stat" for people
 */
#ifndef VMTRACE_REPORT_STAT_TEXT_H
#define VMTRACE_REPORT_STAT_TEXT_H

#include "report/stat_sum.h"

/* Print a report to stdout. */
void stat_print_text(const struct stat_sum *sum, const struct stat_subject *subject);

#endif /* VMTRACE_REPORT_STAT_TEXT_H */
