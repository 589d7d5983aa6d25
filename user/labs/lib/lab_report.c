// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "core/record.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_report.h"
#include "labs/lib/steps.h"
#include "lib/array.h"
#include "lib/exit_code.h"
#include "lib/output.h"
#include "report/json.h"
#include "sources/names.h"

#define KINDS_MAX 256

__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size,
							 const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, size - used, format, arguments);
	va_end(arguments);
}

/* "256 anon", or "1 file-miss, 15 file-hit; 1 major; 16 by kernel". */
static const char *kinds_text(char text[KINDS_MAX], const struct lab_kinds *kinds, long long major)
{
	text[0] = '\0';
	for (int i = 0; i < VMTRACE_CLASS_COUNT; i++)
		if (kinds->class[i])
			append(text, KINDS_MAX, "%s%lld %s", text[0] ? ", " : "", kinds->class[i],
			       class_names[i]);
	if (!text[0])
		append(text, KINDS_MAX, "none");
	if (major)
		append(text, KINDS_MAX, "; %lld major", major);
	for (int i = 0; i < VMTRACE_ORIGIN_COUNT; i++)
		if (i != VMTRACE_ORIGIN_USER && kinds->origin[i])
			append(text, KINDS_MAX, "; %lld by %s", kinds->origin[i], origin_names[i]);
	return text;
}

__attribute__((format(printf, 2, 3))) static void add_reason(struct lab *lab, const char *format,
							     ...)
{
	size_t used = strlen(lab->reason);
	va_list arguments;

	if (used && used + 2 < sizeof(lab->reason)) {
		strcpy(lab->reason + used, "; ");
		used += 2;
	}
	va_start(arguments, format);
	vsnprintf(lab->reason + used, sizeof(lab->reason) - used, format, arguments);
	va_end(arguments);
}

static void judge_increase(struct lab *lab, const char *key, long long increase,
			   const char *meaning)
{
	if (increase)
		add_reason(lab, "%s increased by %lld (%s)", key, increase, meaning);
}

static void judge_step(struct lab *lab, const struct lab_step *step)
{
	char is[KINDS_MAX], due[KINDS_MAX];

	if (step->vmtrace_known && !lab_count_same(step->rusage, step->vmtrace))
		add_reason(lab, "at '%s' vmtrace and getrusage disagree", step->name);
	if (!step->predicted)
		return;
	if (!lab_count_same(step->rusage, step->due))
		add_reason(
			lab,
			"'%s' took %lld faults (%lld major), but %lld (%lld major) were predicted",
			step->name, lab_count_total(step->rusage), step->rusage.major,
			lab_count_total(step->due), step->due.major);
	else if (step->vmtrace_known &&
		 memcmp(&step->kinds, &step->due_kinds, sizeof(step->kinds)) != 0)
		add_reason(lab, "'%s': %s, but %s were predicted", step->name,
			   kinds_text(is, &step->kinds, step->vmtrace.major),
			   kinds_text(due, &step->due_kinds, step->due.major));
}

enum exit_code lab_judge(struct lab *lab)
{
	lab->reason[0] = '\0';
	for (int i = 0; i < lab->steps; i++)
		judge_step(lab, &lab->step[i]);
	for (int i = 0; i < lab->facts; i++) {
		const struct lab_fact *fact = &lab->fact[i];

		if (fact->predicted[0] && strcmp(fact->predicted, fact->measured) != 0)
			add_reason(lab, "%s: %s, but %s was predicted", fact->name, fact->measured,
				   fact->predicted);
	}
	if (lab->noise)
		add_reason(lab, "the measurement itself took %lld faults", lab->noise);
	judge_increase(lab, "unobserved", lab->unobserved, "faults that the hook never saw");
	judge_increase(lab, "missed", lab->missed,
		       "hook entries skipped by the kernel, in any process");
	judge_increase(lab, "dropped", lab->dropped, "faults seen but not recorded");
	if (lab->reason[0] && lab->moved)
		add_reason(lab,
			   "meanwhile the kernel migrated %lld pages (compaction), and a page that "
			   "is touched during its migration faults twice: run the lab again",
			   lab->moved);
	if (lab->reason[0])
		return EXIT_FAILED;
	if (!lab->vmtrace) {
		add_reason(lab, "getrusage alone was as predicted: vmtrace could not be read, so "
				"there is nothing to compare with");
		return EXIT_SKIPPED;
	}
	add_reason(lab, "vmtrace and getrusage agree at every step, and every prediction was met");
	return EXIT_DONE;
}

