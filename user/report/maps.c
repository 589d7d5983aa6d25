// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "lib/array.h"
#include "lib/output.h"
#include "lib/text.h"
#include "lib/units.h"
#include "report/json.h"
#include "report/maps.h"
#include "sources/stats.h"

#define CELL SIZE_TEXT_MAX

/* Print a line of the table without the name. All counts are in pages. */
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
		make_one_line(map->name);
		print_tail(map->name, left);
		putchar('\n');
	}
	print_cells("total", "", &total, (double)stats->page_bytes);
	putchar('\n');
}

/* Print a number in pages or, if its key says so, in bytes. */
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

void maps_print(const struct maps_stats *stats)
{
	double page = (double)stats->page_bytes;
	char name[SOURCE_TEXT_MAX], sentence[256], reserved[CELL], share[CELL], tables[CELL];

	strcpy(name, stats->name);
	make_one_line(name);
	printf("%sprocess %lld (%s), residency%s\n\n", colour(COLOUR_STRONG), stats->pid, name,
	       colour(COLOUR_OFF));
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
}

int maps_json(const struct maps_stats *stats)
{
	struct json_object *object = json_object_new_object();
	struct json_object *table = json_object_new_array();

	json_add_number(object, "format", VMTRACE_FORMAT);
	json_add_text(object, "name", stats->name);
#define ADD_NUMBER(key, meaning) json_add_number(object, #key, stats->key);
	VMTRACE_MAPS_NUMBERS(ADD_NUMBER)
	VMTRACE_MAPS_KINDS(ADD_NUMBER)
	VMTRACE_MAPS_KERNEL(ADD_NUMBER)
	for (long long i = 0; i < stats->mappings; i++) {
		const struct map_stats *map = &stats->map[i];
		struct json_object *line = json_object_new_object();

		json_add_hex(line, "start", map->start);
		json_add_hex(line, "end", map->end);
		json_add_text(line, "perms", map->perms);
		json_add_hex(line, "offset", map->offset);
		json_add_text(line, "name", map->name);
#define ADD_PAGES(key, meaning) json_add_number(line, #key, map->key);
		VMTRACE_MAPS_KINDS(ADD_PAGES)
		json_object_array_add(table, line);
	}
	json_object_object_add(object, "maps", table);
	return json_print(object);
}
