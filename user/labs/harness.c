// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"
#include "thp.h"

static long long total(struct lab_count count)
{
	return count.minor + count.major;
}

static bool same(struct lab_count a, struct lab_count b)
{
	return a.minor == b.minor && a.major == b.major;
}

static struct lab_count difference(struct lab_count from, struct lab_count to)
{
	return (struct lab_count){ to.minor - from.minor, to.major - from.major };
}

static struct lab_count rusage_count(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (struct lab_count){ usage.ru_minflt, usage.ru_majflt };
}

static struct lab_count vmtrace_count(const struct lab_sample *sample)
{
	return (struct lab_count){ sample->vmtrace.minor, sample->vmtrace.major };
}

static void lose_vmtrace(struct lab *lab, const struct source_error *error)
{
	lab->vmtrace = false;
	message("%s", error->text);
}

/*
 * Read both witnesses at one point: if getrusage() says the same before and after
 * vmtrace was read, no fault came between and both speak of the same faults.
 * Otherwise measuring itself faulted: that is noted, and read again.
 */
static void take_sample(struct lab *lab, struct lab_sample *sample)
{
	struct lab_count before = rusage_count();
	struct source_error error;

	for (int tries = 0; tries < 8; tries++) {
		if (lab->vmtrace && source_process(SOURCE_SELF, &sample->vmtrace, &error) != 0)
			lose_vmtrace(lab, &error);
		sample->rusage = rusage_count();
		if (same(before, sample->rusage))
			return;
		lab->noise += total(difference(before, sample->rusage));
		before = sample->rusage;
	}
}

/* Deeper than anything that measuring calls. */
static void touch_stack(void)
{
	volatile char room[128 * 1024];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
	lab_keep(room);
}

/*
 * Read a byte of every page that is mapped from a file: the code and constants
 * of this program and its libraries. Written data are left to the warm-up. Not
 * checked by ASan, to which some of these bytes belong to nobody.
 */
__attribute__((no_sanitize("address"))) static void touch_files(size_t page_size)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	char readable, kind;
	char *line = NULL;
	size_t room = 0;

	while (maps && getline(&line, &room, maps) > 0) {
		if (sscanf(line, "%lx-%lx %c%*3s %*s %*s %*s %c", &start, &end, &readable, &kind) !=
			    4 ||
		    readable != 'r' || kind != '/')
			continue;
		for (uintptr_t page = start; page < end; page += page_size)
			(void)*(volatile const char *)page;
	}
	free(line);
	if (maps)
		fclose(maps);
}

void lab_prepare(struct lab *lab)
{
	struct source_error error;

	lab->page_size = sysconf(_SC_PAGESIZE);
	source_prepare();
	touch_stack();
	touch_files((size_t)lab->page_size);
	lab->vmtrace = true;
	if (source_process(SOURCE_SELF, &lab->first.vmtrace, &error) != 0)
		lose_vmtrace(lab, &error);
	/* All that a step writes in struct lab, and the code that writes it. */
	for (int i = 0; i < LAB_STEPS; i++) {
		lab_begin(lab, "warm-up");
		lab_end(lab);
	}
	lab_forget(lab);
}

void lab_forget(struct lab *lab)
{
	lab->steps = 0;
	lab->noise = 0;
}

static struct lab_step *last_step(struct lab *lab)
{
	return &lab->step[lab->steps - 1];
}

void lab_origin(struct lab *lab)
{
	struct lab_step *step = &lab->step[lab->steps++];

	take_sample(lab, &lab->first);
	lab->last = lab->first;
	step->name = "start";
	step->rusage = lab->first.rusage;
	step->vmtrace = vmtrace_count(&lab->first);
	step->predicted = LAB_ANY;
}

void lab_begin(struct lab *lab, const char *name)
{
	lab->step[lab->steps].name = name;
	lab->step[lab->steps].predicted = LAB_ANY;
	take_sample(lab, &lab->before);
}

void lab_end(struct lab *lab)
{
	struct lab_step *step = &lab->step[lab->steps++];

	take_sample(lab, &lab->last);
	step->rusage = difference(lab->before.rusage, lab->last.rusage);
	step->vmtrace = difference(vmtrace_count(&lab->before), vmtrace_count(&lab->last));
}

void lab_predict(struct lab *lab, long long faults)
{
	last_step(lab)->predicted = faults;
}

