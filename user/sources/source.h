/* SPDX-License-Identifier: GPL-2.0 */
/*
 * source.h - where the numbers come from
 *
 * Verbs, reports and labs call these functions, which call the operations of a provider. They
 * return what source_ops.h says, or -EOPNOTSUPP if the provider has no such operation.
 */
#ifndef VMTRACE_SOURCES_SOURCE_H
#define VMTRACE_SOURCES_SOURCE_H

#include "sources/source_ops.h"

/* Select the provider, which must outlive all calls. The default is the module. */
void source_select(const struct source_ops *ops);

/*
 * After this, source_process() and source_summary() take no page fault, and they allocate no
 * memory: a lab may read its own faults without adding to them. Not for concurrent use: there is
 * one static buffer.
 */
void source_prepare(void);
int source_process(int pid, struct process_stats *stats, struct error *error);
int source_summary(struct summary_stats *stats, struct error *error);

int source_total(struct total_stats *stats, struct error *error);
int source_latency(int pid, struct latency_stats *stats, struct error *error);
int source_walk(int pid, unsigned long long address, struct walk_stats *walk, struct error *error);

/* If these return 0, the caller frees what they filled in by the functions of stats.h. */
int source_residency(int pid, struct maps_stats *stats, struct error *error);
int source_failures(int pid, struct failures_stats *stats, struct error *error);
int source_slowest(int pid, struct slowest_stats *stats, struct error *error);
int source_threads(int pid, struct threads_stats *stats, struct error *error);

/* Open a stream, to be closed by stream_close(). Returns NULL with error filled in on failure. */
struct stream *source_stream(const struct stream_options *options, struct error *error);

#endif /* VMTRACE_SOURCES_SOURCE_H */
