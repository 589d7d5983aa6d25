// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/array.h"
#include "lib/units.h"

const char *format_time(char text[TIME_MAX], double ns)
{
	static const char *const units[] = { "ns", "µs", "ms", "s" };
	size_t unit = 0;

	/* A value of 999.5 or more would be rounded to four digits. */
	for (; unit + 1 < ARRAY_SIZE(units) && ns >= (unit ? 999.5 : 1000); unit++)
		ns /= 1000;
	snprintf(text, TIME_MAX, "%.*f%s",
		 unit == 0  ? 0 :
		 ns < 9.995 ? 2 :
		 ns < 99.95 ? 1 :
			      0,
		 ns, units[unit]);
	return text;
}

const char *format_time_cell(char text[TIME_MAX], long long ns)
{
	return ns ? format_time(text, (double)ns) : "-";
}

const char *format_size(char text[SIZE_TEXT_MAX], double bytes)
{
	static const char units[] = "BKMGTPE";
	size_t unit = 0;

	while (bytes >= 1023.5 && unit + 2 < sizeof(units)) {
		bytes /= 1024;
		unit++;
	}
	if (bytes == 0)
		strcpy(text, "-");
	else
		snprintf(text, SIZE_TEXT_MAX, "%.*f%c", bytes < 9.95 && bytes != (int)bytes, bytes,
			 units[unit]);
	return text;
}

long long monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static double percent_of(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

const char *format_share(char text[SHARE_MAX], double part, double whole)
{
	double percent = percent_of(part, whole);

	if (percent > 0 && percent < 0.05)
		strcpy(text, "<0.1%");
	else
		snprintf(text, SHARE_MAX, "%.*f%%", percent < 99.95, percent);
	return text;
}

const char *format_percent(char text[SHARE_MAX], double part, double whole)
{
	double percent = percent_of(part, whole);

	if (percent > 0 && percent < 1)
		strcpy(text, "<1%");
	else if (percent > 99 && percent < 100)
		strcpy(text, ">99%");
	else
		snprintf(text, SHARE_MAX, "%.0f%%", percent);
	return text;
}

const char *format_count(char text[COUNT_MAX], double count)
{
	if (isnan(count))
		strcpy(text, "-");
	else
		snprintf(text, COUNT_MAX, "%.*f", count != floor(count), count);
	return text;
}
