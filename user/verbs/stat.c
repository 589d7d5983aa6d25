// SPDX-License-Identifier: GPL-2.0
/*
 * stat - count the page faults of a command, or of running processes
 */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/error.h"
#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/number.h"
#include "lib/options.h"
#include "lib/output.h"
#include "report/stat_csv.h"
#include "report/stat_json.h"
#include "report/stat_sum.h"
#include "report/stat_text.h"
#include "sources/child.h"
#include "sources/measure.h"
#include "sources/stat_run.h"
#include "verbs/verbs.h"

#define RUNS_MAX 10000

struct stat_options {
	int pid[OPTION_VALUES];
	size_t pids;
	size_t runs;
	bool json, csv;
	const char *output;
	char **command; /* NULL-terminated; may be empty */
};

static const char help[] =
	"usage: vmtrace stat [-r N] [OPTIONS] [--] CMD [ARG]...\n"
	"       vmtrace stat -p PID [-p PID]... [OPTIONS] [[--] CMD [ARG]...]\n"
	"\n"
	"Run CMD and show the page faults that it took from its first instruction to its\n"
	"end: the number of each class, how long they took, whether the counts of vmtrace\n"
	"and rusage agree, and how much memory was never touched. Children of CMD are not\n"
	"counted. Exit with the status of CMD, or with 1 if that is 0 and the counts do\n"
	"not agree.\n"
	"\n"
	"With -p, show the sum of the faults of these processes until all of them end,\n"
	"until CMD ends, or until ^C. CMD is not measured then.\n"
	"\n"
	"The report goes to stderr, so that it does not mix with the output of CMD.\n"
	"\n"
	"options:\n"
	"  --pid PID      or -p PID: measure this process; may be repeated\n"
	"  --repeat N     or -r N: run CMD N times; show mean and standard deviation\n"
	"  --output FILE  or -o FILE: write to FILE instead of stderr\n"
	"  --json         print JSON\n"
	"  --csv          print comma-separated values, one number per line\n"
	"  --help         show this text\n"
	"\n"
	"examples:\n"
	"  sudo vmtrace stat ls -l\n"
	"  sudo vmtrace stat -r 5 -o lines.csv --csv -- sort -n lines\n"
	"  vmtrace stat -p $$ sleep 10\n";

static int parse_options(int argc, char **argv, struct stat_options *options)
{
	const char *repeat = NULL;
	struct option_list pids = { .count = 0 };
	const struct command_option_row table[] = {
		{ { "pid", NULL, NULL }, 'p', &pids },
		{ { "repeat", NULL, &repeat }, 'r', NULL },
		{ { "output", NULL, &options->output }, 'o', NULL },
		{ { "json", &options->json, NULL }, 0, NULL },
		{ { "csv", &options->csv, NULL }, 0, NULL },
		{ { NULL, NULL, NULL }, 0, NULL },
	};
	unsigned long long runs = 1;
	int code = read_command_options("stat", help, table, argc, argv);

	if (code == OPTIONS_READ)
		code = parse_pids("stat", &pids, options->pid);
	if (code != OPTIONS_READ)
		return code;
	options->pids = pids.count;
	options->command = argv + optind;
	if (repeat && (parse_number(repeat, RUNS_MAX, &runs) != 0 || runs == 0))
		return usage_error("stat", "stat: --repeat %s: not a number from 1 to %d", repeat,
				   RUNS_MAX);
	options->runs = runs;
	if (options->json && options->csv)
		return usage_error("stat", "stat: --json and --csv: only one of them");
	if (options->pids && repeat)
		return usage_error("stat", "stat: --repeat and --pid: only one of them");
	if (!options->pids && !*options->command)
		return usage_error("stat",
				   "stat: nothing to measure: name a command, or a process with "
				   "--pid");
	return OPTIONS_READ;
}

/*
 * Print the number of the run if stderr is a terminal. If stdout is one, too, the command may print
 * there, so each number has its own line; otherwise the next number overwrites it.
 */
static void show_progress(size_t run, size_t runs)
{
	const char *end = isatty(STDOUT_FILENO) ? "\n" : "\r";

	if (runs < 2 || !isatty(STDERR_FILENO))
		return;
	if (run < runs)
		fprintf(stderr, "run %zu of %zu%s", run + 1, runs, end);
	else if (*end == '\r')
		fprintf(stderr, "%24s\r", "");
}

static bool measure_runs(const struct stat_options *options, struct stat_sum *sum, int *code)
{
	static struct stat_run run;
	struct error error;
	bool known = true;
	int status;

	for (size_t i = 0; known && i < options->runs && !child_signal(); i++) {
		show_progress(i, options->runs);
		known = measure_command(options->command, &run, &status, &error);
		if (status)
			*code = status;
		if (known)
			stat_add(sum, &run);
		else
			message("%s", error.text);
	}
	show_progress(options->runs, options->runs);
	return known;
}

static bool measure_pids(const struct stat_options *options, struct stat_sum *sum, int *code)
{
	static struct stat_run run;
	struct error error;
	bool known;

	if (!*options->command && isatty(STDERR_FILENO))
		fprintf(stderr, "Measuring until ^C, or until %s.\n",
			options->pids > 1 ? "all processes end" : "the process ends");
	known = measure_processes(options->pid, options->pids, options->command, &run, code,
				  &error);
	if (known)
		stat_add(sum, &run);
	else
		message("%s", error.text);
	return known;
}

/* Returns an exit code. */
static int report(const struct stat_options *options, const struct stat_sum *sum, int fd,
		  int exit_status)
{
	const struct stat_subject subject = {
		.command = options->command,
		.pid = options->pid,
		.pids = options->pids,
		.runs = options->runs,
		.exit_status = exit_status,
	};
	int code = redirect_output(fd, options->output);

	if (code != EXIT_DONE)
		return code;
	if (options->json)
		code = stat_print_json(sum, &subject);
	else if (options->csv)
		code = stat_print_csv(sum, &subject);
	else
		stat_print_text(sum, &subject);
	if (sum->exact == sum->runs)
		return code;
	if (options->json || options->csv || options->output)
		message("stat: vmtrace and the kernel do not agree in %zu of %zu runs: try: sudo "
			"vmtrace doctor",
			sum->runs - sum->exact, sum->runs);
	return EXIT_FAILED;
}

int verb_stat(int argc, char **argv)
{
	static struct stat_options options;
	static struct stat_sum sum;
	int code = parse_options(argc, argv, &options), status = EXIT_DONE, fd;
	bool known;

	if (code != OPTIONS_READ)
		return code;
	if (!open_output("stat", options.output, &fd))
		return EXIT_FAILED;
	child_catch_signals();
	known = options.pids ? measure_pids(&options, &sum, &status) :
			       measure_runs(&options, &sum, &status);
	if (sum.runs)
		code = report(&options, &sum, fd, status);
	else if (known)
		/* A signal arrived before the first run. */
		code = 128 + child_signal();
	if (status)
		return status;
	return known ? code : EXIT_FAILED;
}
