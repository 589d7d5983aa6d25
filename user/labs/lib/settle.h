/* SPDX-License-Identifier: GPL-2.0 */
/*
 * settle.h - have all in memory that measuring needs
 */
#ifndef VMTRACE_LABS_LIB_SETTLE_H
#define VMTRACE_LABS_LIB_SETTLE_H

#include "labs/lib/lab.h"

/*
 * Touch what measuring needs: stack, data, the code of this program and its libraries. After
 * a fork the pages of data are shared, and whoever writes to one first takes a fault: then
 * both processes settle again. lab_run() has done it once.
 */
void lab_settle(struct lab *lab);

#endif /* VMTRACE_LABS_LIB_SETTLE_H */
