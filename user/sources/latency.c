// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "core/histogram.h"
#include "sources/latency.h"
#include "sources/stats.h"

const struct latency_class *latency_find(const struct latency_stats *stats, const char *name)
{
	for (size_t i = 0; i < stats->classes; i++)
		if (strcmp(stats->class[i].name, name) == 0)
			return &stats->class[i];
	return NULL;
}

bool latency_add(unsigned long long *count, const struct latency_class *from,
		 const struct latency_class *to)
{
	for (unsigned int i = 0; i < VMTRACE_HIST_BUCKETS; i++) {
		unsigned long long before = from ? from->count[i] : 0;
		unsigned long long after = to ? to->count[i] : 0;

		if (after < before)
			return false;
		count[i] += after - before;
	}
	return true;
}
