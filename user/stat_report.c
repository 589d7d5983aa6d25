// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "json.h"
#include "stat_report.h"
#include "table.h"
#include "util.h"

#define CAVEATS 8

/* Sentences about what is not as it should be. */
struct caveats {
	char text[CAVEATS][2 * CAVEAT_MAX];
	size_t count;
};

#define STRING(key, meaning) #key,
static const char *const number_names[] = { STAT_NUMBERS(STRING) };
static const char *const class_names[] = { VMTRACE_CLASS_COLUMNS(STRING) };
#undef STRING

#define STRING(key, meaning) meaning,
static const char *const number_meanings[] = { STAT_NUMBERS(STRING) };
#undef STRING

/* By Welford: the mean may be large, and the deviation small. */
static void tally_add(struct tally *tally, double value)
{
	double from_old;

	if (isnan(value)) {
		tally->unknown = true;
		return;
	}
	from_old = value - tally->mean;
	tally->count++;
	tally->mean += from_old / tally->count;
	tally->squares += from_old * (value - tally->mean);
}

static double mean_of(const struct tally *tally)
{
	return tally->count > 0 ? tally->mean : NAN;
}

/* Of a sample. */
static double deviation_of(const struct tally *tally)
{
	return tally->count > 1 ? sqrt(tally->squares / (tally->count - 1)) : NAN;
}

/* A run without faults of a class has 0 of them, and no time that half of them took. */
static bool adds_up(int column)
{
	return column < CLASS_p50_ns;
}

static size_t class_index(struct stat_sum *sum, const char *name)
{
	size_t i;

	for (i = 0; i < sum->classes; i++)
		if (strcmp(sum->class[i].name, name) == 0)
			return i;
	if (i == SOURCE_CLASSES)
		return i;
	memset(&sum->class[i], 0, sizeof(sum->class[i]));
	strcpy(sum->class[i].name, name);
	for (size_t run = 0; run < sum->runs; run++)
		for (int n = 0; n < CLASS_NUMBERS; n++)
			if (adds_up(n))
				tally_add(&sum->class[i].number[n], 0);
	sum->classes++;
	return i;
}

void stat_add(struct stat_sum *sum, const struct stat_run *run)
{
	bool seen[SOURCE_CLASSES] = { false };

	for (int n = 0; n < STAT_COUNT; n++)
		tally_add(&sum->number[n], run->number[n]);
	for (size_t i = 0; i < run->classes; i++) {
		size_t at = class_index(sum, run->class[i].name);

		if (at == SOURCE_CLASSES)
			continue;
		seen[at] = true;
		for (int n = 0; n < CLASS_NUMBERS; n++)
			tally_add(&sum->class[at].number[n], run->class[i].number[n]);
	}
	for (size_t i = 0; i < sum->classes; i++)
		for (int n = 0; n < CLASS_NUMBERS && !seen[i]; n++)
			if (adds_up(n))
				tally_add(&sum->class[i].number[n], 0);
	if (run->no_quantiles[0])
		strcpy(sum->no_quantiles, run->no_quantiles);
	if (run->no_ledger[0])
		strcpy(sum->no_ledger, run->no_ledger);
	sum->runs++;
	sum->exact += run->exact;
}

/* What is unknown of one run is not known of all. */
static double number_of(const struct stat_sum *sum, enum stat_number number)
{
	return sum->number[number].unknown ? NAN : mean_of(&sum->number[number]);
}

static double number_deviation(const struct stat_sum *sum, enum stat_number number)
{
	return sum->number[number].unknown ? NAN : deviation_of(&sum->number[number]);
}

static bool is_command(const struct stat_subject *subject)
{
	return subject->pids == 0;
}

/* 12, or 12.3 if it is a mean. */
static const char *format_count(char text[TABLE_CELL], double count)
{
	if (isnan(count))
		strcpy(text, "-");
	else
		snprintf(text, TABLE_CELL, "%.*f", count != floor(count), count);
	return text;
}

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length >= tail && strcmp(name + length - tail, end) == 0;
}

