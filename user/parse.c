// SPDX-License-Identifier: GPL-2.0
/*
 * parse.c - the format of /proc/vmtrace, read strictly
 *
 * Keys, lines, columns and classes that are not known are accepted, because a newer
 * module may add some; a known one that is missing, doubled or malformed is an error.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "source.h"
#include "util.h"

/* A line "key:\tvalue" and where its value goes; size 0 means a number. */
struct field {
	const char *key;
	size_t offset;
	size_t size;
};

struct layout {
	const struct field *field;
	size_t fields;
};

#define PROCESS_NUMBER(key, meaning)  { #key, offsetof(struct process_stats, key), 0 },
#define SUMMARY_NUMBER(key, meaning)  { #key, offsetof(struct summary_stats, key), 0 },
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

/* Of the class table, without the first, which is the class. */
static const struct field class_columns[] = { VMTRACE_CLASS_COLUMNS(CLASS_NUMBER) };

/* One bit a field remembers which were seen. */
_Static_assert(ARRAY_SIZE(process_fields) <= 64, "too many fields");
_Static_assert(ARRAY_SIZE(summary_fields) <= 64, "too many fields");
_Static_assert(VMTRACE_CLASS_COUNT <= SOURCE_CLASSES, "too many classes");

static const struct layout process_layout = { process_fields, ARRAY_SIZE(process_fields) };
static const struct layout summary_layout = { summary_fields, ARRAY_SIZE(summary_fields) };
static const struct layout class_layout = { class_columns, ARRAY_SIZE(class_columns) };

/* A piece of a file: some lines, one without its newline, or a cell of one. */
struct piece {
	const char *text;
	size_t length;
};

/* A file that is being read: what is left of it, and where to complain. */
struct input {
	const char *path;
	struct piece rest;
	struct source_error *error;
};

