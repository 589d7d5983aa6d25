// SPDX-License-Identifier: GPL-2.0
/* maps_test.c - the parser of residency, fed with what is broken in every way */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/error.h"
#include "sources/parse.h"
#include "sources/stats.h"
#include "unit.h"

static char *whole;
static size_t length;

static void load(void)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/good/sys/kernel/debug/vmtrace/maps/4242",
		 getenv("FIXTURES"));
	file = fopen(path, "r");
	whole = calloc(1, 64 * 1024);
	if (file)
		length = fread(whole, 1, 64 * 1024, file);
	if (file)
		fclose(file);
}

/* Parse a copy of exactly that size, so that a sanitizer sees who reads beyond it. */
static int parse(const char *text, size_t size)
{
	struct error error;
	struct maps_stats stats;
	char *copy = malloc(size ? size : 1);
	int err;

	memcpy(copy, text, size);
	err = parse_maps("maps", copy, size, &stats, &error);
	if (!err)
		free(stats.map);
	free(copy);
	return err;
}

static void a_good_file(void)
{
	struct error error;
	struct maps_stats stats;

	CHECK(parse_maps("maps", whole, length, &stats, &error) == 0);
	CHECK(stats.mappings == 11 && stats.huge == 7680);
	CHECK(stats.map[3].start == 0x55d0c5c00000 && stats.map[3].swapped == 40);
	CHECK(strcmp(stats.map[3].name, "[heap]") == 0);
	CHECK(strcmp(stats.map[7].name, "/memfd:tab\tnewline\nbackslash\\x?[31m? (deleted)") == 0);
	CHECK(strcmp(stats.map[4].name, "") == 0);
	free(stats.map);
	free(whole);
	load();
}

static void every_beginning_is_refused(void)
{
	for (size_t size = 0; size < length; size++)
		CHECK(parse(whole, size) < 0);
	CHECK(parse(whole, length) == 0);
}

static void no_byte_does_harm(void)
{
	static const char bytes[] = { 0, '\t', '\n', '\\', '0', '9', 'f', ' ', '-', (char)0xff };

	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; i < sizeof(bytes); i++) {
			char was = whole[at];
			int err;

			whole[at] = bytes[i];
			err = parse(whole, length);
			CHECK(err == 0 || err == -EPROTO || err == -EPROTONOSUPPORT);
			whole[at] = was;
		}
}

int main(void)
{
	load();
	RUN(a_good_file);
	RUN(every_beginning_is_refused);
	RUN(no_byte_does_harm);
	free(whole);
	return 0;
}
