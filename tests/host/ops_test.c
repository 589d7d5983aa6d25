// SPDX-License-Identifier: GPL-2.0
/* ops_test.c - a provider that lacks operations, or has one of its own */
#include <errno.h>
#include <string.h>

#include "lib/array.h"
#include "lib/error.h"
#include "sources/reading.h"
#include "sources/source.h"
#include "sources/source_ops.h"
#include "sources/stats.h"
#include "unit.h"

static struct error error;

static void check_lacks(int err, const char *what)
{
	char text[128];

	snprintf(text, sizeof(text), "a recording: does not provide %s", what);
	CHECK_EQUAL(err, -EOPNOTSUPP);
	if (strcmp(error.text, text) != 0) {
		printf("# \"%s\", not \"%s\"\n", error.text, text);
		unit_failures++;
	}
	strcpy(error.text, "");
}

static void what_is_not_provided_is_an_error(void)
{
	static const struct source_ops nothing = { .name = "a recording" };
	static struct process_stats process;
	static struct summary_stats summary;
	static struct total_stats total;
	static struct maps_stats maps;
	static struct latency_stats latency;
	static struct failures_stats failures;
	static struct slowest_stats slowest;
	static struct threads_stats threads;
	static struct walk_stats walk;

	source_select(&nothing);
	source_prepare();
	check_lacks(source_process(1, &process, &error), "process");
	check_lacks(source_summary(&summary, &error), "summary");
	check_lacks(source_total(&total, &error), "total");
	check_lacks(source_residency(1, &maps, &error), "residency");
	check_lacks(source_latency(1, &latency, &error), "latency");
	check_lacks(source_failures(1, &failures, &error), "failures");
	check_lacks(source_slowest(1, &slowest, &error), "slowest");
	check_lacks(source_threads(1, &threads, &error), "threads");
	check_lacks(source_walk(1, 0, &walk, &error), "walk");
	CHECK(source_stream(NULL, &error) == NULL);
	check_lacks(-EOPNOTSUPP, "a stream of faults");
}

static int prepared;

static void prepare(void)
{
	prepared++;
}

static int find_nobody(int pid, struct process_stats *stats, struct error *why)
{
	stats->pid = pid;
	return error_set(why, -ESRCH, "no such process");
}

static void what_is_provided_is_called(void)
{
	static const struct source_ops ops = {
		.name = "a recording",
		.prepare = prepare,
		.process = find_nobody,
	};
	static struct process_stats stats;

	source_select(&ops);
	source_prepare();
	CHECK_EQUAL(prepared, 1);
	CHECK_EQUAL(source_process(42, &stats, &error), -ESRCH);
	CHECK_EQUAL(stats.pid, 42);
	CHECK(strcmp(error.text, "no such process") == 0);
}

static int refusal;

static int latency(int pid, struct latency_stats *stats, struct error *why)
{
	return error_set(why, pid && stats ? refusal : 0, "a reason");
}

static int succeed(int pid, struct process_stats *stats, struct error *why)
{
	return pid && stats && why ? 0 : -EINVAL;
}

/* What is in debugfs may be missing; the rest of a reading is there. */
static void a_reading_says_why_it_has_no_histograms(void)
{
	static const struct source_ops ops = {
		.name = "a recording",
		.process = succeed,
		.latency = latency,
	};
	static const struct {
		int err;
		const char *why;
	} cases[] = {
		{ 0, "" },
		{ -EACCES, "only root may read debugfs" },
		{ -EPERM, "the kernel is locked down, so debugfs cannot be read" },
		{ -ENOENT, "a reason" },
	};
	static struct reading reading;

	source_select(&ops);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		refusal = cases[i].err;
		CHECK_EQUAL(reading_take(42, &reading, &error), 0);
		CHECK(strcmp(reading.no_latency, cases[i].why) == 0);
	}
}

int main(void)
{
	RUN(what_is_not_provided_is_an_error);
	RUN(what_is_provided_is_called);
	RUN(a_reading_says_why_it_has_no_histograms);
	return 0;
}
