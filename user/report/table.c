// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "lib/output.h"
#include "lib/text.h"
#include "report/table.h"

void table_start(struct table *table)
{
	static const char *const names[TABLE_COLUMNS] = { "class", "faults", "major",  "pages",
							  "total", "share",  "asleep", "p50",
							  "p90",   "p99",    "max" };

	table->columns = TABLE_COLUMNS;
	table->lines = 1;
	for (int i = 0; i < TABLE_COLUMNS; i++)
		strcpy(table->cell[0][i], names[i]);
}

static int column_width(const struct table *table, int column)
{
	int width = 0;

	for (size_t line = 0; line < table->lines; line++)
		if (text_width(table->cell[line][column]) > width)
			width = text_width(table->cell[line][column]);
	return width;
}

static void print_columns(const struct table *table, const int *width, int from, int to, int gap)
{
	for (size_t line = 0; line < table->lines; line++) {
		printf("%-*s", width[0], table->cell[line][0]);
		for (int i = from; i < to; i++) {
			const char *cell = table->cell[line][i];

			printf("%*s%s", gap + width[i] - text_width(cell), "", cell);
		}
		putchar('\n');
	}
}

void table_print(const struct table *table)
{
	int width[TABLE_COLUMNS] = { 0 }, wide = 2 * (table->columns - 1);
	int gap, from = 1, to;

	for (int i = 0; i < table->columns; i++) {
		width[i] = column_width(table, i);
		wide += width[i];
	}
	gap = wide > output_width() ? 1 : 2;
	while (from < table->columns) {
		int column = width[0];

		for (to = from; to < table->columns; to++) {
			column += gap + width[to];
			if (column > output_width() && to > from)
				break;
		}
		print_columns(table, width, from, to, gap);
		putchar('\n');
		from = to;
	}
}
