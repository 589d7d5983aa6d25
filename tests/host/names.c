// SPDX-License-Identifier: GPL-2.0
/*
 * names LIST: that list of format.h, "name\tmeaning" a line
 */
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "core/format_walk.h"
#include "core/record.h"

#define PROCESS(key, meaning)		 { "process", #key, meaning },
#define COLUMN(column, meaning)		 { "columns", #column, meaning },
#define CLASS(symbol, name, meaning)	 { "classes", name, meaning },
#define SUMMARY(key, meaning)		 { "summary", #key, meaning },
#define TOTAL(key, meaning)		 { "total", #key, meaning },
#define THREAD(column, meaning)		 { "thread", #column, meaning },
#define LATENCY(column, meaning)	 { "latency", #column, meaning },
#define SLOW(column, meaning)		 { "slow", #column, meaning },
#define MEMORY(key, meaning)		 { "memory", #key, meaning },
#define MAPPING(column, meaning)	 { "mapping", #column, meaning },
#define WALK(key, meaning)		 { "walk", #key, meaning },
#define LEVEL(column, meaning)		 { "level", #column, meaning },
#define FACT(symbol, name, meaning)	 { "fact", name, meaning },
#define PAGE(symbol, name, meaning)	 { "page", name, meaning },
#define PAGE_FLAG(symbol, name, meaning) { "page-flag", name, meaning },
#define KIND(symbol, name, meaning)	 { "kind", name, meaning },
#define FLAG(symbol, name, meaning)	 { "flag", name, meaning },
#define RECORD(type, key, meaning)	 { "record", #key, meaning },
#define ORIGIN(symbol, name, meaning)	 { "origin", name, meaning },
#define ENTRY(symbol, name, meaning)	 { "entry", name, meaning },
#define BIT(symbol, bit, name, meaning)	 { "bit", name, meaning },
#define FAILURE(key, meaning)		 { "failure", #key, meaning },

/* cppcheck-suppress-begin unusedStructMember */
static const struct {
	const char *list;
	const char *name;
	const char *meaning;
} names[] = {
	VMTRACE_PROCESS_NUMBERS(PROCESS) VMTRACE_CLASS_COLUMNS(COLUMN) VMTRACE_CLASSES(
		CLASS) VMTRACE_SUMMARY_NUMBERS(SUMMARY) VMTRACE_TOTAL_NUMBERS(TOTAL)
		VMTRACE_THREAD_COLUMNS(THREAD) VMTRACE_LATENCY_COLUMNS(
			LATENCY) VMTRACE_SLOW_COLUMNS(SLOW) VMTRACE_FAILURES_NUMBERS(FAILURE)
			VMTRACE_FAILURES_COLUMNS(FAILURE) VMTRACE_MAPS_NUMBERS(
				MEMORY) VMTRACE_MAPS_KINDS(MEMORY) VMTRACE_MAPS_KERNEL(MEMORY)
				VMTRACE_MAPS_COLUMNS(MAPPING) VMTRACE_WALK_LINES(
					WALK, WALK,
					WALK) VMTRACE_WALK_COLUMNS(LEVEL) VMTRACE_WALK_FACTS(FACT)
					VMTRACE_WALK_PAGES(PAGE) VMTRACE_WALK_PAGE_FLAGS(PAGE_FLAG)
						VMTRACE_WALK_KINDS(KIND) VMTRACE_WALK_FLAGS(
							FLAG) VMTRACE_RECORD_FIELDS(RECORD)
							VMTRACE_ORIGINS(ORIGIN)
								VMTRACE_ENTRY_KINDS(ENTRY)
									VMTRACE_ENTRY_BITS(BIT)
};
/* cppcheck-suppress-end unusedStructMember */

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(argv[1], names[i].list) == 0)
			printf("%s\t%s\n", names[i].name, names[i].meaning);
	return 0;
}