void lab_explain(struct lab *lab, const char *format, ...)
{
	struct lab_step *step = last_step(lab);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(step->explanation, sizeof(step->explanation), format, arguments);
	va_end(arguments);
}

void lab_explain_touch(struct lab *lab, const struct pages_cost *cost, bool thp)
{
	size_t small = cost->faults - cost->huge;

	if (!cost->faults)
		lab_explain(lab, "Every page of the block was there already, so no fault is due.");
	else if (!thp)
		lab_explain(lab, "%s not there: one fault for each.",
			    lab_count_of(small, "page was", "pages were"));
	else if (!cost->huge)
		lab_explain(lab,
			    "No huge page is due: they are off (" THP_DIR "/enabled), or none "
			    "fits between the ends of the block. %s not there: one fault for each.",
			    lab_count_of(small, "page was", "pages were"));
	else
		lab_explain(lab,
			    "%s fit between the ends of the block, and %s not there: one fault for "
			    "each. If it took more, the kernel had no huge page to give "
			    "(thp_fault_fallback in /proc/vmstat).",
			    lab_count_of(cost->huge, "huge page", "huge pages"),
			    lab_count_of(small, "small page beside them was",
					 "small pages beside them were"));
}

long long lab_cost(const struct lab *lab)
{
	return total(lab->step[lab->steps - 1].rusage);
}

