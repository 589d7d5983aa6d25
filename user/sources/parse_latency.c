// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "core/histogram.h"
#include "lib/array.h"
#include "lib/error.h"
#include "sources/input.h"
#include "sources/latency.h"
#include "sources/parse.h"
#include "sources/stats.h"

struct bucket {
	long long from_ns, to_ns, faults;
};

#define LATENCY_COLUMN(column)                                         \
	{                                                              \
#column, offsetof(struct bucket, column), FIELD_NUMBER \
	}

/* The columns after the first one, which is the class. */
static const struct field columns[] = { LATENCY_COLUMN(from_ns), LATENCY_COLUMN(to_ns),
					LATENCY_COLUMN(faults) };
static const struct layout layout = { columns, ARRAY_SIZE(columns) };

/*
 * The buckets of a class are consecutive lines, so a class that differs from the last one is new.
 */
static struct latency_class *class_of(struct latency_stats *stats, struct piece name)
{
	struct latency_class *class = &stats->class[stats->classes];

	if (stats->classes && piece_is(name, class[-1].name))
		return class - 1;
	if (stats->classes == SOURCE_CLASSES || piece_text(name, class->name, sizeof(class->name)))
		return NULL;
	if (latency_find(stats, class->name))
		return NULL;
	memset(class->count, 0, sizeof(class->count));
	stats->classes++;
	return class;
}

static int parse_bucket(struct input *in, struct piece line, size_t expected,
			struct latency_stats *stats)
{
	struct latency_class *class;
	struct bucket bucket;
	struct piece cell;
	unsigned int i;
	size_t n;

	piece_cut(&line, '\t', &cell);
	class = class_of(stats, cell);
	if (!class)
		return input_broken(in,
				    "it has too many classes, one twice, or one with a long name");
	for (n = 0; piece_cut(&line, '\t', &cell); n++)
		if (n < layout.fields && field_parse(&columns[n], cell, &bucket) != 0)
			return input_broken(in, "%s of class %s is not a number", columns[n].key,
					    class->name);
	if (n != expected)
		return input_broken(in, "a bucket of class %s has %zu of %zu numbers", class->name,
				    n, expected);
	i = vmtrace_histogram_bucket((unsigned long long)bucket.from_ns);
	if (bucket.from_ns != (long long)vmtrace_histogram_low(i) ||
	    bucket.to_ns != (long long)vmtrace_histogram_low(i + 1))
		return input_broken(in, "class %s has a bucket of other bounds than this tool's",
				    class->name);
	class->count[i] = (unsigned long long)bucket.faults;
	return 0;
}

int parse_latency(const char *path, const char *text, size_t length, struct latency_stats *stats,
		  struct error *error)
{
	struct piece line, first;
	size_t expected;
	struct input in;
	int err = input_open(&in, path, text, length, error);

	stats->classes = 0;
	if (err)
		return err;
	if (!piece_cut(&in.rest, '\n', &line) || !piece_cut(&line, '\t', &first) ||
	    !piece_is(first, "class"))
		return input_broken(&in, "the table of buckets is missing");
	err = input_columns(&in, &layout, line, &expected);
	while (!err && piece_cut(&in.rest, '\n', &line) && line.length)
		err = parse_bucket(&in, line, expected, stats);
	return err;
}
