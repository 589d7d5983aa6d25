// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "lib/array.h"
#include "lib/output.h"
#include "lib/text.h"
#include "report/json.h"
#include "report/process.h"
#include "sources/stats.h"

static void print_row(const char *key, long long vmtrace, long long kernel)
{
	printf("%-6s %10lld %10lld %10lld\n", key, vmtrace, kernel, kernel - vmtrace);
}

/* Skip numbers that are printed elsewhere, and reasons for which no access failed. */
static void print_number(const char *key, long long number, const char *meaning)
{
#define REASON(key, meaning) #key,
	static const char *const reasons[] = { VMTRACE_REASONS(REASON) };
#undef REASON
	static const char *const shown[] = { "pid", "minor", "major", "kernel_minor",
					     "kernel_major" };

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (strcmp(key, shown[i]) == 0)
			return;
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (number == 0 && strcmp(key, reasons[i]) == 0)
			return;
	if (output_width() < 80)
		printf("%-18s %14lld\n", key, number);
	else
		print_hanging(printf("%-18s %15lld  ", key, number), meaning);
}

void process_print(const struct process_stats *stats)
{
	char name[SOURCE_TEXT_MAX];

	strcpy(name, stats->name);
	make_one_line(name);
	printf("%sprocess %lld (%s), %s%s\n\n", colour(COLOUR_STRONG), stats->pid, name,
	       stats->state, colour(COLOUR_OFF));
	printf("%-6s %10s %10s %10s\n", "faults", "vmtrace", "kernel", "difference");
	print_row("minor", stats->minor, stats->kernel_minor);
	print_row("major", stats->major, stats->kernel_major);
	putchar('\n');
#define PRINT_NUMBER(key, meaning) print_number(#key, stats->key, meaning);
	VMTRACE_PROCESS_NUMBERS(PRINT_NUMBER)
#undef PRINT_NUMBER
	putchar('\n');
}

/* The number is exact, but its cause is only probable: missed counts all processes. */
static void explain_unobserved(const struct process_stats *stats)
{
	char text[512];

	snprintf(
		text, sizeof(text),
		"%lld %s not observed: the kernel counted %s, vmtrace did not. %s",
		stats->unobserved, stats->unobserved == 1 ? "fault was" : "faults were",
		stats->unobserved == 1 ? "it" : "them",
		stats->missed ?
			"Probably the kernel skipped the hook (missed, above): load the module with a "
			"larger maxactive." :
			"No hook entry was skipped, so the hook was probably switched off for a "
			"time, by vmtrace/enabled or kprobes/enabled in debugfs or by sysctl "
			"kernel.ftrace_enabled.");
	print_paragraph(0, text);
	if (stats->in_flight)
		print_paragraph(0, "Threads are inside a fault at this moment (in_flight, above): "
				   "such a fault may be counted in one column first.");
}

void process_explain(const struct process_stats *stats)
{
	bool exact = stats->minor == stats->kernel_minor && stats->major == stats->kernel_major;
	bool origins = stats->origin_user + stats->origin_kernel + stats->origin_gup +
			       stats->origin_remote ==
		       stats->minor + stats->major + stats->failed;

	if (exact && origins && stats->unobserved == 0 && stats->dropped == 0) {
		fputs(colour(COLOUR_GOOD), stdout);
		print_paragraph(0, "vmtrace = kernel: every fault since tracking of this process "
				   "began was seen.");
		fputs(colour(COLOUR_OFF), stdout);
		return;
	}
	fputs(colour(COLOUR_BAD), stdout);
	if (stats->unobserved > 0)
		explain_unobserved(stats);
	if (stats->dropped) {
		char text[256];

		snprintf(text, sizeof(text),
			 "%lld %s seen but not recorded: the table of threads was full or memory "
			 "was short. Load the module with a larger max_threads.",
			 stats->dropped, stats->dropped == 1 ? "fault was" : "faults were");
		print_paragraph(0, text);
	}
	if (!origins || stats->unobserved < 0 || (stats->unobserved == 0 && stats->dropped == 0))
		print_paragraph(0, "These numbers contradict each other: this is a defect of "
				   "vmtrace. Please report it with this output.");
	fputs(colour(COLOUR_OFF), stdout);
}

struct json_object *process_json(const struct process_stats *stats)
{
	struct json_object *object = json_object_new_object();

	json_add_number(object, "format", VMTRACE_FORMAT);
	json_add_text(object, "name", stats->name);
	json_add_text(object, "state", stats->state);
#define ADD_NUMBER(key, meaning) json_add_number(object, #key, stats->key);
	VMTRACE_PROCESS_NUMBERS(ADD_NUMBER)
#undef ADD_NUMBER
	return object;
}
