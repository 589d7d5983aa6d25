/* SPDX-License-Identifier: GPL-2.0 */
/*
 * units.h - times, sizes and shares for people, in few columns
 */
#ifndef VMTRACE_LIB_UNITS_H
#define VMTRACE_LIB_UNITS_H

/* CLOCK_MONOTONIC, in ns. */
long long monotonic_ns(void);

/*
 * Format a time, given in ns, with three digits: 999ns, 1.00µs, 12.3ms, 456s; a longer time in
 * whole seconds. There is no blank before the unit, so that no line breaks there. Returns text.
 */
#define TIME_MAX 24
const char *format_time(char text[TIME_MAX], double ns);

/* The same for a table, where 0 is "-". */
const char *format_time_cell(char text[TIME_MAX], long long ns);

/* Format a size in at most five columns, as ls -h does; 0 is "-". Returns text. */
#define SIZE_TEXT_MAX 16
const char *format_size(char text[SIZE_TEXT_MAX], double bytes);

/*
 * Format a part of a whole in percent, in at most five columns; it is 0 if the whole is 0.
 * format_share() prints a decimal, and "<0.1%" for a smaller part. format_percent() prints whole
 * percents, and 0% and 100% only if they are exact. Both return text.
 */
#define SHARE_MAX 16
const char *format_share(char text[SHARE_MAX], double part, double whole);
const char *format_percent(char text[SHARE_MAX], double part, double whole);

/* Format a count: 12, or 12.3 for a mean that is not whole; "-" for NAN. Returns text. */
#define COUNT_MAX 32
const char *format_count(char text[COUNT_MAX], double count);

#endif /* VMTRACE_LIB_UNITS_H */
