/* SPDX-License-Identifier: GPL-2.0 */
/*
 * input.h - parse the module's files, line by line
 *
 * Unknown keys, lines and columns are skipped, because a newer module may add some; a known one
 * that is missing, doubled or malformed is an error. Each function that returns an int returns 0,
 * or a negative errno with the error filled in.
 */
#ifndef VMTRACE_SOURCES_INPUT_H
#define VMTRACE_SOURCES_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/*
 * The key of a line "key:\tvalue", or the name of a column, and where its value is stored. The size
 * is that of the buffer of a text, or one of:
 *	FIELD_NUMBER	a long long, in decimal
 *	FIELD_HEX	an unsigned long long, "0x" and hexadecimal digits
 *	FIELD_ADDRESS	an unsigned long long, hexadecimal digits alone
 *	FIELD_IN_PLACE	a char *, which points into the text of the file; the text is modified
 */
#define FIELD_NUMBER   0
#define FIELD_HEX      SIZE_MAX
#define FIELD_ADDRESS  (SIZE_MAX - 1)
#define FIELD_IN_PLACE (SIZE_MAX - 2)

struct field {
	const char *key;
	size_t offset;
	size_t size;
};

struct layout {
	const struct field *field;
	size_t fields; /* at most 64: a bit for each records whether it was seen */
};

/* A piece of a file: some lines, a line without its newline, or a cell of a line. */
struct piece {
	const char *text;
	size_t length;
};

/* A file that is being parsed: what is left of it, and where errors go. */
struct input {
	const char *path;
	struct piece rest;
	struct error *error;
};

/* Begin to parse a file: check the line with the format version. */
int input_open(struct input *in, const char *path, const char *text, size_t length,
	       struct error *error);

/* Report contents that no module of this format writes. Returns -EPROTO. */
__attribute__((format(printf, 2, 3))) int input_broken(struct input *in, const char *format, ...);

/*
 * Cut the first piece, and the character that ends it, off rest. Returns false if nothing was left.
 */
bool piece_cut(struct piece *rest, char end, struct piece *piece);
bool piece_is(struct piece piece, const char *text);

/*
 * Copy a piece as text, with the module's escapes undone. Bytes that are not valid UTF-8, and
 * control characters, become '?': a process can choose any name, and the name goes to a terminal
 * and to JSON. The text never grows, so out may be the piece itself. Returns 0 or -ENAMETOOLONG.
 */
int piece_text(struct piece piece, char *out, size_t size);

/* Store the value of a field in stats. Returns 0, or a negative errno for field_problem(). */
int field_parse(const struct field *field, struct piece value, void *stats);
const char *field_problem(int err);

/* Find the field of this key. Returns NULL if there is none. */
const struct field *layout_find(const struct layout *layout, struct piece key);

/* Parse a line "key:\tvalue". A line in another form, or with an unknown key, is skipped. */
int input_line(struct input *in, const struct layout *layout, struct piece line, uint64_t *seen,
	       void *stats);

/* Check that all keys were seen. */
int input_complete(struct input *in, const struct layout *layout, uint64_t seen);

/*
 * Check the names of columns. New columns are only ever appended, so the known ones come first, in
 * their order. Sets *columns to the number of names.
 */
int input_columns(struct input *in, const struct layout *layout, struct piece names,
		  size_t *columns);

/*
 * Parse a table, up to an empty line or the end of the file. Its first line, the names of all
 * columns, has been read. Each other line becomes a row of size bytes in an array that the caller
 * frees; what names a row in errors, like "a mapping".
 */
int input_table(struct input *in, const struct layout *layout, struct piece names, const char *what,
		size_t size, void **rows, size_t *count);

#endif /* VMTRACE_SOURCES_INPUT_H */
