/* SPDX-License-Identifier: GPL-2.0 */
/*
 * latency.h - histograms of times, which can be added and subtracted, unlike quantiles
 */
#ifndef VMTRACE_SOURCES_LATENCY_H
#define VMTRACE_SOURCES_LATENCY_H

#include <stdbool.h>

#include "sources/stats.h"

/* The histogram of a class, or NULL. */
const struct latency_class *latency_find(const struct latency_stats *stats, const char *name);

/*
 * Add the difference between two readings of a class, bucket by bucket, to the VMTRACE_HIST_BUCKETS
 * numbers of count. A reading that is NULL is empty. Returns false if a bucket decreased.
 */
bool latency_add(unsigned long long *count, const struct latency_class *from,
		 const struct latency_class *to);

#endif /* VMTRACE_SOURCES_LATENCY_H */
