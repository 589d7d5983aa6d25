// SPDX-License-Identifier: GPL-2.0
/*
 * Feed the parsers what is almost a good file: a fixed number of mutations from a
 * fixed seed, so that every run is the same. $FUZZ_ITERATIONS makes it longer.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "unit.h"

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t pick(uint64_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

static size_t load(const char *file, char *text, size_t size)
{
	char path[256];
	size_t length = 0;
	FILE *stream;

	snprintf(path, sizeof(path), "%s/good/proc/vmtrace/%s", getenv("FIXTURES"), file);
	stream = fopen(path, "r");
	CHECK(stream != NULL);
	if (stream) {
		length = fread(text, 1, size, stream);
		fclose(stream);
	}
	CHECK(length > 0);
	return length;
}

/* The line at which a byte is, with its newline. */
static size_t line_of(const char *text, size_t length, size_t *at)
{
	size_t end = *at;

	while (*at > 0 && text[*at - 1] != '\n')
		(*at)--;
	while (end < length && text[end++] != '\n')
		;
	return end - *at;
}

static size_t mutate(char *text, size_t length, size_t size)
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

#define ADD_COLUMN(column, meaning) "\t" #column
#define TABLE			    "class" VMTRACE_CLASS_COLUMNS(ADD_COLUMN) "\n"

/* What was accepted must read the same when it is printed again. */
static void check_round_trip(const struct process_stats *stats)
{
	struct process_stats again = { 0 };
	struct source_error error;
	char text[32768];
	int used =
		snprintf(text, sizeof(text), "format:\t%d\nname:\tx\nstate:\tx\n", VMTRACE_FORMAT);

#define PRINT(key, meaning) \
	used += snprintf(text + used, sizeof(text) - (size_t)used, #key ":\t%lld\n", stats->key);
	VMTRACE_PROCESS_NUMBERS(PRINT)
#undef PRINT
	used += snprintf(text + used, sizeof(text) - (size_t)used, TABLE);
	CHECK(stats->classes <= SOURCE_CLASSES);
	for (size_t i = 0; i < stats->classes; i++) {
		used += snprintf(text + used, sizeof(text) - (size_t)used, "%s",
				 stats->class[i].name);
#define PRINT(column, meaning)                                               \
	used += snprintf(text + used, sizeof(text) - (size_t)used, "\t%lld", \
			 stats->class[i].column);
		VMTRACE_CLASS_COLUMNS(PRINT)
#undef PRINT
		text[used++] = '\n';
	}
	CHECK_EQUAL(source_parse_process("again", text, (size_t)used, &again, &error), 0);
#define COMPARE(key, meaning) CHECK_EQUAL(again.key, stats->key);
	VMTRACE_PROCESS_NUMBERS(COMPARE)
#undef COMPARE
	CHECK_EQUAL(again.classes, stats->classes);
	CHECK(memcmp(again.class, stats->class, sizeof(again.class)) == 0);
	CHECK(memchr(stats->name, '\0', sizeof(stats->name)) != NULL);
	CHECK(memchr(stats->state, '\0', sizeof(stats->state)) != NULL);
}

/* Names that a terminal may see, none of them twice, and no fault of unknown class. */
static void check_classes(const struct process_stats *stats)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < stats->classes; i++) {
		const char *name = stats->class[i].name;
		size_t length = strnlen(name, SOURCE_CLASS_MAX);

		CHECK(length > 0 && length < SOURCE_CLASS_MAX);
		CHECK(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(name, stats->class[k].name) != 0);
		sum += (unsigned long long)stats->class[i].faults;
	}
	CHECK(sum == (unsigned long long)stats->minor + (unsigned long long)stats->major +
			     (unsigned long long)stats->failed);
}

static void fuzz(const char *file, int process)
{
	const char *wish = getenv("FUZZ_ITERATIONS");
	long iterations = wish ? atol(wish) : 50000;
	char seed[4096], text[8192];
	long accepted = 0;
	size_t length = load(file, seed, sizeof(seed));

	for (long i = 0; i < iterations; i++) {
		size_t mutated = length;
		struct process_stats stats = { 0 };
		struct summary_stats summary = { 0 };
		struct source_error error = { "" };
		char *exact;
		int err;

		memcpy(text, seed, length);
		for (uint64_t times = pick(6) + 1; times; times--)
			mutated = mutate(text, mutated, sizeof(text));
		/* Of just this size, so that ASan sees a byte too many. */
		exact = malloc(mutated ? mutated : 1);
		if (!exact)
			abort();
		memcpy(exact, text, mutated);
		err = process ? source_parse_process("f", exact, mutated, &stats, &error) :
				source_parse_summary("f", exact, mutated, &summary, &error);
		free(exact);
		CHECK(err == 0 || err == -EPROTO || err == -EPROTONOSUPPORT);
		CHECK((err == 0) == (error.text[0] == '\0'));
		CHECK(!strchr(error.text, '\n'));
		accepted += err == 0;
		if (err == 0 && process) {
			check_classes(&stats);
			check_round_trip(&stats);
		}
	}
	/* A fuzzer that only meets one branch tests little. */
	CHECK(accepted > iterations / 100);
	CHECK(accepted < iterations);
	printf("# %ld of %ld accepted\n", accepted, iterations);
}

static void mutated_process_files(void)
{
	fuzz("4242", 1);
	fuzz("15", 1);
	fuzz("16", 1); /* with later keys, columns, classes and tables */
	fuzz("19", 1); /* all classes */
}

static void mutated_summaries(void)
{
	fuzz("summary", 0);
}

int main(void)
{
	RUN(mutated_process_files);
	RUN(mutated_summaries);
	return 0;
}
