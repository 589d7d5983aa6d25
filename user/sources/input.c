// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/format.h"
#include "lib/array.h"
#include "lib/error.h"
#include "lib/number.h"
#include "lib/text.h"
#include "sources/input.h"
#include "sources/module_errors.h"

int input_broken(struct input *in, const char *format, ...)
{
	char what[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	return module_mismatch(in->error, -EPROTO, in->path, what);
}

/*
 * The module writes tab, newline and backslash as a backslash and three octal digits. Returns the
 * length of such an escape at text, or 0.
 */
static size_t unescape(const char *text, size_t left, char *plain)
{
	static const char *const escapes[] = { "\\011\t", "\\012\n", "\\134\\" };

	for (size_t i = 0; left >= 4 && i < ARRAY_SIZE(escapes); i++)
		if (memcmp(text, escapes[i], 4) == 0) {
			*plain = escapes[i][4];
			return 4;
		}
	return 0;
}

int piece_text(struct piece piece, char *out, size_t size)
{
	const char *value = piece.text;
	size_t length = piece.length;
	size_t used = 0;

	while (length) {
		char plain = '?';
		const char *from = &plain;
		size_t copy = 1;
		size_t step = unescape(value, length, &plain);

		if (!step) {
			step = utf8_length(value, length);
			if (step && !is_control(value, step)) {
				from = value;
				copy = step;
			} else if (!step) {
				step = 1;
			}
		}
		if (used + copy >= size)
			return -ENAMETOOLONG;
		memmove(out + used, from, copy);
		used += copy;
		value += step;
		length -= step;
	}
	out[used] = '\0';
	return 0;
}

/* Convert in place: the NUL overwrites the character that ended the piece. */
static int piece_in_place(struct piece piece, char **text)
{
	*text = (char *)piece.text;
	return piece_text(piece, *text, piece.length + 1);
}

/* All other numbers are counts or times, which cannot be negative. */
static bool may_be_negative(const char *key)
{
	return strcmp(key, "unobserved") == 0;
}

int field_parse(const struct field *field, struct piece value, void *stats)
{
	bool negative = value.length && value.text[0] == '-' && may_be_negative(field->key);
	char *place = (char *)stats + field->offset;
	unsigned long long magnitude;
	long long number;
	int err;

	if (field->size == FIELD_HEX || field->size == FIELD_ADDRESS) {
		err = field->size == FIELD_HEX ?
			      parse_hex(value.text, value.length, &magnitude) :
			      parse_hex_digits(value.text, value.length, &magnitude);
		if (!err)
			memcpy(place, &magnitude, sizeof(magnitude));
		return err;
	}
	if (field->size == FIELD_IN_PLACE)
		return piece_in_place(value, (char **)place);
	if (field->size != FIELD_NUMBER)
		return piece_text(value, place, field->size);
	err = parse_digits(value.text + negative, value.length - negative, LLONG_MAX, &magnitude);
	if (err)
		return err;
	number = negative ? -(long long)magnitude : (long long)magnitude;
	memcpy(place, &number, sizeof(number));
	return 0;
}

bool piece_cut(struct piece *rest, char end, struct piece *piece)
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

bool piece_is(struct piece piece, const char *text)
{
	return strlen(text) == piece.length && memcmp(text, piece.text, piece.length) == 0;
}

const struct field *layout_find(const struct layout *layout, struct piece key)
{
	for (size_t i = 0; i < layout->fields; i++)
		if (piece_is(key, layout->field[i].key))
			return &layout->field[i];
	return NULL;
}

const char *field_problem(int err)
{
	return err == -ERANGE ? "too large" : err == -ENAMETOOLONG ? "too long" : "not a number";
}

/* Check the format version in the first line. */
static int parse_format(struct input *in)
{
	unsigned long long format;
	struct piece line, key;

	if (!piece_cut(&in->rest, '\n', &line) || !piece_cut(&line, '\t', &key) ||
	    !piece_is(key, "format:") || !line.text ||
	    parse_digits(line.text, line.length, INT_MAX, &format) != 0)
		return input_broken(in, "does not start with a format number");
	if (format == VMTRACE_FORMAT)
		return 0;
	return error_set(in->error, -EPROTONOSUPPORT,
			 "%s: format %llu is %s than this tool understands: update %s", in->path,
			 format, format > VMTRACE_FORMAT ? "newer" : "older",
			 format > VMTRACE_FORMAT ? "vmtrace" : "the module");
}

int input_line(struct input *in, const struct layout *layout, struct piece line, uint64_t *seen,
	       void *stats)
{
	const struct field *field;
	struct piece key;
	uint64_t bit;
	int err;

	piece_cut(&line, '\t', &key);
	if (!line.text || key.length == 0 || key.text[--key.length] != ':')
		return 0;
	field = layout_find(layout, key);
	if (!field)
		return 0;
	bit = UINT64_C(1) << (field - layout->field);
	if (*seen & bit)
		return input_broken(in, "%s is there twice", field->key);
	*seen |= bit;
	err = field_parse(field, line, stats);
	return err ? input_broken(in, "%s is %s", field->key, field_problem(err)) : 0;
}

int input_complete(struct input *in, const struct layout *layout, uint64_t seen)
{
	for (size_t i = 0; i < layout->fields; i++)
		if (!(seen & UINT64_C(1) << i))
			return input_broken(in, "%s is missing", layout->field[i].key);
	return 0;
}

int input_columns(struct input *in, const struct layout *layout, struct piece names,
		  size_t *columns)
{
	struct piece name;
	size_t n;

	for (n = 0; piece_cut(&names, '\t', &name); n++) {
		const struct field *known = layout_find(layout, name);

		if (n < layout->fields && known != &layout->field[n])
			break;
		if (n >= layout->fields && known)
			return input_broken(in, "column %s is there twice", known->key);
	}
	if (n < layout->fields)
		return input_broken(in, "column %s is missing or misplaced", layout->field[n].key);
	*columns = n;
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

static int parse_row(struct input *in, const struct layout *layout, struct piece line,
		     size_t columns, const char *what, void *row)
{
	struct piece cell;
	size_t n;

	for (n = 0; piece_cut(&line, '\t', &cell); n++) {
		const struct field *field = &layout->field[n];
		int err = n < layout->fields ? field_parse(field, cell, row) : 0;

		if (err && field->size == FIELD_ADDRESS)
			return input_broken(in,
					    "an address of the table is not a hexadecimal number");
		if (err)
			return input_broken(in, "%s of %s is %s", field->key, what,
					    field_problem(err));
	}
	if (n != columns)
		return input_broken(in, "%s has %zu of %zu columns", what, n, columns);
	return 0;
}

int input_table(struct input *in, const struct layout *layout, struct piece names, const char *what,
		size_t size, void **rows, size_t *count)
{
	struct piece line;
	size_t columns = 0;
	char *row;
	int err = input_columns(in, layout, names, &columns);

	*rows = NULL;
	if (err)
		return err;
	*count = count_lines(in->rest);
	*rows = row = calloc(*count + 1, size);
	if (!row)
		return error_set(in->error, -ENOMEM, "%s: out of memory: free some and try again",
				 in->path);
	for (size_t i = 0; !err && i < *count && piece_cut(&in->rest, '\n', &line); i++)
		err = parse_row(in, layout, line, columns, what, row + i * size);
	if (err) {
		free(row);
		*rows = NULL;
	}
	return err;
}

int input_open(struct input *in, const char *path, const char *text, size_t length,
	       struct error *error)
{
	/* No line begins after the last newline. */
	*in = (struct input){ path, { text, length - 1 }, error };
	if (length == 0 || text[length - 1] != '\n')
		return input_broken(in, "ends in the middle of a line");
	return parse_format(in);
}
