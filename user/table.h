/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h - a table of classes that fits the terminal
 */
#ifndef VMTRACE_TABLE_H
#define VMTRACE_TABLE_H

#include "source.h"

#define TABLE_CELL 64

/* Those of the source but the number of page tables, and the share of the time. */
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

/* The first line has the names of the columns, the first column those of the lines. */
struct table {
	char cell[SOURCE_CLASSES + 1][TABLE_COLUMNS][TABLE_CELL];
	size_t lines;
	int columns;
};

/* If it is too wide, its right part comes below the left one, with the first column again. */
void table_print(const struct table *table);

/* A part of a whole, in at most five columns. */
const char *format_share(char text[TABLE_CELL], double part, double whole);

#endif /* VMTRACE_TABLE_H */
