/* SPDX-License-Identifier: GPL-2.0 */
/*
 * walk.h - print the page tables of an address, and what the next access would do
 */
#ifndef VMTRACE_REPORT_WALK_H
#define VMTRACE_REPORT_WALK_H

#include "report/predict.h"
#include "sources/walk_stats.h"

/* Print them for people. */
void walk_print(const struct walk_stats *walk, const struct predictions *read,
		const struct predictions *write);

/* Print JSON to stdout. Returns an exit code. */
int walk_json(const struct walk_stats *walk, const struct predictions *read,
	      const struct predictions *write);

#endif /* VMTRACE_REPORT_WALK_H */
