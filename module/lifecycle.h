/* SPDX-License-Identifier: GPL-2.0 */
/* lifecycle.h - how vmtrace learns that processes begin and tasks end */
#ifndef VMTRACE_LIFECYCLE_H
#define VMTRACE_LIFECYCLE_H

int vmtrace_lifecycle_init(void);

/* Returns after the last callback has. */
void vmtrace_lifecycle_exit(void);

/*
 * Track the user processes that are older than the module. To be called when
 * the hook is on, so that no process begins unseen in between. May sleep.
 */
void vmtrace_lifecycle_scan(void);

#endif /* VMTRACE_LIFECYCLE_H */
