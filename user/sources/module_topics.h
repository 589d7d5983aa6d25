/* SPDX-License-Identifier: GPL-2.0 */
/*
 * module_topics.h - the module's files in debugfs; the operations of source_ops.h
 */
#ifndef VMTRACE_SOURCES_MODULE_TOPICS_H
#define VMTRACE_SOURCES_MODULE_TOPICS_H

#include "lib/error.h"
#include "sources/stats.h"
#include "sources/walk_stats.h"

int module_residency(int pid, struct maps_stats *stats, struct error *error);
int module_latency(int pid, struct latency_stats *stats, struct error *error);
int module_failures(int pid, struct failures_stats *stats, struct error *error);
int module_slowest(int pid, struct slowest_stats *stats, struct error *error);
int module_threads(int pid, struct threads_stats *stats, struct error *error);
int module_walk(int pid, unsigned long long address, struct walk_stats *walk, struct error *error);

#endif /* VMTRACE_SOURCES_MODULE_TOPICS_H */
