/* SPDX-License-Identifier: GPL-2.0 */
/*
 * source_ops.h - what a provider of numbers fills in
 *
 * Today there is one provider, the module (module.c). Others, such as a BPF program or a
 * recorded file, fill in a table of their own; the callers of source.h stay as they are.
 */
#ifndef VMTRACE_SOURCES_SOURCE_OPS_H
#define VMTRACE_SOURCES_SOURCE_OPS_H

#include "lib/error.h"
#include "sources/stats.h"
#include "sources/stream.h"
#include "sources/walk_stats.h"

#define SOURCE_SELF 0 /* instead of a pid: this process */

/**
 * struct source_ops - a provider
 * @name: a word, for messages
 * @prepare: touch every page that @process and @summary need; NULL if there is nothing to touch
 * @process: counts, classes and times of one process
 * @summary: the state of the provider; takes the same time however much is tracked
 * @total: the sums over all processes; takes time linear in the number of threads and processes
 * @residency: the mappings of a process and what they hold; -ESRCH if it has no memory
 * @latency: how long its faults took
 * @failures: its last failed accesses, whether it lives or has exited
 * @slowest: its slowest faults
 * @threads: its threads
 * @walk: the page-table walk to an address of it
 * @stream: faults as they happen; NULL with the error filled in if there is no stream
 *
 * An operation that is NULL is not provided. Each returns 0, or a negative errno with the error
 * filled in and the numbers undefined: -ENODEV there is no such source (the module is not
 * loaded), -ENOENT no such process, -EACCES, -EPERM, -EPROTONOSUPPORT another version of the
 * format, -EPROTO not in the format at all, or what open and read say.
 */
struct source_ops {
	const char *name;
	void (*prepare)(void);
	int (*process)(int pid, struct process_stats *stats, struct error *error);
	int (*summary)(struct summary_stats *stats, struct error *error);
	int (*total)(struct total_stats *stats, struct error *error);
	int (*residency)(int pid, struct maps_stats *stats, struct error *error);
	int (*latency)(int pid, struct latency_stats *stats, struct error *error);
	int (*failures)(int pid, struct failures_stats *stats, struct error *error);
	int (*slowest)(int pid, struct slowest_stats *stats, struct error *error);
	int (*threads)(int pid, struct threads_stats *stats, struct error *error);
	int (*walk)(int pid, unsigned long long address, struct walk_stats *walk,
		    struct error *error);
	struct stream *(*stream)(const struct stream_options *options, struct error *error);
};

#endif /* VMTRACE_SOURCES_SOURCE_OPS_H */
