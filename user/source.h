/* SPDX-License-Identifier: GPL-2.0 */
/*
 * source.h - where the numbers come from
 *
 * The verbs ask here and do not know who answers; today that is the module,
 * through /proc/vmtrace. $VMTRACE_ROOT, if set, is put in front of that path.
 *
 * source_process() and source_summary() allocate no memory: after source_prepare() another
 * successful read takes no page fault, so a lab may read its own faults without adding to them. Not
 * for concurrent use: the file is read into one static buffer.
 */
#ifndef VMTRACE_SOURCE_H
#define VMTRACE_SOURCE_H

#include <stddef.h>

#include "format.h"
#include "hist.h"

#define SOURCE_SELF 0 /* instead of a pid: this process */

#define SOURCE_TEXT_MAX	 64 /* of a name, state, version or hook, with its NUL */
#define SOURCE_CLASS_MAX 24 /* of a class's name, with its NUL */
#define SOURCE_CLASSES	 64 /* more than there are, because a newer module may know others */

#define SOURCE_NUMBER(key, meaning) long long key;

/* A line of the class table; its name is lower-case letters, digits and '-'. */
struct class_stats {
	char name[SOURCE_CLASS_MAX];
	VMTRACE_CLASS_COLUMNS(SOURCE_NUMBER)
};

/*
 * Text is valid UTF-8 without control characters other than newline. The classes are
 * in the order of the file, those that this tool does not know among them; their
 * faults add up to minor + major + failed.
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

/* A mapping of the lazy ledger. */
struct map_stats {
	unsigned long long start, end, offset;
	char perms[8];
	char *name; /* as other text; may have a tab as well */
	VMTRACE_MAPS_KINDS(SOURCE_NUMBER)
	VMTRACE_MAPS_TOUCHES(SOURCE_NUMBER)
};

/* The lazy ledger of a process: its mappings in order of addresses. */
struct maps_stats {
	char name[SOURCE_TEXT_MAX];
	VMTRACE_MAPS_NUMBERS(SOURCE_NUMBER)
	VMTRACE_MAPS_KINDS(SOURCE_NUMBER)
	VMTRACE_MAPS_KERNEL(SOURCE_NUMBER)
	VMTRACE_MAPS_GROWTH(SOURCE_NUMBER)
	struct map_stats *map;
	char *text; /* where the names are */
};

/* A failed access; addresses and offsets are numbers, the rest is text. */
struct failure_stats {
	long long time_ns, tid, signal, code, distance;
	unsigned long long address, ip, start, end, offset, ip_offset;
	char *reason, *where, *perms, *name, *ip_name; /* as in a mapping */
};

/* The last failed accesses of a process, the oldest first. */
struct failures_stats {
	char name[SOURCE_TEXT_MAX];
	VMTRACE_FAILURES_NUMBERS(SOURCE_NUMBER)
	struct failure_stats *failure; /* as many as kept says */
	char *text;		       /* where the texts are */
};

#undef SOURCE_NUMBER

/* How long the faults of a process took: a histogram for each class, see hist.h. */
struct latency_class {
	char name[SOURCE_CLASS_MAX];
	unsigned long long count[VMTRACE_HIST_BUCKETS];
};

struct latency_stats {
	size_t classes;
	struct latency_class class[SOURCE_CLASSES];
};

/* One line for message(): what, why and the next step. */
struct source_error {
	char text[512];
};

/* Fill in error; returns err. */
__attribute__((format(printf, 3, 4))) int source_fail(struct source_error *error, int err,
						      const char *format, ...);

/*
 * Read what is known about a process, or about all. Return 0, or a negative errno with
 * error filled in and the numbers undefined: -ENODEV the module is not loaded,
 * -ENOENT no such process, -EACCES, -EPROTONOSUPPORT another format, -EPROTO
 * not in the format at all, or what open and read say.
 */
int source_process(int pid, struct process_stats *stats, struct source_error *error);
int source_summary(struct summary_stats *stats, struct source_error *error);
/* The sums over all; takes the module time linear in the number of threads and processes. */
int source_total(struct total_stats *stats, struct source_error *error);

/*
 * The lazy ledger, from debugfs. Besides: -ESRCH the process has no memory. To be freed
 * if it returns 0.
 */
int source_maps(int pid, struct maps_stats *stats, struct source_error *error);
void source_free_maps(struct maps_stats *stats);

/* The failed accesses of a process, alive or not, likewise. */
int source_failures(int pid, struct failures_stats *stats, struct source_error *error);
void source_free_failures(struct failures_stats *stats);

/* How long its faults took, likewise; nothing is to be freed. */
int source_latency(int pid, struct latency_stats *stats, struct source_error *error);

/* Touch every page that a read will need. */
void source_prepare(void);

/* The parsers alone, parse.c; text need not end in NUL, path is for the message. */
int source_parse_process(const char *path, const char *text, size_t length,
			 struct process_stats *stats, struct source_error *error);
int source_parse_summary(const char *path, const char *text, size_t length,
			 struct summary_stats *stats, struct source_error *error);
int source_parse_total(const char *path, const char *text, size_t length, struct total_stats *stats,
		       struct source_error *error);

/* These two write into text; if they return 0, the array is to be freed and text to be kept. */
int source_parse_maps(const char *path, char *text, size_t length, struct maps_stats *stats,
		      struct source_error *error);
int source_parse_failures(const char *path, char *text, size_t length, struct failures_stats *stats,
			  struct source_error *error);

/* latency.c */
int source_parse_latency(const char *path, const char *text, size_t length,
			 struct latency_stats *stats, struct source_error *error);

#endif /* VMTRACE_SOURCE_H */
