// SPDX-License-Identifier: GPL-2.0
#include "sources/module.h"
#include "sources/module_stream.h"
#include "sources/module_topics.h"
#include "sources/proc.h"
#include "sources/source_ops.h"

const struct source_ops module_source = {
	.name = "the module",
	.prepare = proc_prepare,
	.process = proc_process,
	.summary = proc_summary,
	.total = proc_total,
	.residency = module_residency,
	.latency = module_latency,
	.failures = module_failures,
	.slowest = module_slowest,
	.threads = module_threads,
	.walk = module_walk,
	.stream = module_stream,
};
