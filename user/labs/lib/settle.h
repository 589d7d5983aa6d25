/* SPDX-License-Identifier: GPL-2.0 */
/*
 * settle.h - touch all memory that the measurement needs
 */
#ifndef VMTRACE_LABS_LIB_SETTLE_H
#define VMTRACE_LABS_LIB_SETTLE_H

#include "labs/lib/lab.h"

/*
 * Touch what the measurement needs: stack, data, and the code of this program and its libraries.
 * lab_run() calls this once. After a fork both processes must call it again, since the pages of
 * data are shared and the first write to each takes a fault.
 */
void lab_settle(struct lab *lab);

#endif /* VMTRACE_LABS_LIB_SETTLE_H */
