// SPDX-License-Identifier: GPL-2.0
/*
 * names process|columns|classes|summary: that list of format.h, "name\tmeaning" a line
 */
#include <stdio.h>
#include <string.h>

#include "format.h"

#define PRINT(key, meaning)		   puts(#key "\t" meaning);
#define PRINT_CLASS(symbol, name, meaning) puts(name "\t" meaning);

int main(int argc, char **argv)
{
	const char *list = argc == 2 ? argv[1] : "";

	if (strcmp(list, "process") == 0) {
		VMTRACE_PROCESS_NUMBERS(PRINT)
	} else if (strcmp(list, "columns") == 0) {
		VMTRACE_CLASS_COLUMNS(PRINT)
	} else if (strcmp(list, "classes") == 0) {
		VMTRACE_CLASSES(PRINT_CLASS)
	} else if (strcmp(list, "summary") == 0) {
		VMTRACE_SUMMARY_NUMBERS(PRINT)
	} else {
		return 2;
	}
	return 0;
}
