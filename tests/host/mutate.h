/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mutate.h - files that are almost good, for fuzzers
 *
 * A fixed number of mutations from a fixed seed, so that every run is the same;
 * $FUZZ_ITERATIONS makes it longer.
 */
#ifndef VMTRACE_MUTATE_H
#define VMTRACE_MUTATE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mutate_state = 0x9e3779b97f4a7c15;

static inline uint64_t pick(uint64_t limit)
{
	mutate_state ^= mutate_state << 13;
	mutate_state ^= mutate_state >> 7;
	mutate_state ^= mutate_state << 17;
	return mutate_state % limit;
}

static inline long iterations_of(long usual)
{
	const char *wish = getenv("FUZZ_ITERATIONS");

	return wish ? atol(wish) : usual;
}

/* A file among the fixtures; its length, 0 if it cannot be read. */
static inline size_t load_fixture(const char *file, char *text, size_t size)
{
	char path[512];
	size_t length = 0;
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", getenv("FIXTURES"), file);
	stream = fopen(path, "r");
	if (stream) {
		length = fread(text, 1, size, stream);
		fclose(stream);
	}
	return length;
}

/* Of just this size, so that ASan sees a byte too many. To be freed. */
static inline char *exact_copy(const char *text, size_t length)
{
	char *exact = malloc(length ? length : 1);

	if (!exact)
		abort();
	memcpy(exact, text, length);
	return exact;
}

/* The line at which a byte is, with its newline. */
static inline size_t line_of(const char *text, size_t length, size_t *at)
{
	size_t end = *at;

	while (*at > 0 && text[*at - 1] != '\n')
		(*at)--;
	while (end < length && text[end++] != '\n')
		;
	return end - *at;
}

static inline size_t mutate_once(char *text, size_t length, size_t size)
{
	static const char nasty[] = "\n\t:-0198\\n\0\xff\xc3\x80 xK";
	size_t at = pick(length + 1), count = pick(24) + 1, from;
	char piece[512];

	switch (pick(8)) {
	case 0: /* a bit */
		if (at < length)
			text[at] ^= (char)(1 << pick(8));
		break;
	case 1: /* a nasty byte */
		if (at < length)
			text[at] = nasty[pick(sizeof(nasty))];
		break;
	case 2: /* cut the end */
		if (pick(4) == 0)
			length = at;
		break;
	case 3: /* remove */
		if (count > length - at)
			count = length - at;
		memmove(text + at, text + at + count, length - at - count);
		length -= count;
		break;
	case 4: /* repeat a piece */
		from = pick(length + 1);
		if (count > length - from)
			count = length - from;
		if (length + count <= size) {
			memcpy(piece, text + from, count);
			memmove(text + at + count, text + at, length - at);
			memcpy(text + at, piece, count);
			length += count;
		}
		break;
	case 5: /* a line twice, the second time with its first letter changed, or not at all */
		count = line_of(text, length, &at);
		if (count == 0 || count > sizeof(piece) || length + count > size)
			break;
		memcpy(piece, text + at, count);
		piece[0] = (char)(piece[0] + (char)pick(2));
		memmove(text + at + count, text + at, length - at);
		memcpy(text + at, piece, count);
		length += count;
		break;
	case 6: /* a line less */
		count = line_of(text, length, &at);
		memmove(text + at, text + at + count, length - at - count);
		length -= count;
		break;
	default: /* a digit more */
		if (length < size) {
			memmove(text + at + 1, text + at, length - at);
			text[at] = (char)('0' + pick(10));
			length++;
		}
	}
	return length;
}

/* Some mutations of what has room for size bytes; returns the new length. */
static inline size_t mutate(char *text, size_t length, size_t size)
{
	for (uint64_t times = pick(6) + 1; times; times--)
		length = mutate_once(text, length, size);
	return length;
}

#endif /* VMTRACE_MUTATE_H */
