// SPDX-License-Identifier: GPL-2.0
/* parse_tables.c - files that are a table and nothing else: threads, slowest */
#include <stdint.h>
#include <stdlib.h>

#include "lib/array.h"
#include "lib/error.h"
#include "sources/input.h"
#include "sources/parse.h"
#include "sources/stats.h"

#define NUMBER(row, key)                                      \
	{                                                     \
#key, offsetof(struct row, key), FIELD_NUMBER \
	}
#define ADDRESS(row, key)                                      \
	{                                                      \
#key, offsetof(struct row, key), FIELD_ADDRESS \
	}
#define TEXT(row, key)                                          \
	{                                                       \
#key, offsetof(struct row, key), FIELD_IN_PLACE \
	}

static const struct field thread_columns[] = {
	NUMBER(thread_stats, tid),	NUMBER(thread_stats, minor),
	NUMBER(thread_stats, major),	NUMBER(thread_stats, retried),
	NUMBER(thread_stats, failed),	NUMBER(thread_stats, in_flight),
	NUMBER(thread_stats, total_ns), NUMBER(thread_stats, asleep_ns),
	NUMBER(thread_stats, max_ns),	TEXT(thread_stats, name),
};

static const struct field slow_columns[] = {
	NUMBER(slow_stats, took_ns),  NUMBER(slow_stats, asleep_ns), NUMBER(slow_stats, ended_ns),
	NUMBER(slow_stats, tid),      TEXT(slow_stats, class),	     TEXT(slow_stats, origin),
	ADDRESS(slow_stats, address), ADDRESS(slow_stats, ip),	     ADDRESS(slow_stats, start),
	ADDRESS(slow_stats, end),     ADDRESS(slow_stats, offset),   TEXT(slow_stats, device),
	NUMBER(slow_stats, inode),    TEXT(slow_stats, name),
};

static const struct layout thread_layout = { thread_columns, ARRAY_SIZE(thread_columns) };
static const struct layout slow_layout = { slow_columns, ARRAY_SIZE(slow_columns) };

static int parse_table(const char *path, const char *text, size_t length,
		       const struct layout *layout, const char *what, size_t size, void **rows,
		       size_t *count, struct error *error)
{
	struct piece names;
	struct input in;
	int err = input_open(&in, path, text, length, error);

	*rows = NULL;
	if (!err && !piece_cut(&in.rest, '\n', &names))
		err = input_broken(&in, "the table is missing");
	return err ? err : input_table(&in, layout, names, what, size, rows, count);
}

int parse_threads(const char *path, char *text, size_t length, struct threads_stats *stats,
		  struct error *error)
{
	return parse_table(path, text, length, &thread_layout, "a thread", sizeof(stats->thread[0]),
			   (void **)&stats->thread, &stats->threads, error);
}

int parse_slowest(const char *path, char *text, size_t length, struct slowest_stats *stats,
		  struct error *error)
{
	return parse_table(path, text, length, &slow_layout, "a fault", sizeof(stats->fault[0]),
			   (void **)&stats->fault, &stats->faults, error);
}
