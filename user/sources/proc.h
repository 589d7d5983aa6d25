/* SPDX-License-Identifier: GPL-2.0 */
/*
 * proc.h - the module's files in /proc/vmtrace; the operations of source_ops.h
 */
#ifndef VMTRACE_SOURCES_PROC_H
#define VMTRACE_SOURCES_PROC_H

#include "lib/error.h"
#include "sources/stats.h"

/*
 * After proc_prepare(), reading a process or the summary takes no page fault: the files are read
 * into one static buffer, so these functions are not for concurrent use.
 */
void proc_prepare(void);
int proc_process(int pid, struct process_stats *stats, struct error *error);
int proc_summary(struct summary_stats *stats, struct error *error);
int proc_total(struct total_stats *stats, struct error *error);

#endif /* VMTRACE_SOURCES_PROC_H */
