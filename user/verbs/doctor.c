// SPDX-License-Identifier: GPL-2.0
/*
 * doctor - can vmtrace work on this machine, and work exactly?
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
	"Check whether vmtrace can work on this machine, and work exactly. Each check\n"
	"says ok, warn or fail, what was found and, below it, what to do. Exit with 0\n"
	"if none fails. What only root may see is a warning for others.\n"
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
	[CHECK_OK] = { "ok", COLOUR_GOOD, "vmtrace works on this machine, and exactly." },
	[CHECK_WARN] = { "warn", COLOUR_STRONG,
			 "Nothing was found that keeps vmtrace from working here; heed the warnings." },
	[CHECK_FAIL] = { "fail", COLOUR_BAD,
			 "vmtrace cannot work here, or not exactly, until what failed is "
			 "remedied." },
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
