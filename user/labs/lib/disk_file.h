/* SPDX-License-Identifier: GPL-2.0 */
/*
 * disk_file.h - a file on a disk, its pages in the page cache, and mappings of it
 *
 * Numbers are negative if they cannot be read. Do not call these functions between lab_begin() and
 * lab_end(): they allocate, and may take faults.
 */
#ifndef VMTRACE_LABS_LIB_DISK_FILE_H
#define VMTRACE_LABS_LIB_DISK_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "labs/lib/lab.h"

/*
 * The number of faults of a read of so many pages of a mapping, from the first to the last, if all
 * are in the page cache, in folios of one page, and none is mapped. A fault maps neighbours, too
 * (do_fault_around(), mm/memory.c).
 */
size_t memory_windows(const void *block, size_t pages);

/*
 * Make a file of so many pages, which are on disk and in the page cache, in folios of one page. The
 * first byte of each is 0. The file is unlinked, so it goes with its descriptor, which is returned;
 * -1 after lab_skip() if there is no disk.
 */
int memory_disk_file(struct lab *lab, size_t pages);

/* Map a file. Returns NULL on failure. */
char *memory_map_file(struct lab *lab, int fd, size_t pages, int protection, int flags);

/* The number of bytes that the kernel reads around a fault on this file; -1 if it is not known. */
long long memory_read_around(int fd);

/* The number of pages of the mapping at file that are in the page cache; -1 if it is not known. */
long long memory_cached(const void *file, size_t pages);

/*
 * Wait for an RCU grace period. The interrupt that completes a read makes the page visible just
 * before it unlocks it, and a fault on a locked page waits. That interrupt is over after the grace
 * period.
 */
void memory_await_unlocked(void);

/*
 * Like memory_cached(), after waiting until all pages are cached, up to a deadline: read-ahead goes
 * on after the fault.
 */
long long memory_await_cached(const void *file, size_t pages);

/*
 * Drop a file from the page cache. file is a mapping of it; no page of the file may be in a page
 * table. Returns false on failure.
 */
bool memory_drop_file(int fd, const void *file, size_t pages);

#endif /* VMTRACE_LABS_LIB_DISK_FILE_H */
