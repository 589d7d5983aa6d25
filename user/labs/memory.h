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
#include "walk_source.h"

/* May this process look at page-table entries (debugfs, as root)? */
bool memory_entries_visible(void);

/* The walk of an address of process pid (0: this one), until the next call; NULL likewise. */
const struct walk_stats *memory_walk(int pid, const void *address);

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

/* Likewise the first write by an entry that may be written, but says "not written yet". */
bool memory_dirty_faults(struct lab *lab);

/* Keep this thread on the CPU where it is. */
bool memory_stay_on_cpu(void);

/*
 * A line like "Rss" of the mapping of process pid (0: this one) that begins at address, or
 * contains it, from /proc/PID/smaps, in bytes.
 */
long long memory_of_mapping(int pid, const void *address, const char *key);

/* A line like "VmPTE" of /proc/self/status, in bytes. */
long long memory_of_process(const char *key);

/* A line like "MemAvailable" of /proc/meminfo, in bytes. */
long long memory_of_machine(const char *key);

/* The first number in a file. */
long long memory_setting(const char *path);

/* Write to a file of the kernel's; false if it does not take that. */
bool memory_set(const char *path, const char *text);

/* A line like "swap_ra" of /proc/vmstat: what all CPUs have counted since boot; 0 without it. */
long long memory_events(const char *key);

/* Pages that the kernel has moved in memory, or tried to, since it booted (compaction, mostly). */
long long memory_moved(void);

/* Is this kernel's release, as uname -r says, at least this? */
bool memory_kernel_is(int major, int minor);

/*
 * How many faults it takes to read a mapping of so many pages from its beginning to its end,
 * if all of them are in the page cache, in folios of one page, and none is mapped: a fault
 * maps its neighbours, too (do_fault_around(), mm/memory.c).
 */
size_t memory_windows(const void *block, size_t pages);

/*
 * A new file of so many pages, all in the page cache, in folios of one page, and on disk. The
 * first byte of each is 0. It has no name any more, so nothing of it stays. Its descriptor, or
 * -1 after lab_skip(): there is no disk.
 */
int memory_disk_file(struct lab *lab, size_t pages);

/* Map it; NULL if that fails. */
char *memory_map_file(struct lab *lab, int fd, size_t pages, int protection, int flags);

/* How much the kernel reads around a fault on this file, in bytes; -1 if that is not known. */
long long memory_read_around(int fd);

/* How many of the pages at file, a mapping, are in the page cache; -1 if that is not known. */
long long memory_cached(const void *file, size_t pages);

/*
 * A page that was read can be seen just before the interrupt that brought it unlocks it, and a
 * fault on a locked page has to wait. That interrupt is over after a grace period of RCU, which
 * is what this waits for.
 */
void memory_await_unlocked(void);

/* As memory_cached(), once all are, or it takes too long: read-ahead outlasts the fault. */
long long memory_await_cached(const void *file, size_t pages);

/* Take a file, whose pages nobody has mapped, out of the page cache. file: as above. */
bool memory_drop_file(int fd, const void *file, size_t pages);

/*
 * Read a byte, or write it back, and survive that. In words: "no signal", or for example
 * "SIGSEGV (SEGV_ACCERR)". Unlike the others it may be measured.
 */
const char *memory_try_read(char *address);
const char *memory_try_write(char *address);

#endif /* VMTRACE_MEMORY_H */
