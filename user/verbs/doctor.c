// SPDX-License-Identifier: GPL-2.0
/*
 * doctor - check whether vmtrace works on this machine, and whether its counts are exact
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/options.h"
#include "lib/output.h"
#include "report/json.h"
#include "sources/checks.h"
#include "sources/finding.h"
#include "verbs/verbs.h"

#define DOCTOR_FORMAT 1

static const char help[] =
	"usage: vmtrace doctor [--json]\n"
	"\n"
	"Check whether vmtrace works on this machine, and whether its counts are exact.\n"
	"Each check prints ok, warn or fail, its name, what it found and, below that,\n"
	"what to do. Exit with 0 if no check fails. A check that needs root is a warning\n"
	"for other users.\n"
	"\n"
	"options:\n"
	"  --json    print JSON\n"
	"  --help    show this text\n"
	"\n"
	"example:\n"
	"  sudo vmtrace doctor\n";

static const struct {
	const char *name;
	enum colour colour;
	const char *verdict;
} statuses[] = {
	[CHECK_OK] = { "ok", COLOUR_GOOD,
		       "vmtrace works on this machine, and its counts are "
		       "exact." },
	[CHECK_WARN] = { "warn", COLOUR_STRONG, "No check failed, but see the warnings above." },
	[CHECK_FAIL] = { "fail", COLOUR_BAD,
			 "vmtrace does not work on this machine, or its counts are not exact, "
			 "until the failed checks are fixed." },
};

static void print_finding(const char *name, const struct finding *finding)
{
	const int margin = 6;

	printf("%s%-4s%s  ", colour(statuses[finding->status].colour),
	       statuses[finding->status].name, colour(COLOUR_OFF));
	if (output_width() < 80) {
		puts(name);
		print_paragraph(margin, finding->found);
	} else {
		print_hanging(margin + printf("%-15s  ", name), finding->found);
	}
	if (finding->remedy[0])
		print_paragraph(margin, finding->remedy);
}

static struct json_object *json_finding(const char *name, const struct finding *finding)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "check", name);
	json_add_text(object, "status", statuses[finding->status].name);
	json_add_text(object, "found", finding->found);
	json_add_text(object, "remedy", finding->remedy);
	return object;
}

int verb_doctor(int argc, char **argv)
{
	bool json = false;
	const struct option_row table[] = { { "json", &json, NULL }, { 0 } };
	int code = read_options("doctor", help, table, argc, argv);
	enum check_status result = CHECK_OK;
	struct json_object *findings;
	struct machine_facts facts;

	if (code != OPTIONS_READ)
		return code;
	if (optind < argc)
		return usage_error("doctor", "doctor: %s: unexpected argument", argv[optind]);

	checks_gather(&facts);
	findings = json_object_new_array();
	for (size_t i = 0; i < checks_count; i++) {
		struct finding finding = checks[i].run(&facts);

		if (finding.status == CHECK_OMITTED)
			continue;
		if (finding.status > result)
			result = finding.status;
		if (json)
			json_object_array_add(findings, json_finding(checks[i].name, &finding));
		else
			print_finding(checks[i].name, &finding);
	}
	code = EXIT_DONE;
	if (json) {
		struct json_object *object = json_object_new_object();

		json_add_number(object, "format", DOCTOR_FORMAT);
		json_add_text(object, "result", statuses[result].name);
		json_object_object_add(object, "checks", findings);
		code = json_print(object);
	} else {
		json_object_put(findings);
		putchar('\n');
		print_paragraph(0, statuses[result].verdict);
	}
	return result == CHECK_FAIL ? EXIT_FAILED : code;
}
