// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "input.h"
#include "util.h"

int input_broken(struct input *in, const char *format, ...)
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

/* The module writes tab, newline and backslash in octal. Length of that at text, or 0. */
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

/* Control characters of ASCII and of Latin-1, which is two bytes in UTF-8. */
static bool is_control(const unsigned char *text, size_t length)
{
	return text[0] < ' ' || text[0] == 0x7f ||
	       (length == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

void text_clean(char *text, bool controls)
{
	const unsigned char *from = (const unsigned char *)text;
	size_t left = strlen(text);
	char *to = text;

	while (left) {
		size_t step = utf8_length(from, left);

		if (step && !(controls && is_control(from, step))) {
			memmove(to, from, step);
			to += step;
		} else {
			step = step ? step : 1;
			*to++ = '?';
		}
		from += step;
		left -= step;
	}
	*to = '\0';
}

void make_printable(char *text)
{
	text_clean(text, true);
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
		memmove(out + used, from, copy);
		used += copy;
		value += step;
		length -= step;
	}
	out[used] = '\0';
	return 0;
}

/* All other numbers are counts, or times that are known. */
static bool may_be_negative(const char *key)
{
	static const char *const keys[] = { "unobserved", "age_ns", "delay_ns" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

int field_parse(const struct field *field, struct piece value, void *stats)
{
	bool negative = value.length && value.text[0] == '-' && may_be_negative(field->key);
	char *place = (char *)stats + field->offset;
	unsigned long long magnitude;
	long long number;
	int err;

	if (field->size == FIELD_HEX) {
		err = parse_hex(value.text, value.length, &magnitude);
		if (!err)
			memcpy(place, &magnitude, sizeof(magnitude));
		return err;
	}
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

const char *field_wrong(int err)
{
	return err == -ERANGE ? "too large" : err == -ENAMETOOLONG ? "too long" : "not a number";
}

/* The first line: which format is the rest in? */
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
	return source_fail(in->error, -EPROTONOSUPPORT,
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
	return err ? input_broken(in, "%s is %s", field->key, field_wrong(err)) : 0;
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

int input_open(struct input *in, const char *path, const char *text, size_t length,
	       struct source_error *error)
{
	/* The last newline ends a line and begins no other. */
	*in = (struct input){ path, { text, length - 1 }, error };
	if (length == 0 || text[length - 1] != '\n')
		return input_broken(in, "ends in the middle of a line");
	return parse_format(in);
}
