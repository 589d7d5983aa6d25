// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdio.h>

#include "lib/exit_code.h"
#include "lib/message.h"
#include "report/stat_caveats.h"
#include "report/stat_csv.h"
#include "report/stat_sum.h"
#include "sources/stat_run.h"

static void print_row(const char *class, const char *name, double value, double deviation)
{
	printf("%s,%s,", class, name);
	if (!isnan(value))
		printf("%.*f", value == floor(value) ? 0 : 3, value);
	putchar(',');
	if (!isnan(deviation))
		printf("%.*f", deviation == floor(deviation) ? 0 : 3, deviation);
	putchar('\n');
}

int stat_print_csv(const struct stat_sum *sum, const struct stat_subject *subject)
{
	struct stat_caveats caveats;

	printf("class,number,value,deviation\n");
	print_row("", "exit_status", subject->exit_status, NAN);
	print_row("", "runs", (double)sum->runs, NAN);
	print_row("", "exact_runs", (double)sum->exact, NAN);
	for (int n = 0; n < STAT_COUNT; n++)
		print_row("", stat_names[n], stat_number(sum, n), stat_deviation(sum, n));
	for (size_t i = 0; i < sum->classes; i++)
		for (int n = 0; n < CLASS_NUMBERS; n++)
			print_row(sum->class[i].name, stat_class_names[n],
				  stat_mean(&sum->class[i].number[n]),
				  stat_tally_deviation(&sum->class[i].number[n]));
	/* Sentences do not fit in the table. */
	stat_find_caveats(&caveats, sum, subject);
	for (size_t i = 0; i < caveats.count; i++)
		message("stat: %s", caveats.text[i]);
	return EXIT_DONE;
}
