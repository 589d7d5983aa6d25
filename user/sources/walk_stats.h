/* SPDX-License-Identifier: GPL-2.0 */
/*
 * walk_stats.h - the page-table walk of one address
 */
#ifndef VMTRACE_SOURCES_WALK_STATS_H
#define VMTRACE_SOURCES_WALK_STATS_H

#include "core/format_walk.h"

#define WALK_TEXT_MAX 4096
#define WALK_LEVELS   5

/* One level. Sets are bits of the enums in format_walk.h. */
struct walk_level {
	int index; /* -1: there is no table */
	unsigned long long entry;
	enum vmtrace_walk_kind kind;
	unsigned int flags;
	long long pfn;
};

#define WALK_NUMBER(key, meaning) long long key;
#define WALK_HEX(key, meaning)	  unsigned long long key;
#define WALK_TEXT(key, meaning)	  char key[WALK_TEXT_MAX];

/* The lines of the file, some of their words as sets and enums, and the table, pte first. */
struct walk_stats {
	VMTRACE_WALK_LINES(WALK_NUMBER, WALK_HEX, WALK_TEXT)
	unsigned int fact_set;
	unsigned int page_flag_set;
	enum vmtrace_walk_page page_kind;
	struct walk_level level[WALK_LEVELS];
};

#undef WALK_NUMBER
#undef WALK_HEX
#undef WALK_TEXT

extern const char *const walk_levels[WALK_LEVELS];
extern const char *const walk_kinds[VMTRACE_WALK_KIND_COUNT];
extern const char *const walk_flags[VMTRACE_WALK_FLAG_COUNT];
extern const char *const walk_facts[VMTRACE_WALK_FACT_COUNT];
extern const char *const walk_page_flags[VMTRACE_WALK_PAGE_FLAG_COUNT];

/* The level where the walk ended: never absent or folded. */
const struct walk_level *walk_end(const struct walk_stats *walk);

#endif /* VMTRACE_SOURCES_WALK_STATS_H */
