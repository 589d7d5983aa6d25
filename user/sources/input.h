/* SPDX-License-Identifier: GPL-2.0 */
/*
 * input.h - the format of the module's files, line by line
 *
 * Keys, lines and columns that are not known are accepted, because a newer module
 * may add some; a known one that is missing, doubled or malformed is an error. Each
 * function that returns an int returns 0, or a negative errno with the error filled in.
 */
#ifndef VMTRACE_SOURCES_INPUT_H
#define VMTRACE_SOURCES_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/*
 * A line "key:\tvalue" or a column, and where its value goes. The size is that of a text, or says
 * what else it is:
 *	FIELD_NUMBER	a long long, in decimal
 *	FIELD_HEX	an unsigned long long, "0x" and hexadecimal digits
 *	FIELD_ADDRESS	an unsigned long long, hexadecimal digits alone
 *	FIELD_IN_PLACE	a char *: the text stays in the file's text, which is written to
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
	size_t fields; /* at most 64: one bit a field remembers which were seen */
};

/* A piece of a file: some lines, a line without its newline, or a cell of a line. */
struct piece {
	const char *text;
	size_t length;
};

/* A file that is being read: what is left of it, and where to complain. */
struct input {
	const char *path;
	struct piece rest;
	struct error *error;
};

/* Begin, and read the line with the format's number. */
int input_open(struct input *in, const char *path, const char *text, size_t length,
	       struct error *error);

/* What no module of this format prints. */
__attribute__((format(printf, 2, 3))) int input_broken(struct input *in, const char *format, ...);

/* Cut the first piece off rest, and what ends it; false if nothing was left. */
bool piece_cut(struct piece *rest, char end, struct piece *piece);
bool piece_is(struct piece piece, const char *text);

/*
 * A piece as text, with the module's escapes undone. As a process may name itself anything, and
 * the name will reach a terminal and JSON, bytes that are no UTF-8 and control characters become
 * '?'. It never grows, and out may be the piece. Returns 0 or -ENAMETOOLONG.
 */
int piece_text(struct piece piece, char *out, size_t size);

/* The value of a field, into stats. Returns 0 or what field_problem() puts into words. */
int field_parse(const struct field *field, struct piece value, void *stats);
const char *field_problem(int err);

/* The field of this key, or NULL. */
const struct field *layout_find(const struct layout *layout, struct piece key);

/* "key:\tvalue"; a line that is not like that, or has an unknown key, is skipped. */
int input_line(struct input *in, const struct layout *layout, struct piece line, uint64_t *seen,
	       void *stats);

/* All keys were there. */
int input_complete(struct input *in, const struct layout *layout, uint64_t seen);

/*
 * The names of columns but the first. They are only ever added on the right: the known
 * ones come first, in their order. Sets how many there are.
 */
int input_columns(struct input *in, const struct layout *layout, struct piece names,
		  size_t *columns);

/*
 * The rest of the file: a table whose first line, the names of all columns, has been read. Each
 * line becomes a row of size bytes, of an array that is to be freed; what names a row in errors,
 * like "a mapping".
 */
int input_table(struct input *in, const struct layout *layout, struct piece names, const char *what,
		size_t size, void **rows, size_t *count);

#endif /* VMTRACE_SOURCES_INPUT_H */
