/* SPDX-License-Identifier: GPL-2.0 */
/*
 * harness.h - run a lab: options, measurement, verdict, report
 */
#ifndef VMTRACE_LABS_LIB_HARNESS_H
#define VMTRACE_LABS_LIB_HARNESS_H

#include "labs/lib/lab.h"

/* What "vmtrace lab NAME" does, from the command line to the exit code. */
int lab_run(const struct lab_info *info, int argc, char **argv);

#endif /* VMTRACE_LABS_LIB_HARNESS_H */
