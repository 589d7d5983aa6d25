// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "lib/output.h"
#include "lib/units.h"
#include "report/classes.h"
#include "report/json.h"
#include "report/table.h"
#include "sources/stats.h"

/*
 * Sums over the faults that were timed. double: no sum overflows, and only three digits are shown.
 */
struct sum {
	double faults, total, asleep, pages, tables;
	const char *timed;		   /* "timed " if some faults were not timed, else "" */
	const struct class_stats *slowest; /* the class with the slowest fault */
	const struct class_stats *largest; /* the class with the largest total time */
};

static struct sum sum_up(const struct process_stats *stats)
{
	struct sum sum = {
		.faults = -(double)stats->untimed,
		.timed = stats->untimed ? "timed " : "",
		.slowest = stats->class,
		.largest = stats->class,
	};

	for (size_t i = 0; i < stats->classes; i++) {
		const struct class_stats *class = &stats->class[i];

		sum.faults += (double)class->faults;
		sum.total += (double)class->total_ns;
		sum.asleep += (double)class->asleep_ns;
		sum.pages += (double)class->pages;
		sum.tables += (double)class->tables;
		if (class->max_ns > sum.slowest->max_ns)
			sum.slowest = class;
		if (class->total_ns > sum.largest->total_ns)
			sum.largest = class;
	}
	return sum;
}

static void fill_line(char cell[TABLE_COLUMNS][TABLE_CELL], const struct class_stats *class,
		      double total)
{
	const long long times[TABLE_COLUMNS] = {
		[TOTAL] = class->total_ns, [ASLEEP] = class->asleep_ns, [P50] = class->p50_ns,
		[P90] = class->p90_ns,	   [P99] = class->p99_ns,	[MAX] = class->max_ns,
	};

	strcpy(cell[CLASS], class->name);
	snprintf(cell[FAULTS], TABLE_CELL, "%lld", class->faults);
	snprintf(cell[MAJOR], TABLE_CELL, "%lld", class->major);
	snprintf(cell[PAGES], TABLE_CELL, "%lld", class->pages);
	/* Every fault takes time, so a total of 0 means that no fault of this class was timed. */
	for (int i = PAGES; i < TABLE_COLUMNS; i++)
		if (class->total_ns == 0)
			strcpy(cell[i], "-");
		else if (i == SHARE)
			format_share(cell[i], (double)class->total_ns, total);
		else if (i >= TOTAL)
			format_time(cell[i], (double)times[i]);
}

static void fill_table(struct table *table, const struct process_stats *stats, double total)
{
	table_start(table);
	table->lines += stats->classes;
	for (size_t i = 0; i < stats->classes; i++)
		fill_line(table->cell[i + 1], &stats->class[i], total);
}

/* Say whether one slow fault or many took the time. */
static void describe(char *text, size_t size, const struct sum *sum)
{
	double max = (double)sum->slowest->max_ns;
	char longest[TIME_MAX], total[TIME_MAX], share[TABLE_CELL], part[TABLE_CELL];

	format_time(longest, max);
	format_time(total, sum->total);
	format_share(share, max, sum->total);
	format_share(part, (double)sum->largest->total_ns, sum->total);
	if (sum->total <= 0)
		snprintf(text, size, "How long these faults took is not known.");
	else if (sum->faults <= 1)
		snprintf(text, size, "There was one %sfault, of class %s: it took %s.", sum->timed,
			 sum->slowest->name, longest);
	else if (max > sum->total / 2)
		snprintf(text, size,
			 "One slow fault: the longest, of class %s, took %s, which is %s of the %s "
			 "that all %.0f %sfaults took together.",
			 sum->slowest->name, longest, share, total, sum->faults, sum->timed);
	else
		snprintf(text, size,
			 "No single slow fault: the longest, of class %s, took %s of the %s that "
			 "all %.0f %sfaults took together; the class with the largest part is %s: "
			 "%s, in %lld %s.",
			 sum->slowest->name, share, total, sum->faults, sum->timed,
			 sum->largest->name, part, sum->largest->faults,
			 sum->largest->faults == 1 ? "fault" : "faults");
}

void classes_print(const struct process_stats *stats)
{
	struct sum sum = sum_up(stats);
	static struct table table;
	char text[512];
	size_t used;

	if (!stats->classes) {
		print_paragraph(0, "No fault was counted, so there are no classes to show.");
		return;
	}
	fill_table(&table, stats, sum.total);
	table_print(&table);
	describe(text, sizeof(text), &sum);
	used = strlen(text);
	if (sum.total > 0 && sum.asleep >= sum.total / 10) {
		char share[TABLE_CELL];

		snprintf(text + used, sizeof(text) - used, " %s of the time was spent asleep.",
			 format_share(share, sum.asleep, sum.total));
	}
	print_paragraph(0, text);
	if (sum.pages > 0 || sum.tables > 0) {
		snprintf(text, sizeof(text),
			 "Pages that these faults mapped: %.0f; page tables: %.0f.", sum.pages,
			 sum.tables);
		print_paragraph(0, text);
	}
	if (stats->untimed) {
		snprintf(text, sizeof(text), "%lld %s counted but not timed: memory was short.",
			 stats->untimed, stats->untimed == 1 ? "fault was" : "faults were");
		print_paragraph(0, text);
	}
}

struct json_object *classes_json(const struct process_stats *stats)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < stats->classes; i++) {
		const struct class_stats *class = &stats->class[i];
		struct json_object *object = json_object_new_object();

		json_add_text(object, "class", class->name);
#define ADD_NUMBER(column, meaning) json_add_number(object, #column, class->column);
		VMTRACE_CLASS_COLUMNS(ADD_NUMBER)
#undef ADD_NUMBER
		json_object_array_add(array, object);
	}
	return array;
}