/* A number in its unit, which the name ends in, and by how much of it the runs differ. */
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
		      const struct tally *number, double total)
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
		const struct tally *tally = &number[from[i]];

		if (i >= PAGES && !timed)
			strcpy(cell[i], "-");
		else if (i == SHARE)
			format_share(cell[i], tally->mean, total);
		else
			format_cell(cell[i], class_names[from[i]], mean_of(tally),
				    deviation_of(tally));
	}
}

static void print_table(const struct stat_sum *sum)
{
	static const char *const names[TABLE_COLUMNS] = { "class", "faults", "major",  "pages",
							  "total", "share",  "asleep", "p50",
							  "p90",   "p99",    "max" };
	static struct table table;
	double total = number_of(sum, STAT_fault_ns);

	table.lines = 0;
	table.columns = TABLE_COLUMNS;
	for (int i = 0; i < TABLE_COLUMNS; i++)
		strcpy(table.cell[0][i], names[i]);
	for (size_t i = 0; i < sum->classes; i++)
		fill_line(table.cell[i + 1], sum->class[i].name, sum->class[i].number, total);
	table.lines = sum->classes + 1;
	if (sum->classes) {
		table_print(&table);
		return;
	}
	print_paragraph(0, "No fault was counted, so there are no classes to show.");
	putchar('\n');
}

/* Those that have a sentence of their own, and 0 of what went well, are left out. */
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
		double value = number_of(sum, i);
		char text[TABLE_CELL];
		int column;

		if (!is_listed(i, value))
			continue;
		format_cell(text, number_names[i], value, number_deviation(sum, i));
		column = 16 + (text_width(text) > 14 ? text_width(text) : 14);
		printf("%-15s %*s%s", number_names[i], column - 16 - text_width(text), "", text);
		if (output_width() < 80) {
			putchar('\n');
		} else {
			fputs("  ", stdout);
			print_hanging(column + 2, number_meanings[i]);
		}
	}
	putchar('\n');
}

static void print_shares(const struct stat_sum *sum)
{
	double wall = number_of(sum, STAT_wall_ns), cpu = number_of(sum, STAT_cpu_ns);
	double asleep = number_of(sum, STAT_asleep_ns);
	double running = number_of(sum, STAT_fault_ns) - asleep;
	char part[TIME_MAX], whole[TIME_MAX], share[TABLE_CELL], text[512];

	format_time(part, running);
	format_time(whole, cpu);
	if (isnan(cpu))
		snprintf(text, sizeof(text), "Faults ran for %s; the CPU time is not known.", part);
	else
		snprintf(text, sizeof(text), "Faults ran for %s, %s of the CPU time of %s.", part,
			 format_share(share, running, cpu), whole);
	print_paragraph(0, text);
	if (asleep > 0) {
		format_time(part, asleep);
		format_time(whole, wall);
		snprintf(text, sizeof(text),
			 "In faults, threads slept for %s, %s of the %s that passed.", part,
			 format_share(share, asleep, wall), whole);
		print_paragraph(0, text);
	}
	if (number_of(sum, STAT_reserved_bytes) > 0) {
		char untouched[SIZE_TEXT_MAX], reserved[SIZE_TEXT_MAX];

		format_size(untouched, number_of(sum, STAT_untouched_bytes));
		format_size(reserved, number_of(sum, STAT_reserved_bytes));
		snprintf(text, sizeof(text),
			 "Of %s of memory, %s was never touched, or given back: %s.", reserved,
			 strcmp(untouched, "-") == 0 ? "nothing" : untouched,
			 format_share(share, number_of(sum, STAT_untouched_bytes),
				      number_of(sum, STAT_reserved_bytes)));
		print_paragraph(0, text);
	}
}

