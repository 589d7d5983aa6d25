/* SPDX-License-Identifier: GPL-2.0 */
/*
 * disk_file.h - a file on a disk, its pages in the page cache, and mappings of it
 *
 * Numbers are negative if they cannot be read. None of these belongs between lab_begin() and
 * lab_end(): they allocate, and may take faults.
 */
#ifndef VMTRACE_LABS_LIB_DISK_FILE_H
#define VMTRACE_LABS_LIB_DISK_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "labs/lib/lab.h"

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

#endif /* VMTRACE_LABS_LIB_DISK_FILE_H */
