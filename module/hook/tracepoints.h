/* SPDX-License-Identifier: GPL-2.0 */
/* tracepoints.h - the creation of processes, the end of tasks, failed accesses */
#ifndef VMTRACE_HOOK_TRACEPOINTS_H
#define VMTRACE_HOOK_TRACEPOINTS_H

int vmtrace_tracepoints_init(void);

/* Returns after the last callback has. */
void vmtrace_tracepoints_exit(void);

#endif /* VMTRACE_HOOK_TRACEPOINTS_H */
