// SPDX-License-Identifier: GPL-2.0
/* parse.c - what is in the files of a process, the summary and the total; input.h has the rules */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "source.h"
#include "util.h"

#define PROCESS_NUMBER(key, meaning)  { #key, offsetof(struct process_stats, key), 0 },
#define SUMMARY_NUMBER(key, meaning)  { #key, offsetof(struct summary_stats, key), 0 },
#define TOTAL_NUMBER(key, meaning)    { #key, offsetof(struct total_stats, key), 0 },
#define CLASS_NUMBER(column, meaning) { #column, offsetof(struct class_stats, column), 0 },

static const struct field process_fields[] = {
	{ "name", offsetof(struct process_stats, name), SOURCE_TEXT_MAX },
	{ "state", offsetof(struct process_stats, state), SOURCE_TEXT_MAX },
	VMTRACE_PROCESS_NUMBERS(PROCESS_NUMBER)
};

static const struct field summary_fields[] = {
	{ "version", offsetof(struct summary_stats, version), SOURCE_TEXT_MAX },
	{ "hook", offsetof(struct summary_stats, hook), SOURCE_TEXT_MAX },
	{ "hook_reason", offsetof(struct summary_stats, hook_reason), SOURCE_TEXT_MAX },
	VMTRACE_SUMMARY_NUMBERS(SUMMARY_NUMBER)
};

static const struct field total_fields[] = { VMTRACE_TOTAL_NUMBERS(TOTAL_NUMBER) };

#define MAPS_NUMBER(key, meaning) { #key, offsetof(struct maps_stats, key), 0 },
#define MAP_NUMBER(key, meaning)  { #key, offsetof(struct map_stats, key), 0 },
#define MAP_COLUMN(key, meaning)  { #key, 0, 0 },

static const struct field maps_fields[] = {
	{ "name", offsetof(struct maps_stats, name), SOURCE_TEXT_MAX },
	VMTRACE_MAPS_NUMBERS(MAPS_NUMBER) VMTRACE_MAPS_KINDS(MAPS_NUMBER)
		VMTRACE_MAPS_KERNEL(MAPS_NUMBER) VMTRACE_MAPS_GROWTH(MAPS_NUMBER)
};

/* What comes before the numbers is no field, and read by parse_map(). */
static const struct field map_columns[] = { VMTRACE_MAPS_COLUMNS(MAP_COLUMN) VMTRACE_MAPS_KINDS(
	MAP_NUMBER) VMTRACE_MAPS_TOUCHES(MAP_NUMBER) };

enum map_column {
#define MAP_INDEX(key, meaning) MAP_##key,
	VMTRACE_MAPS_COLUMNS(MAP_INDEX)
	VMTRACE_MAPS_KINDS(MAP_INDEX)
#undef MAP_INDEX
		MAP_TOUCHES,
	MAP_NUMBERS = MAP_reserved,
};

#define FAILURES_NUMBER(key, meaning) { #key, offsetof(struct failures_stats, key), 0 },

static const struct field failures_fields[] = { { "name", offsetof(struct failures_stats, name),
						  SOURCE_TEXT_MAX },
						VMTRACE_FAILURES_NUMBERS(FAILURES_NUMBER) };

/* Each is read by its own way: parse_failure(). */
static const struct field failure_columns[] = { VMTRACE_FAILURES_COLUMNS(MAP_COLUMN) };

enum failure_column {
#define FAILURE_INDEX(key, meaning) FAILURE_##key,
	VMTRACE_FAILURES_COLUMNS(FAILURE_INDEX)
#undef FAILURE_INDEX
	FAILURE_COLUMNS,
};

/* Of the class table, without the first, which is the class. */
static const struct field class_columns[] = { VMTRACE_CLASS_COLUMNS(CLASS_NUMBER) };

_Static_assert(ARRAY_SIZE(process_fields) <= 64, "too many fields");
_Static_assert(ARRAY_SIZE(summary_fields) <= 64, "too many fields");
_Static_assert(ARRAY_SIZE(total_fields) <= 64, "too many fields");
_Static_assert(ARRAY_SIZE(maps_fields) <= 64, "too many fields");
_Static_assert(VMTRACE_CLASS_COUNT <= SOURCE_CLASSES, "too many classes");

