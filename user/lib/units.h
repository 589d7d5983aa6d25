/* SPDX-License-Identifier: GPL-2.0 */
/*
 * units.h - times, sizes and shares for people, in few columns
 */
#ifndef VMTRACE_LIB_UNITS_H
#define VMTRACE_LIB_UNITS_H

/* CLOCK_MONOTONIC, in ns. */
long long monotonic_ns(void);

/*
 * A time, of ns, in three digits: 999ns, 1.00µs, 12.3ms, 456s, and beyond that whole
 * seconds. The unit is not set off by a blank, so that no line ends between the two.
 * Returns text.
 */
#define TIME_MAX 24
const char *format_time(char text[TIME_MAX], double ns);

/* A size in at most five columns, as ls -h has it; 0 is "-". Returns text. */
#define SIZE_TEXT_MAX 16
const char *format_size(char text[SIZE_TEXT_MAX], double bytes);

/*
 * A part of a whole in percent, in at most five columns; 0% if there is no whole. The first has
 * a decimal, and "<0.1%" for what it cannot show; of the second, 0% and 100% are exactly that.
 * Both return text.
 */
#define SHARE_MAX 16
const char *format_share(char text[SHARE_MAX], double part, double whole);
const char *format_percent(char text[SHARE_MAX], double part, double whole);

/* 12, or 12.3 if it is a mean; "-" for NAN. Returns text. */
#define COUNT_MAX 32
const char *format_count(char text[COUNT_MAX], double count);

#endif /* VMTRACE_LIB_UNITS_H */
