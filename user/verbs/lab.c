// SPDX-License-Identifier: GPL-2.0
/*
 * lab - run one measured experiment, run all of them, or report on all for grading
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/labs.h"
#include "lib/array.h"
#include "lib/error.h"
#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/options.h"
#include "lib/output.h"
#include "report/json.h"
#include "sources/source.h"
#include "sources/stats.h"
#include "verbs/verbs.h"

static const struct lab_info *const lab_table[] = {
#define LAB_POINTER(name) &lab_##name,
	LABS(LAB_POINTER)
#undef LAB_POINTER
};

static const char help[] =
	"usage: vmtrace lab list\n"
	"       vmtrace lab NAME [OPTIONS]\n"
	"       vmtrace lab all\n"
	"       vmtrace lab check [--json]\n"
	"\n"
	"Run measured experiments that explain themselves. A lab predicts its page faults\n"
	"and says why, counts them with getrusage and with vmtrace, and compares. 'all'\n"
	"runs every lab, in the order of the list; 'check' does the same, but prints one\n"
	"line per lab.\n"
	"\n"
	"Exit with 0 if every prediction was met, with 4 if the lab was skipped because\n"
	"this machine cannot run it or the module is not loaded, and with 1 otherwise.\n"
	"'all' and 'check' exit with 0 if no lab failed, and with 4, without running any,\n"
	"if the module is not loaded.\n"
	"\n"
	"options:\n"
	"  --json    with 'check': print all predictions and measurements as JSON\n"
	"  --help    show this text\n"
	"\n"
	"labs ('vmtrace lab NAME --help' explains one):\n";

static int list(int indent)
{
	for (size_t i = 0; i < ARRAY_SIZE(lab_table); i++)
		print_hanging(printf("%*s%-13s ", indent, "", lab_table[i]->name),
			      lab_table[i]->sentence);
	return EXIT_DONE;
}

/*
 * Start a lab in a process of its own, so that no earlier lab can affect it. Its output goes to
 * descriptor out. Returns the pid, or a negative errno.
 */
static pid_t start(const struct lab_info *info, bool json, int out)
{
	char *argv[] = { (char *)"vmtrace", (char *)"lab", (char *)info->name,
			 (char *)(json ? "--json" : NULL), NULL };
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid < 0 ? -errno : pid;
	dup2(out, STDOUT_FILENO);
	execv("/proc/self/exe", argv);
	message("lab: /proc/self/exe: %s", strerror(errno));
	_exit(EXIT_FAILED);
}

/* The exit code of a lab; EXIT_FAILED if a signal killed it. */
static int await(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}

struct tally {
	int passed, failed, skipped;
};

static void count(struct tally *tally, int code)
{
	tally->passed += code == EXIT_DONE;
	tally->skipped += code == EXIT_SKIPPED;
	tally->failed += code != EXIT_DONE && code != EXIT_SKIPPED;
}

static void print_tally(const struct tally *tally)
{
	printf("%s%d labs passed, %d failed, %d skipped%s\n", colour(COLOUR_STRONG), tally->passed,
	       tally->failed, tally->skipped, colour(COLOUR_OFF));
}

/*
 * Without the module no lab can compare counts, so none should run: some change the machine while
 * they run.
 */
static bool is_module_there(void)
{
	struct summary_stats summary;
	struct error error;

	if (source_summary(&summary, &error) == 0)
		return true;
	message("%s", error.text);
	return false;
}

static int run_all(void)
{
	struct tally tally = { 0 };

	if (!is_module_there())
		return EXIT_SKIPPED;
	for (size_t i = 0; i < ARRAY_SIZE(lab_table); i++) {
		pid_t pid = start(lab_table[i], false, STDOUT_FILENO);

		if (pid < 0) {
			message("lab all: %s", strerror((int)-pid));
			return EXIT_FAILED;
		}
		count(&tally, await(pid));
		putchar('\n');
	}
	print_tally(&tally);
	return tally.failed ? EXIT_FAILED : EXIT_DONE;
}

/* Run a lab. Returns its JSON, or NULL if it printed none. */
static struct json_object *run_for_json(const struct lab_info *info, int *code)
{
	struct json_object *object;
	int pipe_fd[2];
	pid_t pid;

