/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h - a table of classes that fits the terminal
 */
#ifndef VMTRACE_REPORT_TABLE_H
#define VMTRACE_REPORT_TABLE_H

#include "sources/stats.h"

#define TABLE_CELL 64

/* The columns of the source without the number of page tables, and the share of the total time. */
enum table_column {
	CLASS,
	FAULTS,
	MAJOR,
	PAGES,
	TOTAL,
	SHARE,
	ASLEEP,
	P50,
	P90,
	P99,
	MAX,
	TABLE_COLUMNS
};

/* The first line has the names of the columns, the first column the names of the lines. */
struct table {
	char cell[SOURCE_CLASSES + 1][TABLE_COLUMNS][TABLE_CELL];
	size_t lines;
	int columns;
};

/* Start a table: all columns with their names, no lines of classes yet. */
void table_start(struct table *table);

/* Print a table. If it is too wide, the right part follows below, with the first column again. */
void table_print(const struct table *table);

#endif /* VMTRACE_REPORT_TABLE_H */
