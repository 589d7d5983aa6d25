/* SPDX-License-Identifier: GPL-2.0 */
/* counts.h - counts and times of faults, of a thread, a process or the system */
#ifndef VMTRACE_STATS_COUNTS_H
#define VMTRACE_STATS_COUNTS_H

#include <asm/barrier.h>
#include <linux/compiler.h>
#include <linux/types.h>

#include "core/format.h"
#include "core/histogram.h"
#include "core/record.h"

/**
 * struct vmtrace_class_counts - faults of one class
 * @faults: minor, major and failed ones
 * @major: major faults
 */
struct vmtrace_class_counts {
	u64 faults;
	u64 major;
};

/**
 * struct vmtrace_counts - what the hook counted; u64 throughout
 * @minor: faults that the kernel counts as minor
 * @major: faults that the kernel counts as major
 * @retried: attempts that ended in VM_FAULT_RETRY; the fault goes on in another attempt
 * @failed: faults that ended in VM_FAULT_ERROR; not in min_flt or maj_flt
 * @untimed: faults that are counted above and in no struct vmtrace_times
 * @origin: faults by enum vmtrace_origin; their sum is @minor + @major + @failed
 * @class: faults by enum vmtrace_class; the same sum
 * @first_touch_faults: faults that mapped a page where the page table had no entry, not in another
 *	process's memory
 * @first_touch_pages: pages mapped by these faults
 */
struct vmtrace_counts {
	u64 minor;
	u64 major;
	u64 retried;
	u64 failed;
	u64 untimed;
	u64 origin[VMTRACE_ORIGIN_COUNT];
	struct vmtrace_class_counts class[VMTRACE_CLASS_COUNT];
	u64 first_touch_faults;
	u64 first_touch_pages;
};

/**
 * struct vmtrace_sample - time, pages and tables of one fault
 * @took: ns from its first attempt's entry to its last one's return
 * @asleep: the part of @took in which the thread was off the CPU, ns
 * @pages: pages that it mapped; fault/pages_mapped.h
 * @tables: page tables that it allocated
 */
struct vmtrace_sample {
	u64 took;
	u64 asleep;
	unsigned int pages;
	unsigned int tables;
};

/**
 * struct vmtrace_times - time, pages and tables of the faults of one class
 * @total: ns
 * @extra_pages: pages that they mapped, minus the number of faults in @hist, modulo 2^64. A fault
 *	that maps one page does not change it
 * @slow_threshold: of a thread: ticks of vmtrace_clock(), less than VMTRACE_CLOCK_SHORT; a fault on
 *	the fast path that took fewer is neither the longest here nor one of the slowest of its
 *	process
 * @max: ns, of the longest fault
 * @asleep: the part of @total in which the thread was off the CPU
 * @tables: page tables that they allocated
 * @hist: faults by vmtrace_histogram_bucket()
 */
struct vmtrace_times {
	u64 total;
	u64 extra_pages;
	u64 slow_threshold;
	u64 max;
	u64 asleep;
	u64 tables;
	u64 hist[VMTRACE_HIST_BUCKETS];
};

/**
 * struct vmtrace_kernel_counts - the kernel's own count, task_struct's min_flt and maj_flt
 * @minor: min_flt, or a sum of them
 * @major: maj_flt, or a sum of them
 */
struct vmtrace_kernel_counts {
	u64 minor;
	u64 major;
};

/**
 * struct vmtrace_sum - the sum over some tasks
 * @counts: what the hook counted
 * @kernel: what the kernel counted since the tasks are tracked
 * @dropped: faults that the kernel counted and the module had no room for
 * @threads_seen: tasks that took a fault
 * @in_flight: tasks inside handle_mm_fault
 */
struct vmtrace_sum {
	struct vmtrace_counts counts;
	struct vmtrace_kernel_counts kernel;
	u64 dropped;
	u64 threads_seen;
	u64 in_flight;
};

/* Faults that the kernel counted and the hook never saw. */
static inline s64 vmtrace_unobserved(const struct vmtrace_sum *s)
{
	return s->kernel.minor + s->kernel.major - s->counts.minor - s->counts.major - s->dropped;
}

/*
 * Add to a number that only current writes. An aligned u64 is stored by one instruction, so readers
 * see the old or the new value. WRITE_ONCE() would make the addition three instructions, not one.
 */
static __always_inline void vmtrace_add(u64 *count, u64 more)
{
	*count += more;
}

/* Add the members of a struct that has no others than u64. */
static inline void vmtrace_add_members(void *sum, const void *more, size_t bytes)
{
	const u64 *from = more;
	u64 *to = sum;
	size_t i;

	for (i = 0; i < bytes / sizeof(u64); i++)
		to[i] += from[i];
}

static inline void vmtrace_counts_add(struct vmtrace_counts *sum, const struct vmtrace_counts *c)
{
	vmtrace_add_members(sum, c, sizeof(*c));
}

static inline void vmtrace_sum_add(struct vmtrace_sum *sum, const struct vmtrace_sum *s)
{
	vmtrace_add_members(sum, s, sizeof(*s));
}

/* Add a fault to the times of its class, except to the maximum, @asleep and @tables. */
static __always_inline void vmtrace_times_add_fault(struct vmtrace_times *times, u64 took,
						    unsigned int pages, u64 bucket)
{
	vmtrace_add(&times->total, took);
	smp_wmb(); /* pairs with vmtrace_times_add() */
	if (pages != 1)
		vmtrace_add(&times->extra_pages, (u64)pages - 1);
	vmtrace_add(&times->hist[bucket], 1);
}

/* Number of pages that the faults mapped. */
static inline u64 vmtrace_times_pages(const struct vmtrace_times *t)
{
	u64 pages = t->extra_pages;
	unsigned int i;

	for (i = 0; i < VMTRACE_HIST_BUCKETS; i++)
		pages += t->hist[i];
	return pages;
}

/*
 * Add @t to @sum. The owner of @t may write it meanwhile: each number is valid by itself, and
 * @total includes all faults that are in @hist and @asleep:
 *
 *   CPU0, vmtrace_times_add_fault()   CPU1, vmtrace_times_add()
 *   add to total                      read hist, asleep
 *   smp_wmb()                         smp_rmb()
 *   add to hist, asleep               read total
 */
static inline void vmtrace_times_add(struct vmtrace_times *sum, const struct vmtrace_times *t)
{
	u64 max = READ_ONCE(t->max);
	unsigned int i;

	for (i = 0; i < VMTRACE_HIST_BUCKETS; i++)
		sum->hist[i] += READ_ONCE(t->hist[i]);
	sum->extra_pages += READ_ONCE(t->extra_pages);
	sum->tables += READ_ONCE(t->tables);
	sum->asleep += READ_ONCE(t->asleep);
	if (sum->max < max)
		sum->max = max;
	smp_rmb(); /* pairs with vmtrace_times_add_fault() */
	sum->total += READ_ONCE(t->total);
}

#endif /* VMTRACE_STATS_COUNTS_H */
