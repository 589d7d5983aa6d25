/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lab_report.h - the verdict on a lab, and its report
 */
#ifndef VMTRACE_LABS_LIB_LAB_REPORT_H
#define VMTRACE_LABS_LIB_LAB_REPORT_H

#include <stdbool.h>

#include "labs/lib/lab.h"

/*
 * Set the reason. Returns true if both counts agree, all predictions were met and no fault was
 * missed.
 */
bool lab_judge(struct lab *lab);

/* Print the lab as text or JSON. Returns an exit code. */
int lab_report(const struct lab *lab, bool pass);

#endif /* VMTRACE_LABS_LIB_LAB_REPORT_H */