static const struct layout process_layout = { process_fields, ARRAY_SIZE(process_fields) };
static const struct layout summary_layout = { summary_fields, ARRAY_SIZE(summary_fields) };
static const struct layout total_layout = { total_fields, ARRAY_SIZE(total_fields) };
static const struct layout class_layout = { class_columns, ARRAY_SIZE(class_columns) };
static const struct layout maps_layout = { maps_fields, ARRAY_SIZE(maps_fields) };
static const struct layout failures_layout = { failures_fields, ARRAY_SIZE(failures_fields) };
static const struct layout failure_layout = { failure_columns, ARRAY_SIZE(failure_columns) };
static const struct layout map_layout = { map_columns, ARRAY_SIZE(map_columns) };

/* It will reach a terminal and JSON. */
static bool is_class_name(struct piece name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	for (size_t i = 0; i < name.length; i++)
		if (!memchr(allowed, name.text[i], sizeof(allowed) - 1))
			return false;
	return name.length > 0 && name.length < SOURCE_CLASS_MAX;
}

static int add_class(struct input *in, struct piece name, struct process_stats *stats)
{
	if (!is_class_name(name))
		return input_broken(in, "a line of the table does not begin with a class");
	for (size_t i = 0; i < stats->classes; i++)
		if (piece_is(name, stats->class[i].name))
			return input_broken(in, "class %s is there twice", stats->class[i].name);
	if (stats->classes == SOURCE_CLASSES)
		return source_fail(in->error, -EPROTONOSUPPORT,
				   "%s: more classes than this tool understands: update vmtrace",
				   in->path);
	memcpy(stats->class[stats->classes++].name, name.text, name.length);
	return 0;
}

/* What is in later columns is skipped, but must be there. */
static int parse_class(struct input *in, struct piece line, size_t columns,
		       struct process_stats *stats)
{
	struct class_stats *class = &stats->class[stats->classes];
	struct piece cell;
	size_t n;
	int err;

	piece_cut(&line, '\t', &cell);
	err = add_class(in, cell, stats);
	if (err)
		return err;
	for (n = 0; piece_cut(&line, '\t', &cell); n++) {
		if (n >= class_layout.fields)
			continue;
		err = field_parse(&class_columns[n], cell, class);
		if (err)
			return input_broken(in, "%s of class %s is %s", class_columns[n].key,
					    class->name, field_wrong(err));
	}
	if (n != columns)
		return input_broken(in, "class %s has %zu of %zu numbers", class->name, n, columns);
	return 0;
}

/* The table ends at an empty line, or with the file. */
static int parse_table(struct input *in, struct piece names, struct process_stats *stats)
{
	size_t columns = 0;
	struct piece line;
	int err = input_columns(in, &class_layout, names, &columns);

	while (!err && piece_cut(&in->rest, '\n', &line) && line.length)
		err = parse_class(in, line, columns, stats);
	return err;
}

/*
 * Only the sum can tell that the last lines of a table were lost. Unsigned: if both
 * sides overflow, they do so alike.
 */
static int check_sum(struct input *in, const struct process_stats *stats)
{
	unsigned long long left = (unsigned long long)stats->minor +
				  (unsigned long long)stats->major +
				  (unsigned long long)stats->failed;

	for (size_t i = 0; i < stats->classes; i++)
		left -= (unsigned long long)stats->class[i].faults;
	return left ? input_broken(in, "its classes do not add up to minor + major + failed") : 0;
}

int source_parse_process(const char *path, const char *text, size_t length,
			 struct process_stats *stats, struct source_error *error)
{
	unsigned int tables = 0;
	uint64_t seen = 0;
	struct piece line;
	struct input in;
	int err = input_open(&in, path, text, length, error);

	/* All of it, so that what a later read fills is in memory since the first. */
	stats->classes = 0;
	memset(stats->class, 0, sizeof(stats->class));
	while (!err && piece_cut(&in.rest, '\n', &line)) {
		struct piece names = line, first;

		piece_cut(&names, '\t', &first);
		if (!piece_is(first, "class"))
			err = input_line(&in, &process_layout, line, &seen, stats);
		else if (tables++)
			err = input_broken(&in, "the class table is there twice");
		else
			err = parse_table(&in, names, stats);
	}
	if (!err)
		err = input_complete(&in, &process_layout, seen);
	if (!err && !tables)
		err = input_broken(&in, "the class table is missing");
	return err ? err : check_sum(&in, stats);
}

