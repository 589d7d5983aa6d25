// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/format.h"
#include "lib/array.h"
#include "lib/error.h"
#include "sources/input.h"
#include "sources/parse.h"
#include "sources/stats.h"

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

/* The columns of the class table after the first one, which is the class. */
static const struct field class_columns[] = { VMTRACE_CLASS_COLUMNS(CLASS_NUMBER) };

_Static_assert(ARRAY_SIZE(process_fields) <= 64, "too many fields");
_Static_assert(ARRAY_SIZE(summary_fields) <= 64, "too many fields");
_Static_assert(ARRAY_SIZE(total_fields) <= 64, "too many fields");
_Static_assert(VMTRACE_CLASS_COUNT <= SOURCE_CLASSES, "too many classes");

static const struct layout process_layout = { process_fields, ARRAY_SIZE(process_fields) };
static const struct layout summary_layout = { summary_fields, ARRAY_SIZE(summary_fields) };
static const struct layout total_layout = { total_fields, ARRAY_SIZE(total_fields) };
static const struct layout class_layout = { class_columns, ARRAY_SIZE(class_columns) };

/* The name goes to a terminal and to JSON. */
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
		return error_set(in->error, -EPROTONOSUPPORT,
				 "%s: more classes than this tool understands: update vmtrace",
				 in->path);
	memcpy(stats->class[stats->classes++].name, name.text, name.length);
	return 0;
}

/* Unknown columns are skipped, but every line must have them. */
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
					    class->name, field_problem(err));
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
 * Only the sum shows that the last lines of a table are missing. Unsigned arithmetic is modulo
 * 2^64, so an overflow does no harm.
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

int parse_process(const char *path, const char *text, size_t length, struct process_stats *stats,
		  struct error *error)
{
	unsigned int tables = 0;
	uint64_t seen = 0;
	struct piece line;
	struct input in;
	int err = input_open(&in, path, text, length, error);

	/*
	 * Clear the whole array: the first call touches all of its pages, and later ones take no
	 * fault.
	 */
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

/* Lines of numbers and nothing else. */
static int parse_lines(const char *path, const char *text, size_t length,
		       const struct layout *layout, void *stats, struct error *error)
{
	uint64_t seen = 0;
	struct piece line;
	struct input in;
	int err = input_open(&in, path, text, length, error);

	while (!err && piece_cut(&in.rest, '\n', &line))
		err = input_line(&in, layout, line, &seen, stats);
	return err ? err : input_complete(&in, layout, seen);
}

int parse_summary(const char *path, const char *text, size_t length, struct summary_stats *stats,
		  struct error *error)
{
	return parse_lines(path, text, length, &summary_layout, stats, error);
}

int parse_total(const char *path, const char *text, size_t length, struct total_stats *stats,
		struct error *error)
{
	return parse_lines(path, text, length, &total_layout, stats, error);
}
