// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>

#include "lib/units.h"
#include "report/stat_caveats.h"
#include "report/stat_sum.h"
#include "report/table.h"
#include "sources/stat_run.h"

__attribute__((format(printf, 2, 3))) static void add_caveat(struct stat_caveats *caveats,
							     const char *format, ...)
{
	va_list arguments;

	if (caveats->count == STAT_CAVEATS)
		return;
	va_start(arguments, format);
	vsnprintf(caveats->text[caveats->count++], sizeof(caveats->text[0]), format, arguments);
	va_end(arguments);
}

static void add_number(struct stat_caveats *caveats, const struct stat_sum *sum,
		       enum stat_number number, const char *what)
{
	char text[TABLE_CELL];

	if (stat_number(sum, number) != 0)
		add_caveat(caveats, "%s %s", format_count(text, stat_number(sum, number)), what);
}

void stat_find_caveats(struct stat_caveats *caveats, const struct stat_sum *sum,
		       const struct stat_subject *subject)
{
	char minor[TABLE_CELL], major[TABLE_CELL];

	caveats->count = 0;
	if (sum->runs < subject->runs)
		add_caveat(caveats, "Stopped after %zu of %zu runs.", sum->runs, subject->runs);
	add_number(caveats, sum, STAT_dropped,
		   "faults were seen but not recorded: load the module with a larger max_threads.");
	add_number(caveats, sum, STAT_untimed,
		   "faults were counted but not timed: memory was short.");
	add_number(caveats, sum, STAT_missed,
		   "times the kernel skipped the hook, for some process: load the module with a "
		   "larger maxactive.");
	if (sum->no_quantiles[0])
		add_caveat(caveats, "Some of p50, p90, p99 and max are not known: %s.",
			   sum->no_quantiles);
	if (sum->no_residency[0])
		add_caveat(caveats, "How much memory was never touched is not known: %s.",
			   sum->no_residency);
	if (stat_is_command(subject) && (stat_number(sum, STAT_children_minor) != 0 ||
					 stat_number(sum, STAT_children_major) != 0))
		add_caveat(
			caveats,
			"Its children are not in these numbers; those that were waited for took %s "
			"minor and %s major faults.",
			format_count(minor, stat_number(sum, STAT_children_minor)),
			format_count(major, stat_number(sum, STAT_children_major)));
}
