// SPDX-License-Identifier: GPL-2.0
/*
 * Feed the parsers of the module's files what is almost a good one.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/format.h"
#include "core/format_walk.h"
#include "core/histogram.h"
#include "lib/error.h"
#include "lib/text.h"
#include "mutate.h"
#include "sources/parse.h"
#include "sources/stats.h"
#include "sources/walk_stats.h"
#include "unit.h"

#define ADD_COLUMN(column, meaning) "\t" #column
#define TABLE			    "class" VMTRACE_CLASS_COLUMNS(ADD_COLUMN) "\n"

/* What was accepted must read the same when it is printed again. */
static void check_round_trip(const struct process_stats *stats)
{
	struct process_stats again = { 0 };
	struct error error;
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
	CHECK_EQUAL(parse_process("again", text, (size_t)used, &again, &error), 0);
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

/* UTF-8 that a terminal may see: of newlines and tabs, those that print it take care. */
static void check_text(const char *text)
{
	char clean[2 * WALK_TEXT_MAX];
	size_t length = strlen(text);

	CHECK(length < sizeof(clean));
	snprintf(clean, sizeof(clean), "%s", text);
	make_printable(clean);
	for (size_t i = 0; clean[i]; i++)
		CHECK(clean[i] == text[i] || text[i] == '\n' || text[i] == '\t');
	CHECK(strlen(clean) == length);
}

/* Feeds one of the parsers; checks what it has accepted. */
typedef int parser(char *text, size_t length, struct error *error);

static int try_process(char *text, size_t length, struct error *error)
{
	struct process_stats stats = { 0 };
	int err = parse_process("f", text, length, &stats, error);

	if (err == 0) {
		check_text(stats.name);
		check_text(stats.state);
		check_classes(&stats);
		check_round_trip(&stats);
	}
	return err;
}

static int try_summary(char *text, size_t length, struct error *error)
{
	struct summary_stats stats = { 0 };
	int err = parse_summary("f", text, length, &stats, error);

	if (err == 0) {
		check_text(stats.version);
		check_text(stats.hook);
		check_text(stats.hook_reason);
	}
	return err;
}

static int try_total(char *text, size_t length, struct error *error)
{
	struct total_stats stats = { 0 };
	int err = parse_total("f", text, length, &stats, error);

	CHECK(err || (stats.minor >= 0 && stats.dropped >= 0));
	return err;
}

static int try_maps(char *text, size_t length, struct error *error)
{
	struct maps_stats stats = { 0 };
	int err = parse_maps("f", text, length, &stats, error);

	if (err)
		return err;
	check_text(stats.name);
	for (long long i = 0; i < stats.mappings; i++) {
		const struct map_stats *map = &stats.map[i];

		CHECK(map->start < map->end);
		check_text(map->name);
		check_text(map->perms);
	}
	free(stats.map);
	return 0;
}

static int try_failures(char *text, size_t length, struct error *error)
{
	struct failures_stats stats = { 0 };
	int err = parse_failures("f", text, length, &stats, error);

	if (err)
		return err;
	for (long long i = 0; i < stats.kept; i++) {
		const struct failure_stats *failure = &stats.failure[i];

		check_text(failure->reason);
		check_text(failure->where);
		check_text(failure->perms);
		check_text(failure->name);
		check_text(failure->ip_name);
	}
	free(stats.failure);
	return 0;
}

static int try_threads(char *text, size_t length, struct error *error)
{
	struct threads_stats stats = { 0 };
	int err = parse_threads("f", text, length, &stats, error);

	for (size_t i = 0; !err && i < stats.threads; i++) {
		CHECK(stats.thread[i].tid >= 0 && stats.thread[i].max_ns >= 0);
		check_text(stats.thread[i].name);
	}
	free(stats.thread);
	return err;
}

static int try_slowest(char *text, size_t length, struct error *error)
{
	struct slowest_stats stats = { 0 };
	int err = parse_slowest("f", text, length, &stats, error);

	for (size_t i = 0; !err && i < stats.faults; i++) {
		const struct slow_stats *fault = &stats.fault[i];

		CHECK(fault->took_ns >= 0 && fault->inode >= 0);
		check_text(fault->class);
		check_text(fault->origin);
		check_text(fault->device);
		check_text(fault->name);
	}
	free(stats.fault);
	return err;
}

static int try_latency(char *text, size_t length, struct error *error)
{
	static struct latency_stats stats;
	int err = parse_latency("f", text, length, &stats, error);

	if (err)
		return err;
	CHECK(stats.classes <= SOURCE_CLASSES);
	for (size_t i = 0; i < stats.classes; i++) {
		CHECK(strnlen(stats.class[i].name, SOURCE_CLASS_MAX) < SOURCE_CLASS_MAX);
		check_text(stats.class[i].name);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(stats.class[i].name, stats.class[k].name) != 0);
		for (size_t n = 0; n < VMTRACE_HIST_BUCKETS; n++)
			CHECK((long long)stats.class[i].count[n] >= 0);
	}
	return 0;
}