/* What no module of this format prints. */
__attribute__((format(printf, 2, 3))) static int broken(struct input *in, const char *format, ...)
{
	char what[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	return source_fail(in->error, -EPROTO,
			   "%s: %s: do tool and module belong together? compare 'vmtrace version'",
			   in->path, what);
}

/* Bytes of the UTF-8 character at text, 0 if there is none. */
static size_t utf8_length(const unsigned char *text, size_t left)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = text[0] < 0x80 ? 1 :
			text[0] < 0xc0 ? 0 :
			text[0] < 0xe0 ? 2 :
			text[0] < 0xf0 ? 3 :
			text[0] < 0xf8 ? 4 :
					 0;
	uint32_t character;

	if (length == 0 || length > left)
		return 0;
	if (length == 1)
		return 1;
	character = text[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (text[i] & 0x3f);
	}
	if (character < smallest[length] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 0;
	return length;
}

/* The module writes a newline and a backslash in octal. Length of that at text, or 0. */
static size_t unescape(const char *text, size_t left, char *plain)
{
	if (left < 4 || (memcmp(text, "\\012", 4) != 0 && memcmp(text, "\\134", 4) != 0))
		return 0;
	*plain = text[1] == '0' ? '\n' : '\\';
	return 4;
}

/* Control characters of ASCII and of Latin-1, which is two bytes in UTF-8. */
static bool is_control(const unsigned char *text, size_t length)
{
	return text[0] < ' ' || text[0] == 0x7f ||
	       (length == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

/*
 * A process may name itself anything, and the name will reach a terminal and
 * JSON: what is not text or would steer the terminal becomes '?'.
 */
static int parse_text(const char *value, size_t length, char *out, size_t size)
{
	size_t used = 0;

	while (length) {
		char plain = '?';
		const char *from = &plain;
		size_t copy = 1;
		size_t step = unescape(value, length, &plain);

		if (!step) {
			step = utf8_length((const unsigned char *)value, length);
			if (step && !is_control((const unsigned char *)value, step)) {
				from = value;
				copy = step;
			} else if (!step) {
				step = 1;
			}
		}
		if (used + copy >= size)
			return -ENAMETOOLONG;
		memcpy(out + used, from, copy);
		used += copy;
		value += step;
		length -= step;
	}
	out[used] = '\0';
	return 0;
}

/* Of all numbers only unobserved may be negative. */
static int parse_value(const struct field *field, const char *value, size_t length, void *stats)
{
	bool negative = length && value[0] == '-' && strcmp(field->key, "unobserved") == 0;
	char *place = (char *)stats + field->offset;
	unsigned long long magnitude;
	long long number;
	int err;

	if (field->size)
		return parse_text(value, length, place, field->size);
	err = parse_digits(value + negative, length - negative, LLONG_MAX, &magnitude);
	if (err)
		return err;
	number = negative ? -(long long)magnitude : (long long)magnitude;
	memcpy(place, &number, sizeof(number));
	return 0;
}

/* Cut the first piece off rest, and what ends it; false if nothing was left. */
static bool cut(struct piece *rest, char end, struct piece *piece)
{
	const char *found;

	if (!rest->text)
		return false;
	*piece = *rest;
	found = memchr(rest->text, end, rest->length);
	if (found) {
		piece->length = (size_t)(found - rest->text);
		rest->text = found + 1;
		rest->length -= piece->length + 1;
	} else {
		rest->text = NULL;
	}
	return true;
}

static bool is(struct piece piece, const char *text)
{
	return strlen(text) == piece.length && memcmp(text, piece.text, piece.length) == 0;
}

static const struct field *find_field(const struct layout *layout, struct piece key)
{
	for (size_t i = 0; i < layout->fields; i++)
		if (is(key, layout->field[i].key))
			return &layout->field[i];
	return NULL;
}

static const char *what_is_wrong(int err)
{
	return err == -ERANGE ? "too large" : err == -ENAMETOOLONG ? "too long" : "not a number";
}

/* The first line: which format is the rest in? */
static int parse_format(struct input *in)
{
	unsigned long long format;
	struct piece line, key;

	if (!cut(&in->rest, '\n', &line) || !cut(&line, '\t', &key) || !is(key, "format:") ||
	    !line.text || parse_digits(line.text, line.length, INT_MAX, &format) != 0)
		return broken(in, "does not start with a format number");
	if (format == VMTRACE_FORMAT)
		return 0;
	return source_fail(in->error, -EPROTONOSUPPORT,
			   "%s: format %llu is %s than this tool understands: update %s", in->path,
			   format, format > VMTRACE_FORMAT ? "newer" : "older",
			   format > VMTRACE_FORMAT ? "vmtrace" : "the module");
}

/* "key:\tvalue"; a line that is not like that, or has an unknown key, is skipped. */
static int parse_line(struct input *in, const struct layout *layout, struct piece line,
		      uint64_t *seen, void *stats)
{
	const struct field *field;
	struct piece key;
	uint64_t bit;
	int err;

	cut(&line, '\t', &key);
	if (!line.text || key.length == 0 || key.text[--key.length] != ':')
		return 0;
	field = find_field(layout, key);
	if (!field)
		return 0;
	bit = UINT64_C(1) << (field - layout->field);
	if (*seen & bit)
		return broken(in, "%s is there twice", field->key);
	*seen |= bit;
	err = parse_value(field, line.text, line.length, stats);
	return err ? broken(in, "%s is %s", field->key, what_is_wrong(err)) : 0;
}

static int check_complete(struct input *in, const struct layout *layout, uint64_t seen)
{
	for (size_t i = 0; i < layout->fields; i++)
		if (!(seen & UINT64_C(1) << i))
			return broken(in, "%s is missing", layout->field[i].key);
	return 0;
}

/* Columns are only ever added on the right: the known ones come first, in their order. */
static int parse_columns(struct input *in, struct piece names, size_t *columns)
{
	struct piece name;
	size_t n;

	for (n = 0; cut(&names, '\t', &name); n++) {
		const struct field *known = find_field(&class_layout, name);

		if (n < class_layout.fields && known != &class_layout.field[n])
			break;
		if (n >= class_layout.fields && known)
			return broken(in, "column %s is there twice", known->key);
	}
	if (n < class_layout.fields)
		return broken(in, "column %s is missing or misplaced", class_layout.field[n].key);
	*columns = n;
	return 0;
}

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
		return broken(in, "a line of the table does not begin with a class");
	for (size_t i = 0; i < stats->classes; i++)
		if (is(name, stats->class[i].name))
			return broken(in, "class %s is there twice", stats->class[i].name);
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

	cut(&line, '\t', &cell);
	err = add_class(in, cell, stats);
	if (err)
		return err;
	for (n = 0; cut(&line, '\t', &cell); n++) {
		if (n >= class_layout.fields)
			continue;
		err = parse_value(&class_columns[n], cell.text, cell.length, class);
		if (err)
			return broken(in, "%s of class %s is %s", class_columns[n].key, class->name,
				      what_is_wrong(err));
	}
	if (n != columns)
		return broken(in, "class %s has %zu of %zu numbers", class->name, n, columns);
	return 0;
}

/* The table ends at an empty line, or with the file. */
static int parse_table(struct input *in, struct piece names, struct process_stats *stats)
{
	size_t columns = 0;
	struct piece line;
	int err = parse_columns(in, names, &columns);

	while (!err && cut(&in->rest, '\n', &line) && line.length)
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
	return left ? broken(in, "its classes do not add up to minor + major + failed") : 0;
}

static int open_input(struct input *in, const char *path, const char *text, size_t length,
		      struct source_error *error)
{
	/* The last newline ends a line and begins no other. */
	*in = (struct input){ path, { text, length - 1 }, error };
	if (length == 0 || text[length - 1] != '\n')
		return broken(in, "ends in the middle of a line");
	return parse_format(in);
}

int source_parse_process(const char *path, const char *text, size_t length,
			 struct process_stats *stats, struct source_error *error)
{
	unsigned int tables = 0;
	uint64_t seen = 0;
	struct piece line;
	struct input in;
	int err = open_input(&in, path, text, length, error);

	/* All of it, so that what a later read fills is in memory since the first. */
	stats->classes = 0;
	memset(stats->class, 0, sizeof(stats->class));
	while (!err && cut(&in.rest, '\n', &line)) {
		struct piece names = line, first;

		cut(&names, '\t', &first);
		if (!is(first, "class"))
			err = parse_line(&in, &process_layout, line, &seen, stats);
		else if (tables++)
			err = broken(&in, "the class table is there twice");
		else
			err = parse_table(&in, names, stats);
	}
	if (!err)
		err = check_complete(&in, &process_layout, seen);
	if (!err && !tables)
		err = broken(&in, "the class table is missing");
	return err ? err : check_sum(&in, stats);
}

int source_parse_summary(const char *path, const char *text, size_t length,
			 struct summary_stats *stats, struct source_error *error)
{
	uint64_t seen = 0;
	struct piece line;
	struct input in;
	int err = open_input(&in, path, text, length, error);

	while (!err && cut(&in.rest, '\n', &line))
		err = parse_line(&in, &summary_layout, line, &seen, stats);
	return err ? err : check_complete(&in, &summary_layout, seen);
}
