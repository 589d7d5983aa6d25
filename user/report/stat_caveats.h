/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stat_caveats.h - sentences about what limits a measurement
 */
#ifndef VMTRACE_REPORT_STAT_CAVEATS_H
#define VMTRACE_REPORT_STAT_CAVEATS_H

#include <stddef.h>

#include "report/stat_sum.h"
#include "sources/reading.h"

#define STAT_CAVEATS 8

struct stat_caveats {
	char text[STAT_CAVEATS][2 * CAVEAT_MAX];
	size_t count;
};

void stat_find_caveats(struct stat_caveats *caveats, const struct stat_sum *sum,
		       const struct stat_subject *subject);

#endif /* VMTRACE_REPORT_STAT_CAVEATS_H */
