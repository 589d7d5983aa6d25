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

#define MAPS_NUMBER(key, meaning) { #key, offsetof(struct maps_stats, key), 0 },
#define MAP_NUMBER(key, meaning)  { #key, offsetof(struct map_stats, key), FIELD_NUMBER },

static const struct field maps_fields[] = {
	{ "name", offsetof(struct maps_stats, name), SOURCE_TEXT_MAX },
	VMTRACE_MAPS_NUMBERS(MAPS_NUMBER) VMTRACE_MAPS_KINDS(MAPS_NUMBER)
		VMTRACE_MAPS_KERNEL(MAPS_NUMBER)
};

static const struct field map_columns[] = {
	{ "start", offsetof(struct map_stats, start), FIELD_ADDRESS },
	{ "end", offsetof(struct map_stats, end), FIELD_ADDRESS },
	{ "perms", offsetof(struct map_stats, perms), sizeof(((struct map_stats *)0)->perms) },
	{ "offset", offsetof(struct map_stats, offset), FIELD_ADDRESS },
	{ "name", offsetof(struct map_stats, name), FIELD_IN_PLACE },
	VMTRACE_MAPS_KINDS(MAP_NUMBER)
};

#define FIRST_KIND 5 /* of map_columns */

_Static_assert(ARRAY_SIZE(maps_fields) <= 64, "too many fields");

static const struct layout maps_layout = { maps_fields, ARRAY_SIZE(maps_fields) };
static const struct layout map_layout = { map_columns, ARRAY_SIZE(map_columns) };

/* The pages of all kinds but huge, which is part of two others. */
static unsigned long long pages_of(const struct map_stats *map)
{
	unsigned long long sum = 0;

#define ADD(key, meaning) sum += (unsigned long long)map->key;
	VMTRACE_MAPS_KINDS(ADD)
#undef ADD
	return sum - (unsigned long long)map->reserved - (unsigned long long)map->huge;
}

/* The rest of the file. */
static int parse_maps_table(struct input *in, struct piece names, struct maps_stats *stats)
{
	size_t count;
	int err = input_table(in, &map_layout, names, "a mapping", sizeof(stats->map[0]),
			      (void **)&stats->map, &count);

	for (size_t i = 0; !err && i < count; i++) {
		const struct map_stats *map = &stats->map[i];

		if (map->end <= map->start || pages_of(map) != (unsigned long long)map->reserved)
			err = input_broken(in, "the pages of a mapping do not add up");
	}
	if (!err && (unsigned long long)stats->mappings != count)
		err = input_broken(in, "it has %zu mappings instead of %lld", count,
				   stats->mappings);
	return err;
}

static unsigned long long number_at(const void *stats, const struct field *field)
{
	unsigned long long number;

	memcpy(&number, (const char *)stats + field->offset, sizeof(number));
	return number;
}

/* Only the sums show that lines are missing, or belong to another process. */
static int check_maps(struct input *in, const struct maps_stats *stats)
{
	for (size_t n = FIRST_KIND; n < ARRAY_SIZE(map_columns); n++) {
		struct piece key = { map_columns[n].key, strlen(map_columns[n].key) };
		unsigned long long left = number_at(stats, layout_find(&maps_layout, key));

		for (long long i = 0; i < stats->mappings; i++)
			left -= number_at(&stats->map[i], &map_columns[n]);
		if (left)
			return input_broken(in, "its mappings do not add up to %s",
					    map_columns[n].key);
	}
	return stats->page_bytes ? 0 : input_broken(in, "page_bytes is 0");
}

int parse_maps(const char *path, char *text, size_t length, struct maps_stats *stats,
	       struct error *error)
{
	uint64_t seen = 0;
	struct piece line;
	struct input in;
	int err = input_open(&in, path, text, length, error);

	stats->map = NULL;
	while (!err && !stats->map && piece_cut(&in.rest, '\n', &line)) {
		struct piece names = line, first;

		piece_cut(&names, '\t', &first);
		if (!piece_is(first, "start")) {
			err = input_line(&in, &maps_layout, line, &seen, stats);
			continue;
		}
		err = input_complete(&in, &maps_layout, seen);
		if (!err)
			err = parse_maps_table(&in, line, stats);
	}
	if (!err && !stats->map)
		err = input_broken(&in, "the table of mappings is missing");
	if (!err)
		err = check_maps(&in, stats);
	if (err) {
		free(stats->map);
		stats->map = NULL;
	}
	return err;
}
