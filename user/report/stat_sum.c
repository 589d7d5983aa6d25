// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <string.h>

#include "core/format.h"
#include "report/stat_sum.h"
#include "sources/stat_run.h"
#include "sources/stats.h"

#define STRING(key, meaning)  #key,
#define MEANING(key, meaning) meaning,
const char *const stat_names[] = { STAT_NUMBERS(STRING) };
const char *const stat_meanings[] = { STAT_NUMBERS(MEANING) };
const char *const stat_class_names[] = { VMTRACE_CLASS_COLUMNS(STRING) };

/* Welford's algorithm: precise also if the deviation is much smaller than the mean. */
static void tally_add(struct stat_tally *tally, double value)
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

double stat_mean(const struct stat_tally *tally)
{
	return tally->count > 0 ? tally->mean : NAN;
}

/* The standard deviation of a sample. */
double stat_tally_deviation(const struct stat_tally *tally)
{
	return tally->count > 1 ? sqrt(tally->squares / (tally->count - 1)) : NAN;
}

/* A run without faults of a class counts as 0 in the columns that add up, but has no quantiles. */
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
	if (run->no_residency[0])
		strcpy(sum->no_residency, run->no_residency);
	sum->runs++;
	sum->exact += run->exact;
}

/* A number that is unknown in one run is unknown in the sum. */
double stat_number(const struct stat_sum *sum, enum stat_number number)
{
	return sum->number[number].unknown ? NAN : stat_mean(&sum->number[number]);
}

double stat_deviation(const struct stat_sum *sum, enum stat_number number)
{
	return sum->number[number].unknown ? NAN : stat_tally_deviation(&sum->number[number]);
}

bool stat_is_command(const struct stat_subject *subject)
{
	return subject->pids == 0;
}
