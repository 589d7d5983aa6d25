// SPDX-License-Identifier: GPL-2.0
/*
 * show - the page faults of one process, beside the kernel's own count
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/error.h"
#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/options.h"
#include "report/classes.h"
#include "report/failures.h"
#include "report/json.h"
#include "report/process.h"
#include "report/slowest.h"
#include "report/threads.h"
#include "sources/source.h"
#include "sources/stats.h"
#include "verbs/verbs.h"

struct show_options {
	int pid;
	bool json;
	bool threads, slowest; /* show these, too; root only */
};

static const char help[] =
	"usage: vmtrace show [PID|self] [OPTIONS]\n"
	"\n"
	"Show the page faults of process PID, or of this vmtrace itself, since tracking\n"
	"of the process began: the count of vmtrace, the count of the kernel, and what a\n"
	"difference means; then the classes of the faults and how long they took. A\n"
	"process that has exited can be shown for a while.\n"
	"\n"
	"options:\n"
	"  --threads  show its threads, too (root only)\n"
	"  --slowest  show its slowest faults, too (root only)\n"
	"  --json     print JSON with the keys of the module's files\n"
	"  --help     show this text\n"
	"\n"
	"example:\n"
	"  vmtrace show $$\n";

struct answers {
	const struct show_options *asked;
	struct process_stats process;
	struct threads_stats threads;
	struct slowest_stats slowest;
	struct failures_stats failures;
	int failures_err; /* 0: failures is filled in */
};

/*
 * Read the failed accesses. Returns 0, -ENODATA if there are none to show, or the error of the
 * read.
 */
static int read_failures(const struct process_stats *stats, struct failures_stats *failures)
{
	long long count = failures_count(stats);
	struct error error;
	int err;

	if (!count)
		return -ENODATA;
	err = source_failures((int)stats->pid, failures, &error);
	if (err == -EPROTO || err == -EPROTONOSUPPORT)
		message("%s", error.text);
	/* Fewer than the process had: the pid belongs to another process by now. */
	if (!err && failures->failures < count) {
		failures_free(failures);
		err = -ENODATA;
	}
	return err;
}

static void print_text(const struct answers *answers)
{
	const struct process_stats *stats = &answers->process;
	int err = answers->failures_err;

	process_print(stats);
	classes_print(stats);
	putchar('\n');
	if (answers->asked->threads) {
		threads_print(&answers->threads);
		putchar('\n');
	}
	if (answers->asked->slowest) {
		slowest_print(&answers->slowest);
		putchar('\n');
	}
	failures_print(stats, err ? NULL : &answers->failures, err);
	process_explain(stats);
}

static int print_json(const struct answers *answers)
{
	struct json_object *object = process_json(&answers->process);

	json_object_object_add(object, "classes", classes_json(&answers->process));
	if (answers->asked->threads)
		json_object_object_add(object, "live_threads", threads_json(&answers->threads));
	if (answers->asked->slowest)
		json_object_object_add(object, "slowest", slowest_json(&answers->slowest));
	if (!answers->failures_err)
		json_object_object_add(object, "failures", failures_json(&answers->failures));
	return json_print(object);
}

/* Read everything that was asked for. Returns 0, or a negative errno with error filled in. */
static int ask(struct answers *answers, struct error *error)
{
	const struct show_options *asked = answers->asked;
	int err = source_process(asked->pid, &answers->process, error);

	if (!err && asked->threads)
		err = source_threads(asked->pid, &answers->threads, error);
	if (!err && asked->slowest)
		err = source_slowest(asked->pid, &answers->slowest, error);
	if (!err)
		answers->failures_err = read_failures(&answers->process, &answers->failures);
	return err;
}

static void free_answers(struct answers *answers)
{
	threads_free(&answers->threads);
	slowest_free(&answers->slowest);
	if (!answers->failures_err)
		failures_free(&answers->failures);
}

static int parse_options(int argc, char **argv, struct show_options *options)
{
	const struct option_row table[] = {
		{ "threads", &options->threads, NULL },
		{ "slowest", &options->slowest, NULL },
		{ "json", &options->json, NULL },
		{ 0 },
	};
	int code = read_options("show", help, table, argc, argv);

	if (code != OPTIONS_READ)
		return code;
	if (argc - optind > 1)
		return usage_error("show", "show: %s: only one process at a time",
				   argv[optind + 1]);
	if (optind == argc)
		return OPTIONS_READ;
	return parse_pid("show", argv[optind], &options->pid);
}

int verb_show(int argc, char **argv)
{
	struct show_options options = { .pid = SOURCE_SELF };
	struct answers answers = { .asked = &options, .failures_err = -ENODATA };
	struct error error;
	int code = parse_options(argc, argv, &options);

	if (code != OPTIONS_READ)
		return code;
	code = EXIT_FAILED;
	if (ask(&answers, &error) != 0) {
		message("%s", error.text);
	} else if (options.json) {
		code = print_json(&answers);
	} else {
		print_text(&answers);
		code = EXIT_DONE;
	}
	free_answers(&answers);
	return code;
}
