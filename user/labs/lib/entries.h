/* SPDX-License-Identifier: GPL-2.0 */
/*
 * entries.h - page-table entries, for the labs
 *
 * Do not call these functions between lab_begin() and lab_end(): they allocate, and may take
 * faults.
 */
#ifndef VMTRACE_LABS_LIB_ENTRIES_H
#define VMTRACE_LABS_LIB_ENTRIES_H

#include <stdbool.h>

#include "labs/lib/lab.h"
#include "sources/walk_stats.h"

/* May this process read page-table entries (debugfs, as root)? */
bool memory_entries_visible(void);

/*
 * Walk to an address of process pid (0: this one). The result is valid until the next call; NULL if
 * entries are not visible.
 */
const struct walk_stats *memory_walk(int pid, const void *address);

/*
 * Add a fact: the page-table entry of an address of process pid (0: this one), in words:
 *
 *	none                    nothing was ever there, or it was given back
 *	zero page, read-only    the zero page, which all share
 *	page, writable          or "page, read-only"; "huge page" instead of "page"
 *	swap                    the page is in swap
 *
 * and other kinds as in "vmtrace walk". If entries are not visible, a note says so.
 */
void memory_entry(struct lab *lab, const char *name, int pid, const void *address,
		  const char *predicted);

/* The frame of the page at an address, 0 if there is none or it is not visible. */
unsigned long long memory_frame(int pid, const void *address);

/* Add a fact: is frame the frame of the page at an address of process pid (0: this one)? */
void memory_frame_is(struct lab *lab, const char *name, int pid, const void *address,
		     unsigned long long frame, bool predicted);

/*
 * Does an access through an entry without the accessed bit take a fault, as on arm64 without
 * FEAT_HAFDBS?
 */
bool memory_access_faults(struct lab *lab);

/* Does a write through a writable entry without the dirty bit take a fault? */
bool memory_dirty_faults(struct lab *lab);

#endif /* VMTRACE_LABS_LIB_ENTRIES_H */