static void tell_agreement(char *text, size_t size, const struct stat_sum *sum,
			   const struct stat_subject *subject)
{
	char minor[TABLE_CELL], major[TABLE_CELL], before[TABLE_CELL], unobserved[TABLE_CELL];
	const char *whose = is_command(subject) ? "rusage" : "kernel";
	size_t used;

	format_count(minor, number_of(sum, STAT_kernel_minor));
	format_count(major, number_of(sum, STAT_kernel_major));
	format_count(unobserved, number_of(sum, STAT_unobserved));
	if (sum->exact == sum->runs)
		used = (size_t)snprintf(text, size, "vmtrace = %s: %s minor and %s major faults",
					whose, minor, major);
	else
		used = (size_t)snprintf(
			text, size,
			"vmtrace and %s do not agree in %zu of %zu runs: %s counts %s minor and %s "
			"major faults",
			whose, sum->runs - sum->exact, sum->runs, whose, minor, major);
	if (is_command(subject)) {
		format_count(before,
			     number_of(sum, STAT_before_minor) + number_of(sum, STAT_before_major));
		used += (size_t)snprintf(
			text + used, size - used,
			", %s of them before the first instruction, in fork and exec", before);
	}
	snprintf(text + used, size - used, "; unobserved: %s.", unobserved);
}

__attribute__((format(printf, 2, 3))) static void add_caveat(struct caveats *caveats,
							     const char *format, ...)
{
	va_list arguments;

	if (caveats->count == CAVEATS)
		return;
	va_start(arguments, format);
	vsnprintf(caveats->text[caveats->count++], sizeof(caveats->text[0]), format, arguments);
	va_end(arguments);
}

static void add_number(struct caveats *caveats, const struct stat_sum *sum, enum stat_number number,
		       const char *what)
{
	char text[TABLE_CELL];

	if (number_of(sum, number) != 0)
		add_caveat(caveats, "%s %s", format_count(text, number_of(sum, number)), what);
}

static void find_caveats(struct caveats *caveats, const struct stat_sum *sum,
			 const struct stat_subject *subject)
{
	char minor[TABLE_CELL], major[TABLE_CELL];

	caveats->count = 0;
	if (sum->runs < subject->runs)
		add_caveat(caveats, "Stopped after %zu of %zu runs.", sum->runs, subject->runs);
	add_number(caveats, sum, STAT_dropped,
		   "faults were seen but not recorded: load the module with a larger max_threads.");
	add_number(
		caveats, sum, STAT_untimed,
		"faults were counted but not timed: the filter left them out, hook=entry sees no times, or memory was short.");
	add_number(caveats, sum, STAT_missed,
		   "times the kernel skipped the hook, for some process: load the module with a "
		   "larger maxactive.");
	if (sum->no_quantiles[0])
		add_caveat(caveats, "Some of p50, p90, p99 and max are not known: %s.",
			   sum->no_quantiles);
	if (sum->no_ledger[0])
		add_caveat(caveats, "How much memory was never touched is not known: %s.",
			   sum->no_ledger);
	if (is_command(subject) &&
	    (number_of(sum, STAT_children_minor) != 0 || number_of(sum, STAT_children_major) != 0))
		add_caveat(
			caveats,
			"Its children are not in these numbers; those that were waited for took %s "
			"minor and %s major faults.",
			format_count(minor, number_of(sum, STAT_children_minor)),
			format_count(major, number_of(sum, STAT_children_major)));
}

static void print_title(const struct stat_sum *sum, const struct stat_subject *subject)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return;
	fputs("stat of", file);
	for (char **word = subject->command; is_command(subject) && *word; word++)
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
	struct caveats caveats;
	char text[512];

	print_title(sum, subject);
	print_table(sum);
	print_numbers(sum);
	print_shares(sum);
	find_caveats(&caveats, sum, subject);
	for (size_t i = 0; i < caveats.count; i++)
		print_paragraph(0, caveats.text[i]);
	putchar('\n');
	fputs(colour(sum->exact == sum->runs ? COLOUR_GOOD : COLOUR_BAD), stdout);
	tell_agreement(text, sizeof(text), sum, subject);
	print_paragraph(0, text);
	fputs(colour(COLOUR_OFF), stdout);
}

/* Means and deviations may have a fraction; three digits of it. */
static struct json_object *json_value(double value)
{
	char text[64];

