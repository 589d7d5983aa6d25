/* SPDX-License-Identifier: GPL-2.0 */
/*
 * entries.h - page-table entries, for the labs
 *
 * None of these belongs between lab_begin() and lab_end(): they allocate, and may take faults.
 */
#ifndef VMTRACE_LABS_LIB_ENTRIES_H
#define VMTRACE_LABS_LIB_ENTRIES_H

#include <stdbool.h>

#include "labs/lib/lab.h"
#include "sources/walk_stats.h"

/* May this process look at page-table entries (debugfs, as root)? */
bool memory_entries_visible(void);

/*
 * The walk of an address of process pid (0: this one), valid until the next call; NULL if entries
 * are not visible.
 */
const struct walk_stats *memory_walk(int pid, const void *address);

/*
 * A fact: the page-table entry of an address of process pid (0: this one), in words:
 *
 *	none                    nothing was ever there, or it was given back
 *	zero page, read-only    the zero page, which all share
 *	page, writable          or "page, read-only"; "huge page" instead of "page"
 *	swap                    the page is in swap
 *
 * and other kinds as in "vmtrace walk". A note, without verdict, if entries are not visible.
 */
void memory_entry(struct lab *lab, const char *name, int pid, const void *address,
		  const char *predicted);

/* The frame of the page at an address, 0 if there is none or it is not visible. */
unsigned long long memory_frame(int pid, const void *address);

/* A fact: the frame of the page at an address of process pid (0: this one), is it this one? */
void memory_frame_is(struct lab *lab, const char *name, int pid, const void *address,
		     unsigned long long frame, bool predicted);

/*
 * Does the first access by an entry that says "not used yet" take a fault, as on arm64 without
 * hardware that notes it (FEAT_HAFDBS)?
 */
bool memory_access_faults(struct lab *lab);

/* Does the first write by an entry that may be written, but says "not written yet", take a fault?
 */
bool memory_dirty_faults(struct lab *lab);

#endif /* VMTRACE_LABS_LIB_ENTRIES_H */
