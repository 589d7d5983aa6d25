// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/format.h"
#include "lib/array.h"
#include "lib/error.h"
#include "sources/input.h"
#include "sources/parse.h"
#include "sources/stats.h"

#define FAILURES_NUMBER(key, meaning) { #key, offsetof(struct failures_stats, key), 0 },

static const struct field failures_fields[] = { { "name", offsetof(struct failures_stats, name),
						  SOURCE_TEXT_MAX },
						VMTRACE_FAILURES_NUMBERS(FAILURES_NUMBER) };

#define NUMBER(key)                                                     \
	{                                                               \
#key, offsetof(struct failure_stats, key), FIELD_NUMBER \
	}
#define ADDRESS(key)                                                     \
	{                                                                \
#key, offsetof(struct failure_stats, key), FIELD_ADDRESS \
	}
#define TEXT(key)                                                         \
	{                                                                 \
#key, offsetof(struct failure_stats, key), FIELD_IN_PLACE \
	}

static const struct field failure_columns[] = {
	NUMBER(time_ns),  NUMBER(tid),	    TEXT(reason),	NUMBER(signal),
	NUMBER(code),	  ADDRESS(address), ADDRESS(ip),	TEXT(where),
	NUMBER(distance), ADDRESS(start),   ADDRESS(end),	TEXT(perms),
	ADDRESS(offset),  TEXT(name),	    ADDRESS(ip_offset), TEXT(ip_name),
};

static const struct layout failures_layout = { failures_fields, ARRAY_SIZE(failures_fields) };
static const struct layout failure_layout = { failure_columns, ARRAY_SIZE(failure_columns) };

/* The rest of the file. */
static int parse_failures_table(struct input *in, struct piece names, struct failures_stats *stats)
{
	size_t count;
	int err = input_table(in, &failure_layout, names, "a failure", sizeof(stats->failure[0]),
			      (void **)&stats->failure, &count);

	if (!err && ((unsigned long long)stats->kept != count || stats->failures < stats->kept))
		err = input_broken(in, "it has %zu of %lld failures instead of %lld", count,
				   stats->failures, stats->kept);
	return err;
}

int parse_failures(const char *path, char *text, size_t length, struct failures_stats *stats,
		   struct error *error)
{
	uint64_t seen = 0;
	struct piece line;
	struct input in;
	int err = input_open(&in, path, text, length, error);

	stats->failure = NULL;
	while (!err && !stats->failure && piece_cut(&in.rest, '\n', &line)) {
		struct piece names = line, first;

		piece_cut(&names, '\t', &first);
		if (!piece_is(first, "time_ns")) {
			err = input_line(&in, &failures_layout, line, &seen, stats);
			continue;
		}
		err = input_complete(&in, &failures_layout, seen);
		if (!err)
			err = parse_failures_table(&in, line, stats);
	}
	if (!err && !stats->failure)
		err = input_broken(&in, "the table of failures is missing");
	if (err) {
		free(stats->failure);
		stats->failure = NULL;
	}
	return err;
}
