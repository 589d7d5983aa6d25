/* SPDX-License-Identifier: GPL-2.0 */
/*
 * latency.h - histograms of times can be subtracted and added, which quantiles cannot
 */
#ifndef VMTRACE_SOURCES_LATENCY_H
#define VMTRACE_SOURCES_LATENCY_H

#include <stdbool.h>

#include "sources/stats.h"

/* The histogram of a class, or NULL. */
const struct latency_class *latency_find(const struct latency_stats *stats, const char *name);

/*
 * Add to count, VMTRACE_HIST_BUCKETS numbers, what came between two readings of a class, of
 * which NULL is an empty one. False if a bucket of @from has more than that of @to.
 */
bool latency_add(unsigned long long *count, const struct latency_class *from,
		 const struct latency_class *to);

#endif /* VMTRACE_SOURCES_LATENCY_H */