int source_parse_summary(const char *path, const char *text, size_t length,
			 struct summary_stats *stats, struct source_error *error)
{
	uint64_t seen = 0;
	struct piece line;
	struct input in;
	int err = input_open(&in, path, text, length, error);

	while (!err && piece_cut(&in.rest, '\n', &line))
		err = input_line(&in, &summary_layout, line, &seen, stats);
	return err ? err : input_complete(&in, &summary_layout, seen);
}

int source_parse_total(const char *path, const char *text, size_t length, struct total_stats *stats,
		       struct source_error *error)
{
	uint64_t seen = 0;
	struct piece line;
	struct input in;
	int err = input_open(&in, path, text, length, error);

	while (!err && piece_cut(&in.rest, '\n', &line))
		err = input_line(&in, &total_layout, line, &seen, stats);
	return err ? err : input_complete(&in, &total_layout, seen);
}

/* Lower case, as the module prints it. */
static int parse_address(struct input *in, struct piece digits, unsigned long long *value)
{
	static const char all[] = "0123456789abcdef";
	const char *found = all;

	*value = 0;
	for (size_t i = 0; found && i < digits.length; i++) {
		found = memchr(all, digits.text[i], 16);
		if (found)
			*value = *value << 4 | (unsigned long long)(found - all);
	}
	if (!found || digits.length == 0 || digits.length > 16)
		return input_broken(in, "an address of the table is not a hexadecimal number");
	return 0;
}

/* In its place: behind it is what ended the cell. */
static int parse_name(struct piece cell, char **name)
{
	*name = (char *)cell.text;
	return piece_text(cell, *name, cell.length + 1);
}

static int parse_map_cell(struct input *in, enum map_column column, struct piece cell,
			  struct map_stats *map)
{
	switch (column) {
	case MAP_start:
		return parse_address(in, cell, &map->start);
	case MAP_end:
		return parse_address(in, cell, &map->end);
	case MAP_offset:
		return parse_address(in, cell, &map->offset);
	case MAP_perms:
		return piece_text(cell, map->perms, sizeof(map->perms)) ?
			       input_broken(in, "perms is too long") :
			       0;
	default:
		return parse_name(cell, &map->name);
	}
}

/* The pages of all kinds but huge, which is part of two others. */
static unsigned long long pages_of(const struct map_stats *map)
{
	unsigned long long sum = 0;

#define ADD(key, meaning) sum += (unsigned long long)map->key;
	VMTRACE_MAPS_KINDS(ADD)
#undef ADD
	return sum - (unsigned long long)map->reserved - (unsigned long long)map->huge;
}

static int parse_map(struct input *in, struct piece line, size_t columns, struct map_stats *map)
{
	struct piece cell;
	int err = 0;
	size_t n;

	for (n = 0; !err && piece_cut(&line, '\t', &cell); n++) {
		if (n < MAP_NUMBERS)
			err = parse_map_cell(in, (enum map_column)n, cell, map);
		else if (n < map_layout.fields)
			err = field_parse(&map_columns[n], cell, map);
		if (err && err != -EPROTO)
			err = input_broken(in, "%s of a mapping is %s", map_columns[n].key,
					   field_wrong(err));
	}
	if (err)
		return err;
	if (n != columns)
		return input_broken(in, "a mapping has %zu of %zu columns", n, columns);
	if (map->end <= map->start || pages_of(map) != (unsigned long long)map->reserved)
		return input_broken(in, "the pages of a mapping do not add up");
	return 0;
}

static size_t count_lines(struct piece text)
{
	struct piece line;
	size_t n = 0;

	while (piece_cut(&text, '\n', &line) && line.length)
		n++;
	return n;
}

