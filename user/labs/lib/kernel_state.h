/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel_state.h - the kernel's statistics of memory, and its settings
 *
 * Numbers are negative if they cannot be read. Do not call these functions between lab_begin() and
 * lab_end(): they allocate, and may take faults.
 */
#ifndef VMTRACE_LABS_LIB_KERNEL_STATE_H
#define VMTRACE_LABS_LIB_KERNEL_STATE_H

#include <stdbool.h>

/*
 * A field like "Rss" of the mapping that contains an address of process pid (0: this one), from
 * /proc/PID/smaps, in bytes.
 */
long long memory_of_mapping(int pid, const void *address, const char *key);

/* A field like "VmPTE" of /proc/self/status, in bytes. */
long long memory_of_process(const char *key);

/* A field like "MemAvailable" of /proc/meminfo, in bytes. */
long long memory_of_machine(const char *key);

/* The first number in a file. */
long long memory_setting(const char *path);

/* Write text to a file of the kernel. Returns false on failure. */
bool memory_set(const char *path, const char *text);

/* A counter like "swap_ra" of /proc/vmstat, since boot; 0 if there is none. */
long long memory_events(const char *key);

/*
 * The number of pages that the kernel has migrated, or failed to migrate, since boot (mostly by
 * compaction).
 */
long long memory_moved(void);

/* Is the release of this kernel (uname -r) at least major.minor? */
bool memory_kernel_is(int major, int minor);

/* Pin this thread to its current CPU. Returns false on failure. */
bool memory_stay_on_cpu(void);

#endif /* VMTRACE_LABS_LIB_KERNEL_STATE_H */
