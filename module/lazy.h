/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lazy.h - the lazy ledger: what a process asked for, and what it has of it
 *
 * Linux gives a process addresses when it asks and pages when it touches them.
 * How far apart the two are is in no counter: it is looked up in the page tables,
 * when somebody wants to know.
 */
#ifndef VMTRACE_LAZY_H
#define VMTRACE_LAZY_H

#include <linux/types.h>
#include <linux/xarray.h>

#include "format.h"

struct vmtrace_process;

#define VMTRACE_LAZY_NUMBER(key, meaning) unsigned long key;

/* Meanings are in format.h. */
struct vmtrace_pages {
	VMTRACE_MAPS_KINDS(VMTRACE_LAZY_NUMBER)
};

/* The kernel's own counters, likewise. */
struct vmtrace_mm_counters {
	VMTRACE_MAPS_KERNEL(VMTRACE_LAZY_NUMBER)
};

/* Likewise, of growth.h. */
struct vmtrace_growth_counters {
	VMTRACE_MAPS_GROWTH(VMTRACE_LAZY_NUMBER)
};

#undef VMTRACE_LAZY_NUMBER

/**
 * struct vmtrace_mapping - one mapping, or the part of it that was met
 * @start: first address
 * @end: first address after it
 * @flags: VM_*
 * @offset: of @start in the file, in bytes
 * @pages: what it holds
 * @first_touch: how often it was touched first; with the next two: format.h
 * @age_ns: since its newest growth
 * @delay_ns: from then to the first touch of that
 * @name: to be escaped
 */
struct vmtrace_mapping {
	unsigned long start;
	unsigned long end;
	unsigned long flags;
	u64 offset;
	struct vmtrace_pages pages;
	u64 first_touch;
	s64 age_ns;
	s64 delay_ns;
	char name[];
};

/**
 * struct vmtrace_ledger - one process
 * @mappings: struct vmtrace_mapping by number, from 0, in order of addresses
 * @count: how many
 * @total: the sum of their pages
 * @kernel: what the kernel counts, taken at the end, as is
 * @growth: what growth.h counts
 */
struct vmtrace_ledger {
	struct xarray mappings;
	unsigned long count;
	struct vmtrace_pages total;
	struct vmtrace_mm_counters kernel;
	struct vmtrace_growth_counters growth;
};

/**
 * vmtrace_ledger_take() - walk through the memory of a process
 * @l: filled in; to be freed, also after an error
 * @p: a referenced process
 *
 * Each page is seen as it was at one moment, all of them at one only if the process
 * does not run meanwhile. Lets go of the mmap lock as soon as somebody wants it.
 *
 * Context: sleeps, for long if the process has much memory; a fatal signal ends it.
 * Return: 0, -ESRCH (it has exited or is about to, or never had memory), -EINTR,
 *	-ENOMEM.
 */
int vmtrace_ledger_take(struct vmtrace_ledger *l, struct vmtrace_process *p);

void vmtrace_ledger_free(struct vmtrace_ledger *l);

#endif /* VMTRACE_LAZY_H */