/* The rest of the file. */
static int parse_maps_table(struct input *in, struct piece names, struct maps_stats *stats)
{
	size_t columns = 0, count = count_lines(in->rest), i;
	struct piece line;
	int err = input_columns(in, &map_layout, names, &columns);

	if (err)
		return err;
	stats->map = calloc(count + 1, sizeof(stats->map[0]));
	if (!stats->map)
		return source_fail(in->error, -ENOMEM, "%s: out of memory: free some and try again",
				   in->path);
	for (i = 0; !err && i < count && piece_cut(&in->rest, '\n', &line); i++)
		err = parse_map(in, line, columns, &stats->map[i]);
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

/* The rest is of mappings that are gone. */
static int check_touches(struct input *in, const struct maps_stats *stats)
{
	unsigned long long left = (unsigned long long)stats->first_touch -
				  (unsigned long long)stats->first_touch_gone;

	for (long long i = 0; i < stats->mappings; i++)
		left -= (unsigned long long)stats->map[i].first_touch;
	return left ? input_broken(in, "its mappings do not add up to first_touch") : 0;
}

/* As check_sum(): lines may have been lost, or be of another process. */
static int check_maps(struct input *in, const struct maps_stats *stats)
{
	for (size_t n = MAP_NUMBERS; n < MAP_TOUCHES; n++) {
		struct piece key = { map_columns[n].key, strlen(map_columns[n].key) };
		unsigned long long left = number_at(stats, layout_find(&maps_layout, key));

		for (long long i = 0; i < stats->mappings; i++)
			left -= number_at(&stats->map[i], &map_columns[n]);
		if (left)
			return input_broken(in, "its mappings do not add up to %s",
					    map_columns[n].key);
	}
	return stats->page_bytes ? check_touches(in, stats) : input_broken(in, "page_bytes is 0");
}

int source_parse_maps(const char *path, char *text, size_t length, struct maps_stats *stats,
		      struct source_error *error)
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

static int parse_failure(struct input *in, struct piece line, size_t columns,
			 struct failure_stats *failure)
{
	struct piece cell[FAILURE_COLUMNS], later;
	size_t n = 0;
	int err;

	while (piece_cut(&line, '\t', n < FAILURE_COLUMNS ? &cell[n] : &later))
		n++;
	if (n != columns)
		return input_broken(in, "a failure has %zu of %zu columns", n, columns);
#define NUMBER(key)                                                                            \
	do {                                                                                   \
		static const struct field field = { #key, offsetof(struct failure_stats, key), \
						    FIELD_NUMBER };                            \
		err = field_parse(&field, cell[FAILURE_##key], failure);                       \
		if (err)                                                                       \
			return input_broken(in, #key " of a failure is %s", field_wrong(err)); \
	} while (0)
	NUMBER(time_ns);
	NUMBER(tid);
	NUMBER(signal);
	NUMBER(code);
	NUMBER(distance);
#undef NUMBER
	err = parse_address(in, cell[FAILURE_address], &failure->address)	?:
		      parse_address(in, cell[FAILURE_ip], &failure->ip)		?:
		      parse_address(in, cell[FAILURE_start], &failure->start)	?:
		      parse_address(in, cell[FAILURE_end], &failure->end)	?:
		      parse_address(in, cell[FAILURE_offset], &failure->offset) ?:
		      parse_address(in, cell[FAILURE_ip_offset], &failure->ip_offset);
	if (err)
		return err;
	return parse_name(cell[FAILURE_reason], &failure->reason)	?:
		       parse_name(cell[FAILURE_where], &failure->where) ?:
		       parse_name(cell[FAILURE_perms], &failure->perms) ?:
		       parse_name(cell[FAILURE_name], &failure->name)	?:
		       parse_name(cell[FAILURE_ip_name], &failure->ip_name);
}

/* The rest of the file. */
static int parse_failures_table(struct input *in, struct piece names, struct failures_stats *stats)
{
	size_t columns = 0, count = count_lines(in->rest), i;
	struct piece line;
	int err = input_columns(in, &failure_layout, names, &columns);

	if (err)
		return err;
	stats->failure = calloc(count + 1, sizeof(stats->failure[0]));
	if (!stats->failure)
		return source_fail(in->error, -ENOMEM, "%s: out of memory: free some and try again",
				   in->path);
	for (i = 0; !err && i < count && piece_cut(&in->rest, '\n', &line); i++)
		err = parse_failure(in, line, columns, &stats->failure[i]);
	if (!err && ((unsigned long long)stats->kept != count || stats->failures < stats->kept))
		err = input_broken(in, "it has %zu of %lld failures instead of %lld", count,
				   stats->failures, stats->kept);
	return err;
}

int source_parse_failures(const char *path, char *text, size_t length, struct failures_stats *stats,
			  struct source_error *error)
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
