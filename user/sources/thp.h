/* SPDX-License-Identifier: GPL-2.0 */
/*
 * thp.h - the settings of transparent huge pages
 */
#ifndef VMTRACE_SOURCES_THP_H
#define VMTRACE_SOURCES_THP_H

#include <stddef.h>

#define THP_DIR "/sys/kernel/mm/transparent_hugepage"

/* A value of "enabled", the global one or that of a size. */
enum thp_mode {
	THP_NEVER,   /* or not known */
	THP_ADVISED, /* for memory with MADV_HUGEPAGE */
	THP_ALWAYS,
	THP_INHERIT, /* of a size: use the global mode */
};

/* The global mode. dir is THP_DIR, below root_prefix(). */
enum thp_mode thp_enabled(const char *dir);

/*
 * The orders (bit n: 1 << n pages) that a fault in memory with MADV_HUGEPAGE may map, 0 if huge
 * pages are off or unknown to this kernel. dir is THP_DIR, below root_prefix().
 */
unsigned long thp_orders(const char *dir, size_t page_size);

#endif /* VMTRACE_SOURCES_THP_H */
