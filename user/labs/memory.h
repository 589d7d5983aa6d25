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

/* A fact: the frame of the page at an address of process pid (0: this one), is it this one? */
void memory_frame_is(struct lab *lab, const char *name, int pid, const void *address,
		     unsigned long long frame, bool predicted);

/*
 * Does the first access by an entry that says "not used yet" take a fault, as on arm64 without
 * hardware that notes it (FEAT_HAFDBS)?
 */
bool memory_access_faults(struct lab *lab);

/* Keep this thread on the CPU where it is. */
bool memory_stay_on_cpu(void);

/*
 * A line like "Rss" of the mapping of process pid (0: this one) that begins at address, or
 * contains it, from /proc/PID/smaps, in bytes.
 */
long long memory_of_mapping(int pid, const void *address, const char *key);

/* A line like "VmPTE" of /proc/self/status, in bytes. */
long long memory_of_process(const char *key);

/* The first number in a file. */
long long memory_setting(const char *path);

/* Is this kernel's release, as uname -r says, at least this? */
bool memory_kernel_is(int major, int minor);

#endif /* VMTRACE_MEMORY_H */
