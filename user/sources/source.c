// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "lib/error.h"
#include "sources/module.h"
#include "sources/source.h"
#include "sources/source_ops.h"
#include "sources/stats.h"
#include "sources/stream.h"
#include "sources/walk_stats.h"

static const struct source_ops *source = &module_source;

void source_select(const struct source_ops *ops)
{
	source = ops;
}

void source_prepare(void)
{
	if (source->prepare)
		source->prepare();
}

static int not_provided(struct error *error, const char *what)
{
	return error_set(error, -EOPNOTSUPP, "%s: does not provide %s", source->name, what);
}

/* Call an operation, if there is one. The arguments end with error. */
#define CALL(operation, ...) \
	(source->operation ? source->operation(__VA_ARGS__) : not_provided(error, #operation))

int source_process(int pid, struct process_stats *stats, struct error *error)
{
	return CALL(process, pid, stats, error);
}

int source_summary(struct summary_stats *stats, struct error *error)
{
	return CALL(summary, stats, error);
}

int source_total(struct total_stats *stats, struct error *error)
{
	return CALL(total, stats, error);
}

int source_residency(int pid, struct maps_stats *stats, struct error *error)
{
	return CALL(residency, pid, stats, error);
}

int source_latency(int pid, struct latency_stats *stats, struct error *error)
{
	return CALL(latency, pid, stats, error);
}

int source_failures(int pid, struct failures_stats *stats, struct error *error)
{
	return CALL(failures, pid, stats, error);
}

int source_slowest(int pid, struct slowest_stats *stats, struct error *error)
{
	return CALL(slowest, pid, stats, error);
}

int source_threads(int pid, struct threads_stats *stats, struct error *error)
{
	return CALL(threads, pid, stats, error);
}

int source_walk(int pid, unsigned long long address, struct walk_stats *walk, struct error *error)
{
	return CALL(walk, pid, address, walk, error);
}

struct stream *source_stream(const struct stream_options *options, struct error *error)
{
	if (source->stream)
		return source->stream(options, error);
	not_provided(error, "a stream of faults");
	return NULL;
}