static const char *name_of(enum exit_code verdict)
{
	return verdict == EXIT_DONE ? "pass" : verdict == EXIT_SKIPPED ? "skip" : "fail";
}

static void print_pair(bool known, struct lab_count count)
{
	if (known)
		printf(" %10lld %6lld", count.minor, count.major);
	else
		printf(" %10s %6s", "-", "-");
}

static void print_title(const struct lab *lab)
{
	char text[256];

	snprintf(text, sizeof(text), "lab %s%s%s, pages of %lld bytes", lab->info->name,
		 lab->size ? ", " : "", lab->size ? lab_count_of(lab->size, "byte", "bytes") : "",
		 lab->page_size);
	printf("\n%s", colour(COLOUR_STRONG));
	print_paragraph(0, text);
	printf("%s\n", colour(COLOUR_OFF));
}

/* Print prediction and measurement as a paragraph. */
static void print_comparison(const char *name, const char *due, const char *is)
{
	char text[2 * KINDS_MAX + 128];

	if (!due[0])
		snprintf(text, sizeof(text), "%s%s%s", name, name[0] ? ": " : "", is);
	else if (strcmp(due, is) == 0)
		snprintf(text, sizeof(text), "%s%s%s, as predicted", name, name[0] ? ": " : "", is);
	else
		snprintf(text, sizeof(text), "%s%spredicted %s, measured %s", name,
			 name[0] ? ": " : "", due, is);
	print_paragraph(4, text);
}

static void print_facts(const struct lab *lab, int step)
{
	for (int i = 0; i < lab->facts; i++)
		if (lab->fact[i].step == step)
			print_comparison(lab->fact[i].name, lab->fact[i].predicted,
					 lab->fact[i].measured);
}

static void print_kinds(const struct lab_step *step)
{
	char is[KINDS_MAX], due[KINDS_MAX] = "";

	if (step->predicted)
		kinds_text(due, &step->due_kinds, step->due.major);
	if (step->kinds_known)
		print_comparison("", due, kinds_text(is, &step->kinds, step->vmtrace.major));
}

/*
 * Each step has three pairs of numbers: side by side, or one below the other if the output is
 * narrow.
 */
static void print_steps(const struct lab *lab)
{
	static const char *const pairs[] = { "getrusage", "vmtrace", "predicted" };
	bool wide = output_width() >= 80;
	size_t i;

	for (i = 0; wide && i < ARRAY_SIZE(pairs); i++)
		printf("%*s", i ? 18 : 20 + 18, pairs[i]);
	printf("%s%-20s", wide ? "\n" : "", "faults taken by");
	for (i = 0; i < (wide ? ARRAY_SIZE(pairs) : 1); i++)
		printf(" %10s %6s", "minor", "major");
	putchar('\n');
	print_facts(lab, -1);
	for (int n = 0; n < lab->steps; n++) {
		const struct lab_step *step = &lab->step[n];
		const struct lab_count counts[] = { step->rusage, step->vmtrace, step->due };
		const bool known[] = { true, step->vmtrace_known, step->predicted };

		printf(wide ? "%-20s" : "%s\n", step->name);
		for (i = 0; i < ARRAY_SIZE(pairs); i++) {
			if (!wide)
				printf("  %-18s", pairs[i]);
			print_pair(known[i], counts[i]);
			if (!wide)
				putchar('\n');
		}
		if (wide)
			putchar('\n');
		print_kinds(step);
		print_facts(lab, n);
		if (step->explanation[0])
			print_paragraph(4, step->explanation);
	}
}

