// SPDX-License-Identifier: GPL-2.0
/* stat_print.c - "stat_print CASE text|json|csv": what "vmtrace stat" would print; see stat.sh */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/exit_code.h"
#include "lib/output.h"
#include "report/stat_csv.h"
#include "report/stat_json.h"
#include "report/stat_sum.h"
#include "report/stat_text.h"
#include "sources/stat_run.h"

static struct stat_sum sum;
static struct stat_run run;

static void add_class(const char *name, const double number[CLASS_NUMBERS])
{
	strcpy(run.class[run.classes].name, name);
	memcpy(run.class[run.classes].number, number, sizeof(run.class[0].number));
	run.number[STAT_fault_ns] += number[CLASS_total_ns];
	run.number[STAT_asleep_ns] += number[CLASS_asleep_ns];
	run.number[STAT_minor] += number[CLASS_faults] - number[CLASS_major];
	run.number[STAT_major] += number[CLASS_major];
	run.classes++;
}

/* More of the first class, and slower, the larger more is. */
static void begin(double more)
{
	const double anon[] = { 700 + more,	  0,	700 + more, 3,	 1543210 + 1000 * more, 0,
				1983 + 10 * more, 3583, 6143,	    9876 };
	const double miss[] = { 2, 2, 32, 0, 402310, 351022, 198000, 198000, 204310, 204310 };

	memset(&run, 0, sizeof(run));
	run.number[STAT_wall_ns] = 12345678 + 10000 * more;
	run.number[STAT_cpu_ns] = 7654321;
	run.number[STAT_before_minor] = 52;
	run.number[STAT_reserved_bytes] = 2494464;
	run.number[STAT_untouched_bytes] = 700416;
	add_class("anon", anon);
	if (more < 2)
		add_class("file-miss", miss);
	run.number[STAT_kernel_minor] = run.number[STAT_minor] + 52;
	run.number[STAT_kernel_major] = run.number[STAT_major];
	run.exact = true;
}

/* What can go wrong. */
static void spoil(void)
{
	run.class[0].number[CLASS_p50_ns] = NAN;
	run.class[0].number[CLASS_p90_ns] = NAN;
	run.class[0].number[CLASS_p99_ns] = NAN;
	run.class[0].number[CLASS_max_ns] = NAN;
	run.number[STAT_cpu_ns] = NAN;
	run.number[STAT_reserved_bytes] = NAN;
	run.number[STAT_untouched_bytes] = NAN;
	run.number[STAT_kernel_minor] += 5;
	run.number[STAT_unobserved] = 3;
	run.number[STAT_dropped] = 2;
	run.number[STAT_missed] = 4;
	run.number[STAT_untimed] = 7;
	run.number[STAT_failed] = 1;
	run.number[STAT_retried] = 6;
	run.number[STAT_children_minor] = 123;
	run.exact = false;
	strcpy(run.no_quantiles, "only root may read debugfs");
	strcpy(run.no_residency, "only root may read debugfs");
}

static char lines[] = "two\nlines \xc3\xa9 \xe9";
static char sort[] = "sort", option[] = "-n";
static char *command[] = { sort, option, lines, NULL };
static char *nothing[] = { NULL };
static const int pids[] = { 4242, 15 };

static void print(const char *how, const struct stat_subject *subject)
{
	if (strcmp(how, "json") == 0)
		stat_print_json(&sum, subject);
	else if (strcmp(how, "csv") == 0)
		stat_print_csv(&sum, subject);
	else
		stat_print_text(&sum, subject);
}

int main(int argc, char **argv)
{
	struct stat_subject subject = { .command = command, .runs = 1 };

	if (argc != 3)
		return 2;
	begin(0);
	if (strcmp(argv[1], "bad") == 0) {
		subject.exit_status = 137;
		spoil();
	}
	if (strcmp(argv[1], "pids") == 0) {
		subject = (struct stat_subject){ nothing, pids, ARRAY_SIZE(pids), 1, 0 };
		run.number[STAT_before_minor] = 0;
		run.number[STAT_kernel_minor] = run.number[STAT_minor];
		run.number[STAT_children_minor] = run.number[STAT_children_major] = NAN;
	}
	if (strcmp(argv[1], "none") == 0) {
		memset(&run, 0, sizeof(run));
		run.number[STAT_wall_ns] = 1000;
		run.exact = true;
	}
	stat_add(&sum, &run);
	if (strcmp(argv[1], "runs") == 0) {
		subject.runs = 4;
		begin(1);
		stat_add(&sum, &run);
		begin(5);
		stat_add(&sum, &run);
	}
	print(argv[2], &subject);
	return finish_output(EXIT_DONE);
}
