/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stats.h - what a source knows about processes and about itself
 *
 * Numbers have the names and units of core/format.h.
 */
#ifndef VMTRACE_SOURCES_STATS_H
#define VMTRACE_SOURCES_STATS_H

#include <stddef.h>

#include "core/format.h"
#include "core/histogram.h"

#define SOURCE_TEXT_MAX	 64 /* of a name, state, version or hook, with its NUL */
#define SOURCE_CLASS_MAX 24 /* of a class's name, with its NUL */
#define SOURCE_CLASSES	 64 /* more than there are: a newer module may have others */

#define SOURCE_NUMBER(key, meaning) long long key;

/* A line of the class table; its name is lower-case letters, digits and '-'. */
struct class_stats {
	char name[SOURCE_CLASS_MAX];
	VMTRACE_CLASS_COLUMNS(SOURCE_NUMBER)
};

/*
 * Text is valid UTF-8 without control characters other than newline and tab. The classes are in the
 * order of the file and include those that this tool does not know; their faults add up to minor +
 * major + failed.
 */
struct process_stats {
	char name[SOURCE_TEXT_MAX];
	char state[SOURCE_TEXT_MAX];
	VMTRACE_PROCESS_NUMBERS(SOURCE_NUMBER)
	size_t classes;
	struct class_stats class[SOURCE_CLASSES];
};

struct summary_stats {
	char version[SOURCE_TEXT_MAX];
	char hook[SOURCE_TEXT_MAX];
	char hook_reason[SOURCE_TEXT_MAX];
	VMTRACE_SUMMARY_NUMBERS(SOURCE_NUMBER)
};

struct total_stats {
	VMTRACE_TOTAL_NUMBERS(SOURCE_NUMBER)
};

/* A mapping: addresses, the offset of its start in the file in bytes, and pages. */
struct map_stats {
	unsigned long long start, end, offset;
	char perms[8];
	char *name; /* points into text */
	VMTRACE_MAPS_KINDS(SOURCE_NUMBER)
};

/* The mappings of a process, in order of addresses. */
struct maps_stats {
	char name[SOURCE_TEXT_MAX];
	VMTRACE_MAPS_NUMBERS(SOURCE_NUMBER)
	VMTRACE_MAPS_KINDS(SOURCE_NUMBER)
	VMTRACE_MAPS_KERNEL(SOURCE_NUMBER)
	struct map_stats *map;
	char *text; /* holds the names */
};

/* A failed access: VMTRACE_FAILURES_COLUMNS. */
struct failure_stats {
	long long time_ns, tid, signal, code, distance;
	unsigned long long address, ip, start, end, offset, ip_offset;
	char *reason, *where, *perms, *name, *ip_name; /* point into text */
};

/* The last failed accesses of a process, the oldest first. */
struct failures_stats {
	char name[SOURCE_TEXT_MAX];
	VMTRACE_FAILURES_NUMBERS(SOURCE_NUMBER)
	struct failure_stats *failure; /* an array of kept elements */
	char *text;		       /* holds the texts */
};

#undef SOURCE_NUMBER

/* How long the faults of a process took: a histogram for each class, see core/histogram.h. */
struct latency_class {
	char name[SOURCE_CLASS_MAX];
	unsigned long long count[VMTRACE_HIST_BUCKETS];
};

struct latency_stats {
	size_t classes;
	struct latency_class class[SOURCE_CLASSES];
};

/* A thread: VMTRACE_THREAD_COLUMNS. */
struct thread_stats {
	long long tid, minor, major, retried, failed, in_flight, total_ns, asleep_ns, max_ns;
	char *name;
};

/* The threads of a process that are alive and took a fault. */
struct threads_stats {
	struct thread_stats *thread;
	size_t threads;
	char *text; /* holds the names */
};

/* A slow fault: VMTRACE_SLOW_COLUMNS. */
struct slow_stats {
	long long took_ns, asleep_ns, ended_ns, tid, inode;
	unsigned long long address, ip, start, end, offset;
	char *class, *origin, *device, *name;
};

/* The slowest faults of a process, the slowest first. */
struct slowest_stats {
	struct slow_stats *fault;
	size_t faults;
	char *text; /* holds the texts */
};

/* The number of failed accesses, of all reasons. */
long long failures_count(const struct process_stats *stats);

void maps_free(struct maps_stats *stats);
void failures_free(struct failures_stats *stats);
void threads_free(struct threads_stats *stats);
void slowest_free(struct slowest_stats *stats);

#endif /* VMTRACE_SOURCES_STATS_H */
