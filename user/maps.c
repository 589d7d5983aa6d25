// SPDX-License-Identifier: GPL-2.0
/*
 * maps - the lazy ledger: what a process asked for, and what it has of it
 */
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "source.h"
#include "util.h"
#include "verb.h"

struct maps_options {
	int pid;
	bool json;
};

static const char help[] =
	"usage: vmtrace maps PID|self [--json]\n"
	"\n"
	"Show the lazy ledger of process PID, or of this vmtrace itself: for each mapping\n"
	"what the process asked for (reserved), what has a page (pages), what of that is\n"
	"mapped in huge pages (huge), what was only read and is the shared zero page\n"
	"(zero), what is in swap (swap), and how much was never touched, or given back\n"
	"(untouched). The page tables are walked for it when it is read. For root alone.\n"
	"\n"
	"A second table says how often a mapping was touched for the first time: faults\n"
	"that found nothing there; how long ago its newest part was asked for (age), and\n"
	"how long that waited for its first touch (waited). When it came is not seen if\n"
	"it is older than the module, came by fork, or grew without mmap and brk.\n"
	"\n"
	"options:\n"
	"  --json    print JSON, with the names that the file in debugfs uses, in pages\n"
	"  --help    show this text\n"
	"\n"
	"example:\n"
	"  sudo vmtrace maps $$\n";

#define CELL SIZE_TEXT_MAX

/* 0% and 100% are exactly that. */
static const char *format_percent(char text[CELL], double part, double whole)
{
	double percent = whole > 0 ? 100 * part / whole : 0;

	if (percent > 0 && percent < 1)
		strcpy(text, "<1%");
	else if (percent > 99 && percent < 100)
		strcpy(text, ">99%");
	else
		snprintf(text, CELL, "%.0f%%", percent);
	return text;
}

/* A line of the table, but for the name; all counts are in pages. */
static void print_cells(const char *start, const char *perms, const struct map_stats *map,
			double page_bytes)
{
	const long long pages[] = { map->reserved, map->populated + map->special, map->huge,
				    map->zero, map->swapped };
	char text[CELL];
	size_t shown = output_width() < 80 ? 2 : ARRAY_SIZE(pages);

	printf("%-12s", start);
	if (shown > 2)
		printf(" %-4s", perms);
	for (size_t i = 0; i < shown; i++)
		printf(" %*s", i ? 6 : 8, format_size(text, (double)pages[i] * page_bytes));
	printf(" %9s",
	       format_percent(text, (double)(map->untouched + map->other), (double)map->reserved));
}

/* Bytes of the UTF-8 character at text. */
static size_t character(const char *text)
{
	size_t length = 1;

	while (((unsigned char)text[length] & 0xc0) == 0x80)
		length++;
	return length;
}

/* The end of a path says more than its beginning: that is kept if it does not fit. */
static void print_name(const char *name, int width)
{
	int length = text_width(name);

	if (width < 4)
		return;
	if (*name)
		fputs("  ", stdout);
	width -= 2;
	if (length > width) {
		fputs("..", stdout);
		for (; length > width - 2; length--)
			name += character(name);
	}
	for (; *name; name++)
		putchar(*name == '\n' || *name == '\t' ? '?' : *name);
}

static void print_table(const struct maps_stats *stats)
{
	bool wide = output_width() >= 80;
	int left = output_width() - (wide ? 12 + 5 + 9 + 4 * 7 + 10 : 12 + 9 + 7 + 10);
	const struct map_stats total = {
#define TOTAL(key, meaning) .key = stats->key,
		VMTRACE_MAPS_KINDS(TOTAL)
#undef TOTAL
	};

	if (wide)
		printf("%-12s %-4s %8s %6s %6s %6s %6s %9s  name\n", "start", "", "reserved",
		       "pages", "huge", "zero", "swap", "untouched");
	else
		printf("%-12s %8s %6s %9s\n", "start", "reserved", "pages", "untouched");
	for (long long i = 0; i < stats->mappings; i++) {
		const struct map_stats *map = &stats->map[i];
		char start[24];

		snprintf(start, sizeof(start), "%llx", map->start);
		print_cells(start, map->perms, map, (double)stats->page_bytes);
		print_name(map->name, left);
		putchar('\n');
	}
	print_cells("total", "", &total, (double)stats->page_bytes);
	putchar('\n');
}

/* Is anything known of it that the first table does not say? */
static bool has_growth(const struct map_stats *map)
{
	return map->first_touch || map->age_ns >= 0;
}

static void print_growth(const struct map_stats *map, int left)
{
	char age[TIME_MAX] = "not seen", waited[TIME_MAX] = "?";

	if (map->age_ns >= 0) {
		format_time(age, (double)map->age_ns);
		strcpy(waited, "not yet");
	}
	if (map->delay_ns >= 0)
		format_time(waited, (double)map->delay_ns);
	printf("%-12llx %8lld ", map->start, map->first_touch);
	printf("%*s%s", 9 - text_width(age), "", age);
	printf("%*s%s", 9 - text_width(waited), "", waited);
	print_name(map->name, left);
	putchar('\n');
}

