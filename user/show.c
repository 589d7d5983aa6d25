// SPDX-License-Identifier: GPL-2.0
/*
 * show - the page faults of one process, beside the kernel's own count
 */
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "classes.h"
#include "failures.h"
#include "json.h"
#include "source.h"
#include "util.h"
#include "verb.h"

struct show_options {
	int pid;
	bool json;
};

static const char help[] =
	"usage: vmtrace show [PID|self] [--json]\n"
	"\n"
	"Show the page faults of process PID, or of this vmtrace itself, since tracking\n"
	"of the process began: what vmtrace counted, what the kernel counted, and what\n"
	"the difference means; of which class they were, and how long they took. A\n"
	"process that has exited can be shown for a while.\n"
	"\n"
	"options:\n"
	"  --json    print JSON, with the names that /proc/vmtrace uses\n"
	"  --help    show this text\n"
	"\n"
	"example:\n"
	"  vmtrace show $$\n";

/* The number is certain; its cause is not, as missed counts all processes. */
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
				   "what they add may show up in one column first.");
}

static void explain(const struct process_stats *stats)
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

static void print_name(const char *name)
{
	for (; *name; name++)
		putchar(*name == '\n' ? '?' : *name);
}

static void print_row(const char *key, long long vmtrace, long long kernel)
{
	printf("%-6s %10lld %10lld %10lld\n", key, vmtrace, kernel, kernel - vmtrace);
}

/* The four counts have their own table. Accesses that did not fail are no news. */
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
		printf("%-12s %20lld\n", key, number);
	else
		print_hanging(printf("%-12s %15lld  ", key, number), meaning);
}

static void print_text(const struct process_stats *stats)
{
	printf("%sprocess %lld (", colour(COLOUR_STRONG), stats->pid);
	print_name(stats->name);
	printf("), %s%s\n\n", stats->state, colour(COLOUR_OFF));

	printf("%-6s %10s %10s %10s\n", "faults", "vmtrace", "kernel", "difference");
	print_row("minor", stats->minor, stats->kernel_minor);
	print_row("major", stats->major, stats->kernel_major);
	putchar('\n');
#define PRINT_NUMBER(key, meaning) print_number(#key, stats->key, meaning);
	VMTRACE_PROCESS_NUMBERS(PRINT_NUMBER)
	putchar('\n');
	classes_print(stats);
	putchar('\n');
	failures_print(stats);
	explain(stats);
}

static int print_json(const struct process_stats *stats)
{
	struct json_object *object = json_object_new_object(), *failures = failures_json(stats);

	json_add_number(object, "format", VMTRACE_FORMAT);
	json_add_text(object, "name", stats->name);
	json_add_text(object, "state", stats->state);
#define ADD_NUMBER(key, meaning) json_add_number(object, #key, stats->key);
	VMTRACE_PROCESS_NUMBERS(ADD_NUMBER)
	json_object_object_add(object, "classes", classes_json(stats));
	if (failures)
		json_object_object_add(object, "failures", failures);
	return json_print(object);
}

static int parse_options(int argc, char **argv, struct show_options *options)
{
	const struct option_row table[] = { { "json", &options->json, NULL }, { 0 } };
	int code = read_options("show", help, table, argc, argv);
	unsigned long long pid;

	if (code != OPTIONS_READ)
		return code;
	if (argc - optind > 1)
		return usage_error("show", "show: %s: only one process at a time",
				   argv[optind + 1]);
	if (optind == argc || strcmp(argv[optind], VMTRACE_SELF) == 0)
		return OPTIONS_READ;
	if (parse_number(argv[optind], INT_MAX, &pid) != 0 || pid == 0)
		return usage_error("show", "show: %s: not a process id: use a number from 1 to %d",
				   argv[optind], INT_MAX);
	options->pid = (int)pid;
	return OPTIONS_READ;
}

int verb_show(int argc, char **argv)
{
	struct show_options options = { .pid = SOURCE_SELF };
	struct process_stats stats;
	struct source_error error;
	int code = parse_options(argc, argv, &options);

	if (code != OPTIONS_READ)
		return code;
	if (source_process(options.pid, &stats, &error) != 0) {
		message("%s", error.text);
		return EXIT_FAILED;
	}
	if (options.json)
		return print_json(&stats);
	print_text(&stats);
	return EXIT_DONE;
}
