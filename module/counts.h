/* SPDX-License-Identifier: GPL-2.0 */
/* counts.h - what is counted of faults, for a thread, a process or the system */
#ifndef VMTRACE_COUNTS_H
#define VMTRACE_COUNTS_H

#include <asm/barrier.h>
#include <linux/compiler.h>
#include <linux/types.h>

#include "format.h"
#include "hist.h"
#include "record.h"

/**
 * struct vmtrace_class_counts - faults of one class
 * @faults: all
 * @major: those that the kernel counts as major
 */
struct vmtrace_class_counts {
	u64 faults;
	u64 major;
};

/**
 * struct vmtrace_counts - what the hook saw; u64 throughout
 * @minor: faults that the kernel counts as minor
 * @major: faults that the kernel counts as major
 * @retried: attempts that ended in VM_FAULT_RETRY; the fault goes on in a later one
 * @failed: faults that ended in VM_FAULT_ERROR; the kernel counts them nowhere
 * @untimed: those above whose time is not in a struct vmtrace_times
 * @origin: faults by enum vmtrace_origin; their sum is @minor + @major + @failed
 * @class: faults by enum vmtrace_class; the same sum
 */
struct vmtrace_counts {
	u64 minor;
	u64 major;
	u64 retried;
	u64 failed;
	u64 untimed;
	u64 origin[VMTRACE_ORIGIN_COUNT];
	struct vmtrace_class_counts class[VMTRACE_CLASS_COUNT];
};

/**
 * struct vmtrace_measure - what a fault took, and what it gave
 * @took: ns from its first attempt's entry to its last one's return
 * @asleep: the part of it in which the thread was not on a CPU
 * @pages: how many pages came to be mapped: mapped.h
 * @tables: how many page tables came to be
 */
struct vmtrace_measure {
	u64 took;
	u64 asleep;
	unsigned int pages;
	unsigned int tables;
};

/**
 * struct vmtrace_times - what the faults of one class took, and what they gave
 * @total: ns, all together
 * @excess: how many more pages came to be mapped than there are faults in @hist,
 *	modulo 2^64
 * @notable: of a thread: a common fault that took fewer ticks of vmtrace_clock(), which are
 *	short, is neither the longest nor one of the slowest of its process
 * @max: ns, the longest since @generation began
 * @generation: vmtrace_generation when @max was written: of another one, it is void
 * @asleep: the part of @total in which the thread was not on a CPU
 * @tables: how many page tables came to be
 * @hist: faults by vmtrace_hist_bucket()
 */
struct vmtrace_times {
	u64 total;
	u64 excess;
	u64 notable;
	u64 max;
	u64 generation;
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

/*
 * More of a number that current alone writes. Who reads it meanwhile finds one of its values: it
 * is aligned, and stored at once. WRITE_ONCE() would make three instructions of one.
 */
static __always_inline void vmtrace_bump(u64 *count, u64 more)
{
	*count += more;
}

static inline void vmtrace_counts_add(struct vmtrace_counts *sum, const struct vmtrace_counts *c)
{
	const u64 *from = (const u64 *)c;
	u64 *to = (u64 *)sum;
	size_t i;

	for (i = 0; i < sizeof(*c) / sizeof(u64); i++)
		to[i] += from[i];
}

static inline void vmtrace_counts_sub(struct vmtrace_counts *from, const struct vmtrace_counts *c)
{
	const u64 *less = (const u64 *)c;
	u64 *of = (u64 *)from;
	size_t i;

	for (i = 0; i < sizeof(*c) / sizeof(u64); i++)
		of[i] -= less[i];
}

/* How often numbers were made void all at once: reset.h. */
extern unsigned int vmtrace_generation;
/* A reset is under way: true before vmtrace_generation is raised, until all has been reset. */
extern bool vmtrace_resetting;

static inline u64 vmtrace_times_max(const struct vmtrace_times *t)
{
	if (READ_ONCE(t->generation) != READ_ONCE(vmtrace_generation))
		return 0;
	smp_rmb(); /* pairs with vmtrace_times_set_max() */
	return READ_ONCE(t->max);
}

static inline void vmtrace_times_set_max(struct vmtrace_times *t, u64 max, unsigned int generation)
{
	t->notable = 0;
	WRITE_ONCE(t->max, max);
	smp_wmb(); /* the old one is not taken for one of this generation */
	WRITE_ONCE(t->generation, generation);
}

/* How many pages came to be mapped. */
static inline u64 vmtrace_times_pages(const struct vmtrace_times *t)
{
	u64 pages = t->excess;
	unsigned int i;

	for (i = 0; i < VMTRACE_HIST_BUCKETS; i++)
		pages += t->hist[i];
	return pages;
}

/* @t may be written meanwhile, by one thread: each number is one that it had. */
static inline void vmtrace_times_add(struct vmtrace_times *sum, const struct vmtrace_times *t)
{
	u64 max = vmtrace_times_max(t);
	unsigned int i;

	for (i = 0; i < VMTRACE_HIST_BUCKETS; i++)
		sum->hist[i] += READ_ONCE(t->hist[i]);
	sum->excess += READ_ONCE(t->excess);
	sum->tables += READ_ONCE(t->tables);
	sum->asleep += READ_ONCE(t->asleep);
	if (vmtrace_times_max(sum) < max)
		vmtrace_times_set_max(sum, max, READ_ONCE(vmtrace_generation));
	smp_rmb(); /* the total last: no part of it is more; vmtrace_account_times() */
	sum->total += READ_ONCE(t->total);
}

/* Both nobody else's. */
static inline void vmtrace_times_sub(struct vmtrace_times *from, const struct vmtrace_times *t)
{
	unsigned int i;

	for (i = 0; i < VMTRACE_HIST_BUCKETS; i++)
		from->hist[i] -= t->hist[i];
	from->excess -= t->excess;
	from->tables -= t->tables;
	from->asleep -= t->asleep;
	from->total -= t->total;
}

#endif /* VMTRACE_COUNTS_H */
