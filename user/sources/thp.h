/* SPDX-License-Identifier: GPL-2.0 */
/*
 * thp.h - when this machine uses transparent huge pages, and of which sizes
 */
#ifndef VMTRACE_SOURCES_THP_H
#define VMTRACE_SOURCES_THP_H

#include <stddef.h>

#define THP_DIR "/sys/kernel/mm/transparent_hugepage"

/* What "enabled" says, of all sizes or of one. */
enum thp_mode {
	THP_NEVER,   /* or not known */
	THP_ADVISED, /* for memory with MADV_HUGEPAGE */
	THP_ALWAYS,
	THP_INHERIT, /* a size that does as is said of all sizes */
};

/* The mode of all sizes. dir is THP_DIR, below root_prefix(). */
enum thp_mode thp_enabled(const char *dir);

/*
 * The orders (bit n: 1 << n pages) that a fault in memory with MADV_HUGEPAGE may bring, 0 if huge
 * pages are off or unknown to this kernel. dir: as above.
 */
unsigned long thp_orders(const char *dir, size_t page_size);

#endif /* VMTRACE_SOURCES_THP_H */
