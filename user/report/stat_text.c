// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/output.h"
#include "lib/text.h"
#include "lib/units.h"
#include "report/stat_caveats.h"
#include "report/stat_sum.h"
#include "report/stat_text.h"
#include "report/table.h"
#include "sources/stat_run.h"

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length >= tail && strcmp(name + length - tail, end) == 0;
}

/* Format a number in the unit that ends its name, and its deviation in percent. */
static const char *format_cell(char text[TABLE_CELL], const char *name, double value,
			       double deviation)
{
	char part[SIZE_TEXT_MAX];

	if (isnan(value))
		return strcpy(text, "-");
	if (ends_in(name, "_ns"))
		format_time(text, value);
	else if (ends_in(name, "_bytes"))
		strcpy(text, format_size(part, value));
	else
		format_count(text, value);
	if (!isnan(deviation) && value > 0) {
		size_t used = strlen(text);

		snprintf(text + used, TABLE_CELL - used, "±%.*f%%",
			 deviation > 0 && deviation < 0.0995 * value, 100 * deviation / value);
	}
	return text;
}

static void fill_line(char cell[TABLE_COLUMNS][TABLE_CELL], const char *name,
		      const struct stat_tally *number, double total)
{
	static const int from[TABLE_COLUMNS] = {
		[FAULTS] = CLASS_faults,  [MAJOR] = CLASS_major,    [PAGES] = CLASS_pages,
		[TOTAL] = CLASS_total_ns, [SHARE] = CLASS_total_ns, [ASLEEP] = CLASS_asleep_ns,
		[P50] = CLASS_p50_ns,	  [P90] = CLASS_p90_ns,	    [P99] = CLASS_p99_ns,
		[MAX] = CLASS_max_ns,
	};
	bool timed = number[CLASS_total_ns].mean > 0;

	strcpy(cell[CLASS], name);
	for (int i = FAULTS; i < TABLE_COLUMNS; i++) {
		const struct stat_tally *tally = &number[from[i]];

		if (i >= PAGES && !timed)
			strcpy(cell[i], "-");
		else if (i == SHARE)
			format_share(cell[i], tally->mean, total);
		else
			format_cell(cell[i], stat_class_names[from[i]], stat_mean(tally),
				    stat_tally_deviation(tally));
	}
}

static void print_table(const struct stat_sum *sum)
{
	static struct table table;
	double total = stat_number(sum, STAT_fault_ns);

	table_start(&table);
	for (size_t i = 0; i < sum->classes; i++)
		fill_line(table.cell[i + 1], sum->class[i].name, sum->class[i].number, total);
	table.lines += sum->classes;
	if (sum->classes) {
		table_print(&table);
		return;
	}
	print_paragraph(0, "No fault was counted, so there are no classes to show.");
	putchar('\n');
}

/* The first six are always listed, those of the last sentence never, others if they are not 0. */
static bool is_listed(int number, double value)
{
	switch (number) {
	case STAT_wall_ns:
	case STAT_cpu_ns:
	case STAT_fault_ns:
	case STAT_asleep_ns:
	case STAT_minor:
	case STAT_major:
		return true;
	case STAT_before_minor:
	case STAT_before_major:
	case STAT_kernel_minor:
	case STAT_kernel_major:
		return false;
	default:
		return value != 0 && !isnan(value);
	}
}

static void print_numbers(const struct stat_sum *sum)
{
	for (int i = 0; i < STAT_COUNT; i++) {
		double value = stat_number(sum, i);
		char text[TABLE_CELL];
		int column;

		if (!is_listed(i, value))
			continue;
		format_cell(text, stat_names[i], value, stat_deviation(sum, i));
		column = 16 + (text_width(text) > 14 ? text_width(text) : 14);
		printf("%-15s %*s%s", stat_names[i], column - 16 - text_width(text), "", text);
		if (output_width() < 80) {
			putchar('\n');
		} else {
			fputs("  ", stdout);
			print_hanging(column + 2, stat_meanings[i]);
		}
	}
	putchar('\n');
}