static int try_walk(char *text, size_t length, struct error *error)
{
	static struct walk_stats walk;
	int err = parse_walk("f", text, length, &walk, error);

	if (err)
		return err;
	CHECK(walk_end(&walk) != NULL);
	CHECK(walk.page_kind <= VMTRACE_WALK_PAGE_UNKNOWN);
	for (size_t i = 0; i < WALK_LEVELS; i++) {
		CHECK(walk.level[i].kind < VMTRACE_WALK_KIND_COUNT);
		CHECK(walk.level[i].flags >> VMTRACE_WALK_FLAG_COUNT == 0);
		CHECK(walk.level[i].index >= -1 && walk.level[i].index < 65536);
	}
	check_text(walk.vma_name);
	check_text(walk.vma_perms);
	return 0;
}

static void fuzz(const char *file, parser *parse)
{
	static char seed[16384], text[32768];
	long accepted = 0, iterations = iterations_of(30000);
	size_t length = load_fixture(file, seed, sizeof(seed));

	CHECK(length > 0 && length < sizeof(seed));
	for (long i = 0; i < iterations; i++) {
		struct error error = { "" };
		size_t mutated;
		char *exact;
		int err;

		memcpy(text, seed, length);
		mutated = mutate(text, length, sizeof(text));
		exact = exact_copy(text, mutated);
		err = parse(exact, mutated, &error);
		free(exact);
		CHECK(err == 0 || err == -EPROTO || err == -EPROTONOSUPPORT);
		CHECK((err == 0) == (error.text[0] == '\0'));
		CHECK(!strchr(error.text, '\n'));
		accepted += err == 0;
	}
	/* A fuzzer that only meets one branch tests little. */
	CHECK(accepted > iterations / 100);
	CHECK(accepted < iterations);
	printf("# %ld of %ld accepted\n", accepted, iterations);
}

static void mutated_process_files(void)
{
	fuzz("good/proc/vmtrace/4242", try_process);
	fuzz("good/proc/vmtrace/15", try_process);
	fuzz("good/proc/vmtrace/16",
	     try_process); /* with later keys, columns, classes and tables */
	fuzz("good/proc/vmtrace/19", try_process); /* all classes */
}

static void mutated_summaries(void)
{
	fuzz("good/proc/vmtrace/summary", try_summary);
	fuzz("good/proc/vmtrace/total", try_total);
}

#define DEBUGFS "good/sys/kernel/debug/vmtrace/"

static void mutated_residencies(void)
{
	fuzz(DEBUGFS "maps/4242", try_maps);
	fuzz(DEBUGFS "maps/15", try_maps);
}

static void mutated_failures(void)
{
	fuzz(DEBUGFS "failures/20", try_failures);
	fuzz(DEBUGFS "failures/21", try_failures);
}

static void mutated_tables(void)
{
	fuzz(DEBUGFS "threads/4242", try_threads);
	fuzz(DEBUGFS "slowest/4242", try_slowest);
}

static void mutated_histograms(void)
{
	fuzz("latency", try_latency);
}

static void mutated_walks(void)
{
	fuzz("walk/stack", try_walk);
	fuzz("walk/later", try_walk);
	fuzz("walk/hidden", try_walk);
}

int main(void)
{
	RUN(mutated_process_files);
	RUN(mutated_summaries);
	RUN(mutated_residencies);
	RUN(mutated_failures);
	RUN(mutated_tables);
	RUN(mutated_histograms);
	RUN(mutated_walks);
	return 0;
}