	*code = EXIT_FAILED;
	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return NULL;
	pid = start(info, true, pipe_fd[1]);
	close(pipe_fd[1]);
	object = pid > 0 ? json_object_from_fd(pipe_fd[0]) : NULL;
	close(pipe_fd[0]);
	if (pid > 0)
		*code = await(pid);
	return object;
}

static void print_line(const struct lab_info *info, struct json_object *object)
{
	const char *verdict = "fail", *reason = "it printed no result";
	struct json_object *value;

	if (object && json_object_object_get_ex(object, "verdict", &value))
		verdict = json_object_get_string(value);
	if (object && json_object_object_get_ex(object, "reason", &value))
		reason = json_object_get_string(value);
	printf("%s%s%s  %-13s ", colour(verdict_colour(verdict)), verdict, colour(COLOUR_OFF),
	       info->name);
	print_hanging(20, strcmp(verdict, "pass") == 0 ? info->sentence : reason);
	fflush(stdout);
}

static int check(bool json)
{
	struct json_object *report, *array;
	struct tally tally = { 0 };
	int code;

	if (!is_module_there())
		return EXIT_SKIPPED;
	report = json_object_new_object();
	array = json_object_new_array();
	for (size_t i = 0; i < ARRAY_SIZE(lab_table); i++) {
		struct json_object *object = run_for_json(lab_table[i], &code);

		if (!object && code != EXIT_SKIPPED)
			code = EXIT_FAILED;
		count(&tally, code);
		if (!json)
			print_line(lab_table[i], object);
		if (!object) {
			object = json_object_new_object();
			json_add_text(object, "lab", lab_table[i]->name);
			json_add_text(object, "verdict", "fail");
			json_add_text(object, "reason", "it printed no result");
		}
		json_object_array_add(array, object);
	}
	code = tally.failed ? EXIT_FAILED : EXIT_DONE;
	if (json) {
		json_add_number(report, "format", VMTRACE_FORMAT);
		json_add_number(report, "passed", tally.passed);
		json_add_number(report, "failed", tally.failed);
		json_add_number(report, "skipped", tally.skipped);
		json_object_object_add(report, "labs", array);
		return json_print(report) == EXIT_DONE ? code : EXIT_FAILED;
	}
	json_object_put(array);
	json_object_put(report);
	print_tally(&tally);
	return code;
}

static int parse_check(int argc, char **argv)
{
	bool json = false;
	const struct option_row table[] = { { "json", &json, NULL }, { 0 } };
	int code = read_options("lab", help, table, argc, argv);

	if (code != OPTIONS_READ)
		return code;
	if (optind < argc)
		return usage_error("lab", "lab check: %s: unexpected argument", argv[optind]);
	return check(json);
}

int verb_lab(int argc, char **argv)
{
	/* find_word() requires that the name is the first member. */
	struct {
		const char *name;
	} names[ARRAY_SIZE(lab_table)];
	int i;

	if (argc < 2)
		return usage_error("lab", "lab: no lab given: 'vmtrace lab list' names them");
	if (strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return list(2);
	}
	if (strcmp(argv[1], "check") == 0)
		return parse_check(argc - 1, argv + 1);
	if (strcmp(argv[1], "list") == 0 || strcmp(argv[1], "all") == 0) {
		if (argc > 2)
			return usage_error("lab", "lab %s: %s: unexpected argument", argv[1],
					   argv[2]);
		return strcmp(argv[1], "list") == 0 ? list(0) : run_all();
	}
	for (i = 0; i < (int)ARRAY_SIZE(lab_table); i++)
		names[i].name = lab_table[i]->name;
	i = find_word(argv[1], names, ARRAY_SIZE(lab_table), sizeof(names[0]));
	if (i == WORD_UNKNOWN)
		return usage_error("lab", "lab: %s: unknown lab", argv[1]);
	if (i == WORD_AMBIGUOUS)
		return usage_error("lab", "lab: %s: ambiguous: more than one lab begins with this",
				   argv[1]);
	return lab_run(lab_table[i], argc - 1, argv + 1);
}
