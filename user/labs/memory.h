/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory.h - what memory and its page tables look like, for the labs
 *
 * Numbers of the kernel are negative if they cannot be read. None of these belongs between
 * lab_begin() and lab_end(): they allocate, and may take faults.
 */
#ifndef VMTRACE_MEMORY_H
#define VMTRACE_MEMORY_H

#include "harness.h"

/* May this process look at page-table entries (debugfs, as root)? */
bool memory_entries_visible(void);

/*
 * A fact: the page-table entry of an address of process pid (0: this one), in words:
 *
 *	none                    nothing was ever there, or it was given back
 *	zero page, read-only    the zero page, which all share
 *	page, writable          likewise "read-only", and "huge page"
 *	swap                    the page is in swap
 *
 * and other kinds as in "vmtrace walk". A note, without verdict, if entries are not visible.
 */
void memory_entry(struct lab *lab, const char *name, int pid, const void *address,
		  const char *predicted);

/* The frame of the page at an address, 0 if there is none or it is not visible. */
unsigned long long memory_frame(int pid, const void *address);

/*
 * A line like "Rss" of the mapping of process pid (0: this one) that begins at address, or
 * contains it, from /proc/PID/smaps, in bytes.
 */
long long memory_of_mapping(int pid, const void *address, const char *key);

/* A line like "VmPTE" of /proc/self/status, in bytes. */
long long memory_of_process(const char *key);

/* The first number in a file. */
long long memory_setting(const char *path);

/* Write to a file of the kernel's; false if it does not take that. */
bool memory_set(const char *path, const char *text);

/* Does the CPU note by itself that a page is written to, without a fault? */
bool memory_dirty_by_cpu(const void *address);

/* Is this kernel's release, as uname -r says, at least this? */
bool memory_kernel_is(int major, int minor);

#endif /* VMTRACE_MEMORY_H */
