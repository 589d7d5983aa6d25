/* SPDX-License-Identifier: GPL-2.0 */
/*
 * residency.h - how much of each mapping is present, zero, swapped or not present
 *
 * mmap() reserves addresses, and the first touch allocates a page. The kernel counts pages by
 * process, not by mapping, so the page tables are walked when the file is read.
 */
#ifndef VMTRACE_MM_RESIDENCY_H
#define VMTRACE_MM_RESIDENCY_H

#include <linux/types.h>

#include "core/format.h"

struct mm_struct;
struct pid;

#define VMTRACE_RESIDENCY_NUMBER(key, meaning) unsigned long key;

/* Meanings are in format.h. */
struct vmtrace_pages {
	VMTRACE_MAPS_KINDS(VMTRACE_RESIDENCY_NUMBER)
};

/* The kernel's own counters. */
struct vmtrace_mm_counters {
	VMTRACE_MAPS_KERNEL(VMTRACE_RESIDENCY_NUMBER)
};

#undef VMTRACE_RESIDENCY_NUMBER

/**
 * struct vmtrace_mapping - one mapping, or the part of it that the walk found
 * @start: first address
 * @end: first address after it
 * @flags: VM_*
 * @offset: of @start in the file, in bytes
 * @name: vmtrace_vma_name(), not escaped
 * @pages: its pages by state
 */
struct vmtrace_mapping {
	unsigned long start;
	unsigned long end;
	unsigned long flags;
	u64 offset;
	const char *name;
	struct vmtrace_pages pages;
};

/**
 * vmtrace_residency_read() - walk the page tables of a process
 * @mm: its memory, referenced
 * @visit: called for each mapping, in order of addresses; may not sleep. False ends the walk
 * @data: its argument
 *
 * Each entry is read once, so the result is a snapshot only if the process does not run meanwhile.
 * The mmap lock is released when another task waits for it.
 *
 * Context: sleeps, for long if the process has much memory; a fatal signal ends it.
 * Return: 0; -EAGAIN: only the caller uses @mm any more, since the process has exited or called
 *	execve(); -EINTR; -ENOMEM.
 */
int vmtrace_residency_read(struct mm_struct *mm,
			   bool (*visit)(const struct vmtrace_mapping *m, void *data), void *data);

/**
 * vmtrace_mm_counters_read() - read the kernel's counters of an mm
 * @mm: referenced
 * @pid: of its thread group, whose threads cache parts of the counters up to 6.1
 * @k: filled in
 *
 * Exact, unlike get_mm_counter(): includes what threads or CPUs have not added yet.
 *
 * Context: any but hard interrupt. Takes time linear in the number of CPUs, or up to 6.1 of
 *	threads.
 */
void vmtrace_mm_counters_read(struct mm_struct *mm, struct pid *pid, struct vmtrace_mm_counters *k);

#endif /* VMTRACE_MM_RESIDENCY_H */