static void print_text(const struct lab *lab, enum exit_code verdict)
{
	const char *name = name_of(verdict);

	print_paragraph(0, lab->info->concept);
	print_title(lab);
	if (!lab->skipped)
		print_steps(lab);
	printf("%s%s%s:%s\n", lab->skipped ? "" : "\n", colour(verdict_colour(name)), name,
	       colour(COLOUR_OFF));
	print_paragraph(4, lab->reason);
}

static struct json_object *json_count(struct lab_count count)
{
	struct json_object *object = json_object_new_object();

	json_add_number(object, "minor", count.minor);
	json_add_number(object, "major", count.major);
	return object;
}

static struct json_object *json_counts(const long long *counts, const char *const *names, int count)
{
	struct json_object *object = json_object_new_object();

	for (int i = 0; i < count; i++)
		if (counts[i])
			json_add_number(object, names[i], counts[i]);
	return object;
}

/* Counts, classes and origins. */
static struct json_object *json_kinds(struct lab_count count, const struct lab_kinds *kinds)
{
	struct json_object *object = json_count(count);

	json_object_object_add(object, "classes",
			       json_counts(kinds->class, class_names, VMTRACE_CLASS_COUNT));
	json_object_object_add(object, "origins",
			       json_counts(kinds->origin, origin_names, VMTRACE_ORIGIN_COUNT));
	return object;
}

static struct json_object *json_facts(const struct lab *lab, int step)
{
	struct json_object *array = json_object_new_array();

	for (int i = 0; i < lab->facts; i++) {
		const struct lab_fact *fact = &lab->fact[i];
		struct json_object *object;

		if (fact->step != step)
			continue;
		object = json_object_new_object();
		json_add_text(object, "name", fact->name);
		if (fact->predicted[0])
			json_add_text(object, "predicted", fact->predicted);
		else
			json_object_object_add(object, "predicted", NULL);
		json_add_text(object, "measured", fact->measured);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *json_step(const struct lab *lab, int n)
{
	const struct lab_step *step = &lab->step[n];
	struct json_object *object = json_object_new_object();

	json_add_text(object, "step", step->name);
	json_object_object_add(object, "rusage", json_count(step->rusage));
	json_object_object_add(object, "vmtrace",
			       step->vmtrace_known ? json_kinds(step->vmtrace, &step->kinds) :
						     NULL);
	json_object_object_add(object, "predicted",
			       step->predicted ? json_kinds(step->due, &step->due_kinds) : NULL);
	json_object_object_add(object, "facts", json_facts(lab, n));
	json_add_text(object, "explanation", step->explanation);
	return object;
}

static void json_add_increase(struct json_object *object, const struct lab *lab, const char *key,
			      long long increase)
{
	json_object_object_add(object, key, lab->vmtrace ? json_object_new_int64(increase) : NULL);
}

static int print_json(const struct lab *lab, enum exit_code verdict)
{
	struct json_object *object = json_object_new_object();
	struct json_object *steps = json_object_new_array();

	json_add_number(object, "format", VMTRACE_FORMAT);
	json_add_text(object, "lab", lab->info->name);
	json_add_number(object, "page_size", lab->page_size);
	json_add_number(object, "size", (long long)lab->size);
	json_object_object_add(object, "facts", json_facts(lab, -1));
	for (int i = 0; i < lab->steps; i++)
		json_object_array_add(steps, json_step(lab, i));
	json_object_object_add(object, "steps", steps);
	json_add_increase(object, lab, "unobserved", lab->unobserved);
	json_add_increase(object, lab, "missed", lab->missed);
	json_add_increase(object, lab, "dropped", lab->dropped);
	json_add_text(object, "verdict", name_of(verdict));
	json_add_text(object, "reason", lab->reason);
	return json_print(object);
}

int lab_report(const struct lab *lab, enum exit_code verdict)
{
	if (lab->json)
		return print_json(lab, verdict);
	print_text(lab, verdict);
	return EXIT_DONE;
}