/* Who knows nothing of a mapping says nothing. */
static void print_growths(const struct maps_stats *stats)
{
	int left = output_width() - (12 + 9 + 10 + 9);
	bool silent = false;
	char sentence[256];

	printf("%-12s %8s %9s%9s%s\n", "start", "touches", "age", "waited",
	       left < 6 ? "" : "  name");
	for (long long i = 0; i < stats->mappings; i++) {
		if (has_growth(&stats->map[i]))
			print_growth(&stats->map[i], left);
		else
			silent = true;
	}
	printf("%-12s %8lld\n\n", "total", stats->first_touch);
	snprintf(sentence, sizeof(sentence),
		 "%lld first touches since tracking began, %lld of them in what is gone.",
		 stats->first_touch, stats->first_touch_gone);
	print_paragraph(0, sentence);
	if (silent)
		print_paragraph(0, "Not listed is what came unseen and had no first touch.");
	if (!stats->growths_unrecorded)
		return;
	snprintf(sentence, sizeof(sentence),
		 "%lld pieces of memory were too many to be recorded: touches and times of "
		 "their mappings are missing above.",
		 stats->growths_unrecorded);
	print_paragraph(0, sentence);
}

/* Most of these are in pages. */
static void print_kernel(const char *key, double count, double page_bytes, const char *meaning)
{
	double bytes = strstr(key, "_bytes") ? count : count * page_bytes;
	char text[CELL];
	int column = printf("%-14s %8s", key, format_size(text, bytes));

	if (output_width() < 80)
		putchar('\n');
	else
		print_hanging(column + printf("  "), meaning);
}

static void print_text(const struct maps_stats *stats)
{
	double page = (double)stats->page_bytes;
	char sentence[256], reserved[CELL], share[CELL], tables[CELL];

	printf("%sprocess %lld (", colour(COLOUR_STRONG), stats->pid);
	for (const char *at = stats->name; *at; at++)
		putchar(*at == '\n' || *at == '\t' ? '?' : *at);
	printf("), lazy ledger%s\n\n", colour(COLOUR_OFF));
	print_table(stats);
	putchar('\n');
#define PRINT_KERNEL(key, meaning) print_kernel(#key, (double)stats->key, page, meaning);
	VMTRACE_MAPS_KERNEL(PRINT_KERNEL)
	putchar('\n');
	snprintf(sentence, sizeof(sentence),
		 "%s reserved, %s of it has a page; the page tables take %s.",
		 format_size(reserved, (double)stats->reserved * page),
		 format_percent(share, (double)(stats->populated + stats->special),
				(double)stats->reserved),
		 format_size(tables, (double)stats->pgtables_bytes));
	print_paragraph(0, sentence);
	putchar('\n');
	print_growths(stats);
}

static void add_address(struct json_object *object, const char *key, unsigned long long address)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", address);
	json_add_text(object, key, text);
}

static int print_json(const struct maps_stats *stats)
{
	struct json_object *object = json_object_new_object();
	struct json_object *table = json_object_new_array();

	json_add_number(object, "format", VMTRACE_FORMAT);
	json_add_text(object, "name", stats->name);
#define ADD_NUMBER(key, meaning) json_add_number(object, #key, stats->key);
	VMTRACE_MAPS_NUMBERS(ADD_NUMBER)
	VMTRACE_MAPS_KINDS(ADD_NUMBER)
	VMTRACE_MAPS_KERNEL(ADD_NUMBER)
	VMTRACE_MAPS_GROWTH(ADD_NUMBER)
	for (long long i = 0; i < stats->mappings; i++) {
		const struct map_stats *map = &stats->map[i];
		struct json_object *line = json_object_new_object();

		add_address(line, "start", map->start);
		add_address(line, "end", map->end);
		json_add_text(line, "perms", map->perms);
		add_address(line, "offset", map->offset);
		json_add_text(line, "name", map->name);
#define ADD_PAGES(key, meaning) json_add_number(line, #key, map->key);
		VMTRACE_MAPS_KINDS(ADD_PAGES)
		VMTRACE_MAPS_TOUCHES(ADD_PAGES)
		json_object_array_add(table, line);
	}
	json_object_object_add(object, "maps", table);
	return json_print(object);
}

static int parse_options(int argc, char **argv, struct maps_options *options)
{
	const struct option_row table[] = { { "json", &options->json, NULL }, { 0 } };
	int code = read_options("maps", help, table, argc, argv);
	unsigned long long pid;

	if (code != OPTIONS_READ)
		return code;
	if (optind == argc)
		return usage_error("maps", "maps: whose? name a process id, or self");
	if (argc - optind > 1)
		return usage_error("maps", "maps: %s: only one process at a time",
				   argv[optind + 1]);
	if (strcmp(argv[optind], VMTRACE_SELF) == 0)
		return OPTIONS_READ;
	if (parse_number(argv[optind], INT_MAX, &pid) != 0 || pid == 0)
		return usage_error("maps", "maps: %s: not a process id: use a number from 1 to %d",
				   argv[optind], INT_MAX);
	options->pid = (int)pid;
	return OPTIONS_READ;
}

int verb_maps(int argc, char **argv)
{
	struct maps_options options = { .pid = SOURCE_SELF };
	struct maps_stats stats;
	struct source_error error;
	int code = parse_options(argc, argv, &options);

	if (code != OPTIONS_READ)
		return code;
	if (source_maps(options.pid, &stats, &error) != 0) {
		message("%s", error.text);
		return EXIT_FAILED;
	}
	if (options.json)
		code = print_json(&stats);
	else
		print_text(&stats);
	source_free_maps(&stats);
	return options.json ? code : EXIT_DONE;
}
