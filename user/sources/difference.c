// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "core/histogram.h"
#include "lib/array.h"
#include "sources/difference.h"
#include "sources/latency.h"
#include "sources/reading.h"
#include "sources/stat_run.h"
#include "sources/stats.h"

static const struct class_stats *class_of(const struct process_stats *stats, const char *name)
{
	for (size_t i = 0; i < stats->classes; i++)
		if (strcmp(stats->class[i].name, name) == 0)
			return &stats->class[i];
	return NULL;
}

static struct class_difference *difference_of(struct difference *difference, const char *name)
{
	struct class_difference *class;

	for (size_t i = 0; i < difference->classes; i++)
		if (strcmp(difference->class[i].name, name) == 0)
			return &difference->class[i];
	if (difference->classes == SOURCE_CLASSES)
		return NULL;
	class = &difference->class[difference->classes];
	memset(class, 0, sizeof(*class));
	snprintf(class->name, sizeof(class->name), "%s", name);
	class->max_known = true;
	class->quantiles_known = true;
	difference->classes++;
	return class;
}

/* If the maximum has not grown since the first reading, that of the faults since is not known. */
static void add_max(struct class_difference *class, const struct class_stats *before,
		    const struct class_stats *after)
{
	if (before && after->max_ns <= before->max_ns && after->faults > before->faults)
		class->max_known = false;
	if (after->max_ns > class->number[CLASS_max_ns])
		class->number[CLASS_max_ns] = after->max_ns;
}

static void add_class(struct difference *difference, const struct reading *from,
		      const struct reading *to, const struct class_stats *after)
{
	static const struct class_stats nothing;
	const struct class_stats *before = class_of(&from->stats, after->name);
	struct class_difference *class;

	if (before && after->faults == before->faults)
		return;
	class = difference_of(difference, after->name);
	if (!class)
		return;
	/* The quantiles of the source are those of one process, and include the faults before. */
	if (before || class->number[CLASS_faults])
		class->quantiles_known = false;
#define ADD(column, meaning)                                                           \
	if (CLASS_##column < CLASS_p50_ns) {                                           \
		long long more = after->column - (before ? before : &nothing)->column; \
		class->number[CLASS_##column] += more;                                 \
		difference->backwards |= more < 0;                                     \
	}
	VMTRACE_CLASS_COLUMNS(ADD)
#undef ADD
	class->number[CLASS_p50_ns] = after->p50_ns;
	class->number[CLASS_p90_ns] = after->p90_ns;
	class->number[CLASS_p99_ns] = after->p99_ns;
	add_max(class, before, after);
	if (!latency_add(class->count, latency_find(&from->latency, after->name),
			 latency_find(&to->latency, after->name)))
		difference->backwards = true;
}

void difference_add(struct difference *difference, struct stat_run *run, const struct reading *from,
		    const struct reading *to)
{
	for (size_t i = 0; i < to->stats.classes; i++)
		add_class(difference, from, to, &to->stats.class[i]);
	for (size_t i = 0; i < from->stats.classes; i++)
		if (!class_of(&to->stats, from->stats.class[i].name))
			difference->backwards = true;
#define ADD(key)                                                                      \
	do {                                                                          \
		run->number[STAT_##key] += (double)(to->stats.key - from->stats.key); \
		difference->backwards |= to->stats.key < from->stats.key;             \
	} while (0)
	ADD(minor);
	ADD(major);
	ADD(failed);
	ADD(retried);
	ADD(kernel_minor);
	ADD(kernel_major);
	ADD(dropped);
	ADD(untimed);
#undef ADD
	run->number[STAT_unobserved] += (double)(to->stats.unobserved - from->stats.unobserved);
	run->number[STAT_cpu_ns] += to->cpu_ns - from->cpu_ns;
	difference->backwards |= to->stats.start_ns != from->stats.start_ns;
	if (!run->no_quantiles[0])
		strcpy(run->no_quantiles, from->no_latency[0] ? from->no_latency : to->no_latency);
}

/* Quantiles cannot be added or subtracted, but histograms can. */
static void set_quantiles(struct class_difference *class)
{
	const unsigned long long *count = class->count;
	unsigned long long max = (unsigned long long)class->number[CLASS_max_ns];
	/* vmtrace_histogram_*() take __u64. */
	__u64 hist[VMTRACE_HIST_BUCKETS];

	for (size_t i = 0; i < ARRAY_SIZE(hist); i++)
		hist[i] = count[i];
	if (!class->max_known)
		max = vmtrace_histogram_max(hist, max);
	class->number[CLASS_p50_ns] = (long long)vmtrace_histogram_quantile(hist, 500, max);
	class->number[CLASS_p90_ns] = (long long)vmtrace_histogram_quantile(hist, 900, max);
	class->number[CLASS_p99_ns] = (long long)vmtrace_histogram_quantile(hist, 990, max);
	class->number[CLASS_max_ns] = (long long)max;
	class->quantiles_known = true;
	class->max_known = true;
}

void difference_finish(struct difference *difference, struct stat_run *run)
{
	bool all_known = true;

	run->classes = difference->classes;
	for (size_t i = 0; i < difference->classes; i++) {
		struct class_difference *class = &difference->class[i];
		double *number = run->class[i].number;

		if (!run->no_quantiles[0])
			set_quantiles(class);
		memcpy(run->class[i].name, class->name, sizeof(class->name));
		for (int n = 0; n < CLASS_NUMBERS; n++)
			number[n] = (double)class->number[n];
		if (!class->quantiles_known)
			number[CLASS_p50_ns] = number[CLASS_p90_ns] = number[CLASS_p99_ns] = NAN;
		if (!class->max_known)
			number[CLASS_max_ns] = NAN;
		all_known = all_known && class->quantiles_known && class->max_known;
		run->number[STAT_fault_ns] += number[CLASS_total_ns];
		run->number[STAT_asleep_ns] += number[CLASS_asleep_ns];
	}
	if (all_known)
		run->no_quantiles[0] = '\0';
}
