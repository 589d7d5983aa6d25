/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lab_child.h - run steps in a child process; block signals
 */
#ifndef VMTRACE_LABS_LIB_LAB_CHILD_H
#define VMTRACE_LABS_LIB_LAB_CHILD_H

#include "labs/lib/lab.h"

/*
 * Run body in a child, and wait for it. Steps of the child are added to those of the lab. Returns
 * 0, LAB_SKIPPED, the negative errno that body returned, or -ECHILD if a signal killed the child.
 */
int lab_child(struct lab *lab, int (*body)(struct lab *lab, void *argument), void *argument);

/*
 * Block and unblock SIGINT, SIGTERM, SIGHUP and SIGQUIT, so that a lab can undo what it did to the
 * machine. They are not blocked in a child of lab_child().
 */
void lab_hold_signals(void);
void lab_release_signals(void);

#endif /* VMTRACE_LABS_LIB_LAB_CHILD_H */
