// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "sources/stats.h"

long long failures_count(const struct process_stats *stats)
{
	long long count = 0;

#define ADD(key, meaning) count += stats->key;
	VMTRACE_REASONS(ADD)
#undef ADD
	return count;
}

void maps_free(struct maps_stats *stats)
{
	free(stats->map);
	free(stats->text);
}

void failures_free(struct failures_stats *stats)
{
	free(stats->failure);
	free(stats->text);
}

void threads_free(struct threads_stats *stats)
{
	free(stats->thread);
	free(stats->text);
}

void slowest_free(struct slowest_stats *stats)
{
	free(stats->fault);
	free(stats->text);
}
