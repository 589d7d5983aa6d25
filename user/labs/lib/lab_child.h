/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lab_child.h - a step that a child takes; signals that have to wait
 */
#ifndef VMTRACE_LABS_LIB_LAB_CHILD_H
#define VMTRACE_LABS_LIB_LAB_CHILD_H

#include "labs/lib/lab.h"

/*
 * Have a child do it, and wait. What the child measures stands among the steps as if it were
 * done here. Returns 0, the child's negative errno, or -ECHILD if it died.
 */
int lab_child(struct lab *lab, int (*body)(struct lab *lab, void *argument), void *argument);

/*
 * What asks a process to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT) waits, so that a lab can undo
 * what it did to the machine. A child of lab_child() is not held.
 */
void lab_hold_signals(void);
void lab_release_signals(void);

#endif /* VMTRACE_LABS_LIB_LAB_CHILD_H */
