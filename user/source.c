// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

#define PROCESS_NUMBER(key, meaning) { #key, offsetof(struct process_stats, key), 0 },
#define SUMMARY_NUMBER(key, meaning) { #key, offsetof(struct summary_stats, key), 0 },

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

/* One bit a field remembers which were seen. */
_Static_assert(ARRAY_SIZE(process_fields) <= 64, "too many fields");
_Static_assert(ARRAY_SIZE(summary_fields) <= 64, "too many fields");

static const struct layout process_layout = { process_fields, ARRAY_SIZE(process_fields) };
static const struct layout summary_layout = { summary_fields, ARRAY_SIZE(summary_fields) };

/* The longest file that is understood, and the path it was read from. */
static char contents[64 * 1024];
static char path[PATH_MAX];

__attribute__((format(printf, 3, 4))) static int fail(struct source_error *error, int err,
						      const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return err;
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

static const struct field *find_field(const struct layout *layout, const char *key, size_t length)
{
	for (size_t i = 0; i < layout->fields; i++) {
		const struct field *field = &layout->field[i];

		if (strlen(field->key) == length && memcmp(field->key, key, length) == 0)
			return field;
	}
	return NULL;
}

#define BROKEN "do tool and module belong together? compare 'vmtrace version'"

/* The first line: which format is the rest in? */
static int parse_format(const char *where, const char *line, size_t length,
			struct source_error *error)
{
	static const char key[] = "format:\t";
	const size_t key_length = sizeof(key) - 1;
	unsigned long long format;

	if (length < key_length || memcmp(line, key, key_length) != 0 ||
	    parse_digits(line + key_length, length - key_length, INT_MAX, &format) != 0)
		return fail(error, -EPROTO, "%s: does not start with a format number: " BROKEN,
			    where);
	if (format > VMTRACE_FORMAT)
		return fail(error, -EPROTONOSUPPORT,
			    "%s: format %llu is newer than this tool understands: update vmtrace",
			    where, format);
	if (format < VMTRACE_FORMAT)
		return fail(
			error, -EPROTONOSUPPORT,
			"%s: format %llu is older than this tool understands: update the module",
			where, format);
	return 0;
}

/*
 * Keys and lines that are not known are skipped, because a newer module may add
 * some; a known one that is missing, doubled or malformed is an error.
 */
static int parse(const struct layout *layout, const char *where, const char *text, size_t length,
		 void *stats, struct source_error *error)
{
	uint64_t seen = 0;
	const char *end = text + length;
	bool first = true;

	while (text < end || first) {
		const char *newline = length ? memchr(text, '\n', (size_t)(end - text)) : NULL;
		const struct field *field;
		const char *tab;
		int err;

		if (!newline)
			return fail(error, -EPROTO, "%s: ends in the middle of a line: " BROKEN,
				    where);
		if (first) {
			err = parse_format(where, text, (size_t)(newline - text), error);
			if (err)
				return err;
			first = false;
			text = newline + 1;
			continue;
		}
		tab = memchr(text, '\t', (size_t)(newline - text));
		field = tab && tab > text && tab[-1] == ':' ?
				find_field(layout, text, (size_t)(tab - text - 1)) :
				NULL;
		if (field) {
			uint64_t bit = UINT64_C(1) << (field - layout->field);

			if (seen & bit)
				return fail(error, -EPROTO, "%s: %s is there twice: " BROKEN, where,
					    field->key);
			seen |= bit;
			err = parse_value(field, tab + 1, (size_t)(newline - tab - 1), stats);
			if (err)
				return fail(error, -EPROTO, "%s: %s is %s: " BROKEN, where,
					    field->key,
					    err == -ERANGE	 ? "too large" :
					    err == -ENAMETOOLONG ? "too long" :
								   "not a number");
		}
		text = newline + 1;
	}
	for (size_t i = 0; i < layout->fields; i++)
		if (!(seen & UINT64_C(1) << i))
			return fail(error, -EPROTO, "%s: %s is missing: " BROKEN, where,
				    layout->field[i].key);
	return 0;
}

int source_parse_process(const char *where, const char *text, size_t length,
			 struct process_stats *stats, struct source_error *error)
{
	return parse(&process_layout, where, text, length, stats, error);
}

int source_parse_summary(const char *where, const char *text, size_t length,
			 struct summary_stats *stats, struct source_error *error)
{
	return parse(&summary_layout, where, text, length, stats, error);
}

/* Path of the file, or with file "" of the directory, into path[]. */
static int set_path(const char *file, struct source_error *error)
{
	int length = snprintf(path, sizeof(path), "%s/proc/" VMTRACE_DIR "%s%s", root_prefix(),
			      *file ? "/" : "", file);

	if (length < 0 || (size_t)length >= sizeof(path))
		return fail(error, -ENAMETOOLONG, "VMTRACE_ROOT: too long: use a shorter path");
	return 0;
}

static int explain_open(int err, const char *file, struct source_error *error)
{
	struct stat status;

	if (err == -EACCES && strcmp(file, VMTRACE_SUMMARY) != 0)
		return fail(error, -EACCES,
			    "%s: not permitted: pid %s belongs to another user or hides itself: "
			    "run as that user or with CAP_PERFMON",
			    path, file);
	if (err != -ENOENT && err != -ESRCH)
		return fail(error, err, "%s: %s: is vmtrace loaded and intact? see 'sudo dmesg'",
			    path, strerror(-err));
	set_path("", error);
	if (stat(path, &status) != 0)
		return fail(error, -ENODEV,
			    "%s: not found: is the module loaded? try: sudo insmod vmtrace.ko",
			    path);
	set_path(file, error);
	return fail(error, -ENOENT,
		    "%s: not found: no such process, or it is not tracked because it took no fault "
		    "since the module was loaded: check with 'ps -p %s'",
		    path, file);
}

/* The whole file into contents[]; returns its length or a negative errno. */
static ssize_t read_file(const char *file, struct source_error *error)
{
	size_t length = 0;
	ssize_t got;
	int fd, err;

	err = set_path(file, error);
	if (err)
		return err;
	do {
		fd = open(path, O_RDONLY | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return explain_open(-errno, file, error);
	do {
		got = read(fd, contents + length, sizeof(contents) - length);
		if (got > 0)
			length += (size_t)got;
	} while ((got > 0 && length < sizeof(contents)) || (got < 0 && errno == EINTR));
	err = got < 0 ? -errno : 0;
	close(fd);
	if (err)
		return explain_open(err, file, error);
	if (length == sizeof(contents))
		return fail(error, -EFBIG, "%s: longer than this tool can read: update vmtrace",
			    path);
	return (ssize_t)length;
}

int source_process(int pid, struct process_stats *stats, struct source_error *error)
{
	char file[16] = VMTRACE_SELF;
	ssize_t length;

	if (pid != SOURCE_SELF)
		snprintf(file, sizeof(file), "%d", pid);
	length = read_file(file, error);
	if (length < 0)
		return (int)length;
	return source_parse_process(path, contents, (size_t)length, stats, error);
}

int source_summary(struct summary_stats *stats, struct source_error *error)
{
	ssize_t length = read_file(VMTRACE_SUMMARY, error);

	if (length < 0)
		return (int)length;
	return source_parse_summary(path, contents, (size_t)length, stats, error);
}

void source_prepare(void)
{
	/* Not memset: a compiler may know that the contents are never read. */
	for (size_t i = 0; i < sizeof(contents); i++)
		((volatile char *)contents)[i] = 0;
	for (size_t i = 0; i < sizeof(path); i++)
		((volatile char *)path)[i] = 0;
}
