/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel_state.h - what the kernel says of memory, and its settings
 *
 * Numbers are negative if they cannot be read. None of these belongs between lab_begin() and
 * lab_end(): they allocate, and may take faults.
 */
#ifndef VMTRACE_LABS_LIB_KERNEL_STATE_H
#define VMTRACE_LABS_LIB_KERNEL_STATE_H

#include <stdbool.h>

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

/* Keep this thread on the CPU where it is. */
bool memory_stay_on_cpu(void);

#endif /* VMTRACE_LABS_LIB_KERNEL_STATE_H */
