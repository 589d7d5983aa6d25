// SPDX-License-Identifier: GPL-2.0
/* latency_test.c - histograms: read, refused, subtracted */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/histogram.h"
#include "lib/error.h"
#include "sources/latency.h"
#include "sources/parse.h"
#include "sources/stats.h"
#include "unit.h"

static struct latency_stats before, after;
static struct error error;

/* A copy of exactly that size, so that a sanitizer sees who reads beyond it. */
static int parse(const char *text, struct latency_stats *stats)
{
	size_t length = strlen(text);
	char *copy = malloc(length ? length : 1);
	int err;

	memcpy(copy, text, length);
	err = parse_latency("latency", copy, length, stats, &error);
	free(copy);
	return err;
}

#define HEAD "format:\t2\nclass\tfrom_ns\tto_ns\tfaults\n"

static void buckets_are_read(void)
{
	const struct latency_class *class;

	CHECK_EQUAL(parse(HEAD "anon\t1024\t1152\t3\nanon\t1152\t1280\t4\nzero\t7\t8\t1\n", &after),
		    0);
	CHECK_EQUAL(after.classes, 2);
	class = latency_find(&after, "anon");
	if (!class)
		class = &before.class[0];
	CHECK_EQUAL(class->count[vmtrace_histogram_bucket(1100)], 3);
	CHECK_EQUAL(class->count[vmtrace_histogram_bucket(1152)], 4);
	CHECK_EQUAL(class->count[vmtrace_histogram_bucket(1280)], 0);
	CHECK_EQUAL(latency_find(&after, "zero")->count[7], 1);
	CHECK(latency_find(&after, "zer") == NULL);
	CHECK_EQUAL(parse(HEAD, &before), 0);
	CHECK_EQUAL(before.classes, 0);
}

static void more_columns_are_skipped(void)
{
	CHECK_EQUAL(parse("format:\t2\nclass\tfrom_ns\tto_ns\tfaults\tnews\nanon\t7\t8\t3\tx\n",
			  &after),
		    0);
	CHECK_EQUAL(after.class[0].count[7], 3);
}

static void what_is_refused(void)
{
	CHECK(parse("", &after) != 0);
	CHECK(parse("format:\t2\n", &after) != 0);
	CHECK(parse("format:\t3\nclass\tfrom_ns\tto_ns\tfaults\n", &after) != 0);
	CHECK(parse("format:\t2\nclass\tto_ns\tfrom_ns\tfaults\n", &after) != 0);
	CHECK(parse(HEAD "anon\t1024\t1152\t3", &after) != 0);
	CHECK(parse(HEAD "anon\t1024\t1152\n", &after) != 0);
	CHECK(parse(HEAD "anon\t1024\t1152\tmany\n", &after) != 0);
	CHECK(parse(HEAD "anon\t1025\t1152\t3\n", &after) != 0);
	CHECK(strstr(error.text, "other bounds") != NULL);
	CHECK(parse(HEAD "anon\t1024\t1280\t3\n", &after) != 0);
	CHECK(parse(HEAD "anon\t7\t8\t3\nzero\t7\t8\t3\nanon\t6\t7\t3\n", &after) != 0);
	CHECK(parse(HEAD "a-class-with-a-very-long-name\t7\t8\t3\n", &after) != 0);
}

static void too_many_classes_are_refused(void)
{
	char text[8192] = HEAD;

	for (int i = 0; i <= SOURCE_CLASSES; i++)
		sprintf(text + strlen(text), "class-%d\t7\t8\t1\n", i);
	CHECK(parse(text, &after) != 0);
}

static void a_difference(void)
{
	unsigned long long count[VMTRACE_HIST_BUCKETS] = { 0 };

	parse(HEAD "anon\t7\t8\t3\n", &before);
	parse(HEAD "anon\t6\t7\t2\nanon\t7\t8\t10\n", &after);
	CHECK(latency_add(count, &before.class[0], &after.class[0]));
	CHECK_EQUAL(count[6], 2);
	CHECK_EQUAL(count[7], 7);
	CHECK(latency_add(count, NULL, &after.class[0]));
	CHECK_EQUAL(count[7], 17);
	CHECK(latency_add(count, NULL, NULL));
	CHECK_EQUAL(count[7], 17);
	CHECK(!latency_add(count, &after.class[0], &before.class[0]));
	CHECK(!latency_add(count, &after.class[0], NULL));
}

int main(void)
{
	RUN(buckets_are_read);
	RUN(more_columns_are_skipped);
	RUN(what_is_refused);
	RUN(too_many_classes_are_refused);
	RUN(a_difference);
	return 0;
}
