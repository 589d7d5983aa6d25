/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lab_report.h - the verdict on a lab, and what is printed of it
 */
#ifndef VMTRACE_LABS_LIB_LAB_REPORT_H
#define VMTRACE_LABS_LIB_LAB_REPORT_H

#include <stdbool.h>

#include "labs/lib/lab.h"

/* Fill reason. True if both witnesses agree, the predictions hold and nothing was missed. */
bool lab_judge(struct lab *lab);

/* Print it, as text or JSON. Returns an exit code. */
int lab_report(const struct lab *lab, bool pass);

#endif /* VMTRACE_LABS_LIB_LAB_REPORT_H */