const char *lab_count_of(unsigned long long count, const char *singular, const char *plural)
{
	static char texts[8][48];
	static unsigned int next;
	char *text = texts[next++ % ARRAY_SIZE(texts)];

	snprintf(text, sizeof(texts[0]), "%llu %s", count, count == 1 ? singular : plural);
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

static void judge_growth(struct lab *lab, const char *key, long long growth, const char *meaning)
{
	if (growth)
		add_reason(lab, "%s grew by %lld (%s)", key, growth, meaning);
}

bool lab_judge(struct lab *lab)
{
	const struct process_stats *first = &lab->first.vmtrace;
	const struct process_stats *last = &lab->last.vmtrace;

	lab->reason[0] = '\0';
	if (!lab->vmtrace)
		add_reason(lab, "vmtrace could not be read, so there is nothing to compare with");
	for (int i = 0; i < lab->steps; i++) {
		const struct lab_step *step = &lab->step[i];

		if (lab->vmtrace && !same(step->rusage, step->vmtrace))
			add_reason(lab, "at '%s' vmtrace and getrusage disagree", step->name);
		if (step->predicted != LAB_ANY && total(step->rusage) != step->predicted)
			add_reason(lab, "'%s' took %lld faults where %lld were predicted",
				   step->name, total(step->rusage), step->predicted);
	}
	if (lab->noise)
		add_reason(lab, "measuring itself took %lld faults", lab->noise);
	if (lab->vmtrace) {
		judge_growth(lab, "unobserved", last->unobserved - first->unobserved,
			     "faults that the hook never saw");
		judge_growth(lab, "missed", last->missed - first->missed,
			     "hook entries skipped by the kernel, in any process");
		judge_growth(lab, "dropped", last->dropped - first->dropped,
			     "faults seen but not recorded");
	}
	if (lab->reason[0])
		return false;
	add_reason(lab, "vmtrace and getrusage agree at every step, and every prediction was met");
	return true;
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

	snprintf(text, sizeof(text), "lab %s%s%s, pages of %lld bytes", lab->name,
		 lab->size ? ", " : "", lab->size ? lab_count_of(lab->size, "byte", "bytes") : "",
		 lab->page_size);
	printf("\n%s", colour(COLOUR_STRONG));
	print_paragraph(0, text);
	printf("%s\n", colour(COLOUR_OFF));
}

/* Of each step there are three pairs: side by side, or one below the other. */
static void print_steps(const struct lab *lab)
{
	static const char *const pairs[] = { "getrusage", "vmtrace", "difference" };
	bool wide = output_width() >= 80;
	size_t i;

	for (i = 0; wide && i < ARRAY_SIZE(pairs); i++)
		printf("%*s", i ? 18 : 16 + 18, pairs[i]);
	printf("%s%-16s", wide ? "\n" : "", "faults taken by");
	for (i = 0; i < (wide ? ARRAY_SIZE(pairs) : 1); i++)
		printf(" %10s %6s", "minor", "major");
	putchar('\n');
	for (int n = 0; n < lab->steps; n++) {
		const struct lab_step *step = &lab->step[n];
		const struct lab_count counts[] = { step->rusage, step->vmtrace,
						    difference(step->vmtrace, step->rusage) };

		printf(wide ? "%-16s" : "%s\n", step->name);
		for (i = 0; i < ARRAY_SIZE(pairs); i++) {
			if (!wide)
				printf("  %-14s", pairs[i]);
			print_pair(i == 0 || lab->vmtrace, counts[i]);
			if (!wide)
				putchar('\n');
		}
		if (wide)
			putchar('\n');
		print_paragraph(4, step->explanation);
	}
}

static void print_text(const struct lab *lab, bool pass)
{
	print_paragraph(0, lab->concept);
	print_title(lab);
	print_steps(lab);
	printf("\n%s%s:%s\n", colour(pass ? COLOUR_GOOD : COLOUR_BAD), pass ? "pass" : "fail",
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

static struct json_object *json_step(const struct lab *lab, const struct lab_step *step)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "step", step->name);
	json_object_object_add(object, "rusage", json_count(step->rusage));
	json_object_object_add(object, "vmtrace", lab->vmtrace ? json_count(step->vmtrace) : NULL);
	json_add_text(object, "explanation", step->explanation);
	return object;
}

static void json_add_growth(struct json_object *object, const struct lab *lab, const char *key,
			    long long growth)
{
	json_object_object_add(object, key, lab->vmtrace ? json_object_new_int64(growth) : NULL);
}

static int print_json(const struct lab *lab, bool pass)
{
	const struct process_stats *first = &lab->first.vmtrace;
	const struct process_stats *last = &lab->last.vmtrace;
	struct json_object *object = json_object_new_object();
	struct json_object *steps = json_object_new_array();

	json_add_number(object, "format", VMTRACE_FORMAT);
	json_add_text(object, "lab", lab->name);
	json_add_number(object, "page_size", lab->page_size);
	json_add_number(object, "size", (long long)lab->size);
	for (int i = 0; i < lab->steps; i++)
		json_object_array_add(steps, json_step(lab, &lab->step[i]));
	json_object_object_add(object, "steps", steps);
	json_object_object_add(object, "predicted", lab->predicted);
	json_add_growth(object, lab, "unobserved", last->unobserved - first->unobserved);
	json_add_growth(object, lab, "missed", last->missed - first->missed);
	json_add_growth(object, lab, "dropped", last->dropped - first->dropped);
	json_add_text(object, "verdict", pass ? "pass" : "fail");
	json_add_text(object, "reason", lab->reason);
	return json_print(object);
}

/* Returns an exit code. */
static int report(struct lab *lab)
{
	bool pass = lab_judge(lab);
	int code = EXIT_DONE;

	if (lab->json) {
		code = print_json(lab, pass);
	} else {
		print_text(lab, pass);
		json_object_put(lab->predicted);
	}
	return pass ? code : EXIT_FAILED;
}

static int parse_options(struct lab *lab, int argc, char **argv)
{
	const char *size_text = NULL;
	struct option_row table[OPTIONS_MAX + 1] = {
		{ "size", NULL, &size_text },
		{ "json", &lab->json, NULL },
	};
	unsigned long long size;
	char verb[32];
	int code;

	for (int i = 0; lab->options && lab->options[i].name && i + 2 < OPTIONS_MAX; i++)
		table[i + 2] = lab->options[i];
	snprintf(verb, sizeof(verb), "lab %s", lab->name);
	code = read_options(verb, lab->help, table, argc, argv);
	if (code != OPTIONS_READ)
		return code;
	if (optind < argc)
		return usage_error(verb, "%s: %s: unexpected argument", verb, argv[optind]);
	if (!size_text)
		return OPTIONS_READ;
	if (parse_size(size_text, PTRDIFF_MAX, &size) != 0 || size == 0)
		return usage_error(
			verb, "%s: --size %s: not a size: use a number such as 4096, 64K or 1M",
			verb, size_text);
	lab->size = size;
	return OPTIONS_READ;
}

int lab_run(struct lab *lab, int argc, char **argv)
{
	int code = parse_options(lab, argc, argv);
	int err;

	if (code != OPTIONS_READ)
		return code;
	err = lab->measure(lab);
	if (err) {
		message("lab %s: %zu bytes: %s: try a smaller --size", lab->name, lab->size,
			strerror(-err));
		return EXIT_FAILED;
	}
	return report(lab);
}
