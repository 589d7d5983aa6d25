/* SPDX-License-Identifier: GPL-2.0 */
/*
 * parse.h - the parsers of the module's files; input.h has the rules
 *
 * path is for messages. text need not end in NUL. Each returns 0, or -EPROTO, -EPROTONOSUPPORT or
 * -ENOMEM with error filled in.
 */
#ifndef VMTRACE_SOURCES_PARSE_H
#define VMTRACE_SOURCES_PARSE_H

#include "lib/error.h"
#include "sources/stats.h"
#include "sources/walk_stats.h"

int parse_process(const char *path, const char *text, size_t length, struct process_stats *stats,
		  struct error *error);
int parse_summary(const char *path, const char *text, size_t length, struct summary_stats *stats,
		  struct error *error);
int parse_total(const char *path, const char *text, size_t length, struct total_stats *stats,
		struct error *error);
int parse_latency(const char *path, const char *text, size_t length, struct latency_stats *stats,
		  struct error *error);
int parse_walk(const char *path, const char *text, size_t length, struct walk_stats *walk,
	       struct error *error);

/*
 * These write into text. If they return 0, the caller frees the array of lines, and keeps text as
 * long as the array.
 */
int parse_maps(const char *path, char *text, size_t length, struct maps_stats *stats,
	       struct error *error);
int parse_failures(const char *path, char *text, size_t length, struct failures_stats *stats,
		   struct error *error);
int parse_threads(const char *path, char *text, size_t length, struct threads_stats *stats,
		  struct error *error);
int parse_slowest(const char *path, char *text, size_t length, struct slowest_stats *stats,
		  struct error *error);

#endif /* VMTRACE_SOURCES_PARSE_H */