	if (isnan(value))
		return NULL;
	if (value == floor(value) && fabs(value) < 1e18)
		return json_object_new_int64((long long)value);
	snprintf(text, sizeof(text), "%.3f", value);
	return json_object_new_double_s(value, text);
}

typedef double statistic(const struct tally *tally);

static struct json_object *json_class(const char *name, const struct tally *number,
				      statistic *value_of)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "class", name);
	for (int n = 0; n < CLASS_NUMBERS; n++)
		json_object_object_add(object, class_names[n], json_value(value_of(&number[n])));
	return object;
}

static void json_add_numbers(struct json_object *object, const struct stat_sum *sum,
			     statistic *value_of)
{
	struct json_object *classes = json_object_new_array();

	for (int n = 0; n < STAT_COUNT; n++) {
		const struct tally *tally = &sum->number[n];

		json_object_object_add(object, number_names[n],
				       tally->unknown ? NULL : json_value(value_of(tally)));
	}
	for (size_t i = 0; i < sum->classes; i++)
		json_object_array_add(classes, json_class(sum->class[i].name, sum->class[i].number,
							  value_of));
	json_object_object_add(object, "classes", classes);
}

static void json_add_subject(struct json_object *object, const struct stat_subject *subject)
{
	struct json_object *command = json_object_new_array(), *pids = json_object_new_array();

	for (char **word = subject->command; *word; word++) {
		/* JSON is UTF-8, and an argument may be anything. */
		text_clean(*word, false);
		json_object_array_add(command, json_object_new_string(*word));
	}
	for (size_t i = 0; i < subject->pids; i++)
		json_object_array_add(pids, json_object_new_int(subject->pid[i]));
	json_object_object_add(object, "command", command);
	json_object_object_add(object, "pids", pids);
}

int stat_print_json(const struct stat_sum *sum, const struct stat_subject *subject)
{
	struct json_object *object = json_object_new_object(), *deviation = NULL;
	struct json_object *texts = json_object_new_array();
	struct caveats caveats;

	json_add_number(object, "format", VMTRACE_FORMAT);
	json_add_subject(object, subject);
	json_add_number(object, "exit_status", subject->exit_status);
	json_add_number(object, "runs", (long long)sum->runs);
	json_add_number(object, "exact_runs", (long long)sum->exact);
	json_add_numbers(object, sum, mean_of);
	if (sum->runs > 1) {
		deviation = json_object_new_object();
		json_add_numbers(deviation, sum, deviation_of);
	}
	json_object_object_add(object, "deviation", deviation);
	find_caveats(&caveats, sum, subject);
	for (size_t i = 0; i < caveats.count; i++)
		json_object_array_add(texts, json_object_new_string(caveats.text[i]));
	json_object_object_add(object, "caveats", texts);
	return json_print(object);
}

static void print_row(const char *class, const char *name, double value, double deviation)
{
	printf("%s,%s,", class, name);
	if (!isnan(value))
		printf("%.*f", value == floor(value) ? 0 : 3, value);
	putchar(',');
	if (!isnan(deviation))
		printf("%.*f", deviation == floor(deviation) ? 0 : 3, deviation);
	putchar('\n');
}

int stat_print_csv(const struct stat_sum *sum, const struct stat_subject *subject)
{
	struct caveats caveats;

	printf("class,number,value,deviation\n");
	print_row("", "exit_status", subject->exit_status, NAN);
	print_row("", "runs", (double)sum->runs, NAN);
	print_row("", "exact_runs", (double)sum->exact, NAN);
	for (int n = 0; n < STAT_COUNT; n++)
		print_row("", number_names[n], number_of(sum, n), number_deviation(sum, n));
	for (size_t i = 0; i < sum->classes; i++)
		for (int n = 0; n < CLASS_NUMBERS; n++)
			print_row(sum->class[i].name, class_names[n],
				  mean_of(&sum->class[i].number[n]),
				  deviation_of(&sum->class[i].number[n]));
	/* No table has room for sentences. */
	find_caveats(&caveats, sum, subject);
	for (size_t i = 0; i < caveats.count; i++)
		message("stat: %s", caveats.text[i]);
	return EXIT_DONE;
}
