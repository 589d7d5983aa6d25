/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lab_report.h - the verdict on a lab, and its report
 */
#ifndef VMTRACE_LABS_LIB_LAB_REPORT_H
#define VMTRACE_LABS_LIB_LAB_REPORT_H

#include "labs/lib/lab.h"
#include "lib/exit_code.h"

/*
 * Set the reason. Returns EXIT_DONE if both counts agree, all predictions were met and no fault was
 * missed; EXIT_SKIPPED if only the count of vmtrace is not known; EXIT_FAILED otherwise.
 */
enum exit_code lab_judge(struct lab *lab);

/* Print the lab, with the verdict of lab_judge(), as text or JSON. Returns an exit code. */
int lab_report(const struct lab *lab, enum exit_code verdict);

#endif /* VMTRACE_LABS_LIB_LAB_REPORT_H */
