// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include "core/format_walk.h"
#include "sources/walk_stats.h"

#define WORD(symbol, name, meaning) name,
#define LEVEL(name)		    #name,

const char *const walk_levels[] = { VMTRACE_WALK_LEVELS(LEVEL) };
const char *const walk_kinds[] = { VMTRACE_WALK_KINDS(WORD) };
const char *const walk_flags[] = { VMTRACE_WALK_FLAGS(WORD) };
const char *const walk_facts[] = { VMTRACE_WALK_FACTS(WORD) };
const char *const walk_page_flags[] = { VMTRACE_WALK_PAGE_FLAGS(WORD) };

const struct walk_level *walk_end(const struct walk_stats *walk)
{
	for (size_t i = 0; i < WALK_LEVELS; i++)
		if (walk->level[i].kind != VMTRACE_WALK_KIND_ABSENT &&
		    walk->level[i].kind != VMTRACE_WALK_KIND_FOLDED)
			return &walk->level[i];
	return NULL;
}