static void print_shares(const struct stat_sum *sum)
{
	double wall = stat_number(sum, STAT_wall_ns), cpu = stat_number(sum, STAT_cpu_ns);
	double asleep = stat_number(sum, STAT_asleep_ns);
	double running = stat_number(sum, STAT_fault_ns) - asleep;
	char part[TIME_MAX], whole[TIME_MAX], share[TABLE_CELL], text[512];

	format_time(part, running);
	format_time(whole, cpu);
	if (isnan(cpu))
		snprintf(text, sizeof(text),
			 "Faults took %s on the CPU; the whole CPU time is "
			 "not known.",
			 part);
	else
		snprintf(text, sizeof(text), "Faults took %s on the CPU, %s of the CPU time of %s.",
			 part, format_share(share, running, cpu), whole);
	print_paragraph(0, text);
	if (asleep > 0) {
		format_time(part, asleep);
		format_time(whole, wall);
		snprintf(text, sizeof(text),
			 "Threads slept in faults for %s, %s of the elapsed time of %s.", part,
			 format_share(share, asleep, wall), whole);
		print_paragraph(0, text);
	}
	if (stat_number(sum, STAT_reserved_bytes) > 0) {
		char untouched[SIZE_TEXT_MAX], reserved[SIZE_TEXT_MAX];

		format_size(untouched, stat_number(sum, STAT_untouched_bytes));
		format_size(reserved, stat_number(sum, STAT_reserved_bytes));
		snprintf(text, sizeof(text),
			 "Of %s of reserved memory, %s (%s) was never touched, or was given back.",
			 reserved, strcmp(untouched, "-") == 0 ? "0B" : untouched,
			 format_share(share, stat_number(sum, STAT_untouched_bytes),
				      stat_number(sum, STAT_reserved_bytes)));
		print_paragraph(0, text);
	}
}

static void format_agreement(char *text, size_t size, const struct stat_sum *sum,
			     const struct stat_subject *subject)
{
	char minor[TABLE_CELL], major[TABLE_CELL], before[TABLE_CELL], unobserved[TABLE_CELL];
	const char *whose = stat_is_command(subject) ? "rusage" : "kernel";
	size_t used;

	format_count(minor, stat_number(sum, STAT_kernel_minor));
	format_count(major, stat_number(sum, STAT_kernel_major));
	format_count(unobserved, stat_number(sum, STAT_unobserved));
	if (sum->exact == sum->runs)
		used = (size_t)snprintf(text, size, "vmtrace = %s: %s minor and %s major faults",
					whose, minor, major);
	else
		used = (size_t)snprintf(
			text, size,
			"vmtrace and %s do not agree in %zu of %zu runs: %s counts %s minor and %s "
			"major faults",
			whose, sum->runs - sum->exact, sum->runs, whose, minor, major);
	if (stat_is_command(subject)) {
		format_count(before, stat_number(sum, STAT_before_minor) +
					     stat_number(sum, STAT_before_major));
		used += (size_t)snprintf(
			text + used, size - used,
			", %s of them before the first instruction, in fork and exec", before);
	}
	snprintf(text + used, size - used, "; unobserved: %s.", unobserved);
}

static void print_title(const struct stat_sum *sum, const struct stat_subject *subject)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return;
	fputs("stat of", file);
	for (char **word = subject->command; stat_is_command(subject) && *word; word++)
		fprintf(file, " %s", *word);
	for (size_t i = 0; i < subject->pids; i++)
		fprintf(file, "%s %d",
			i		  ? "," :
			subject->pids > 1 ? " processes" :
					    " process",
			subject->pid[i]);
	if (subject->runs > 1)
		fprintf(file, ", %zu %s: mean and standard deviation", sum->runs,
			sum->runs == 1 ? "run" : "runs");
	if (fclose(file) == 0 && text) {
		make_printable(text);
		fputs(colour(COLOUR_STRONG), stdout);
		print_paragraph(0, text);
		fputs(colour(COLOUR_OFF), stdout);
	}
	free(text);
	putchar('\n');
}

void stat_print_text(const struct stat_sum *sum, const struct stat_subject *subject)
{
	struct stat_caveats caveats;
	char text[512];

	print_title(sum, subject);
	print_table(sum);
	print_numbers(sum);
	print_shares(sum);
	stat_find_caveats(&caveats, sum, subject);
	for (size_t i = 0; i < caveats.count; i++)
		print_paragraph(0, caveats.text[i]);
	putchar('\n');
	fputs(colour(sum->exact == sum->runs ? COLOUR_GOOD : COLOUR_BAD), stdout);
	format_agreement(text, sizeof(text), sum, subject);
	print_paragraph(0, text);
	fputs(colour(COLOUR_OFF), stdout);
}
