/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hot.h - the instructions and pages that fault most; pure, also built in user space for tests
 *
 * There are far more of them than there is memory to count each, so a few are kept, and
 * what is counted of one is a lower bound: the faults since it was admitted, less what
 * keeping out others cost it. What is not counted of any is known as well, since all
 * faults are.
 *
 * A table is divided into sets, and a key can be in one of them only. Once the others are taken,
 * the last place of a set is for whoever came last, so that what faults many times in a row is
 * counted from the first time on. When another one comes, the last comer has to find a place in
 * front: that of the coldest one there, if it has faulted more often, or else by luck. One of
 * eight, on average, takes as much off the coldest one's count as its own is, and
 * its place if nothing remains. So
 *  - however many come once, none but the coldest one in front loses anything;
 *  - something that is warm between others comes in sooner or later;
 *  - of more than there are places for, visited in turn, some stay and are counted,
 *    while always to admit the newcomer would count none.
 */
#ifndef VMTRACE_HOT_H
#define VMTRACE_HOT_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/build_bug.h>
#else
#include <assert.h>
#include <stdbool.h>
#include <sys/cdefs.h> /* __always_inline */
#endif

#include "format.h"

#define VMTRACE_HOT_WAYS 4
/* 2^4 sets for each kind. */
#define VMTRACE_HOT_BITS 4

/**
 * struct vmtrace_hot_entry - something that faulted
 * @key: an address or a page number
 * @count: at least so often; 0: the entry is free, and @key is 0
 */
struct vmtrace_hot_entry {
	__u64 key;
	__u64 count;
};

/* A cache line, if it is aligned: 2^6 bytes. */
#define VMTRACE_HOT_SET_SHIFT 6
struct vmtrace_hot_set {
	struct vmtrace_hot_entry way[VMTRACE_HOT_WAYS];
};

static_assert(sizeof(struct vmtrace_hot_set) == 1 << VMTRACE_HOT_SET_SHIFT, "see above");

struct vmtrace_hot_table {
	struct vmtrace_hot_set set[VMTRACE_HOT_KIND_COUNT][1 << VMTRACE_HOT_BITS];
};

/**
 * struct vmtrace_hot - what is kept for a thread or process
 * @table: the hottest ones; NULL: none, for want of faults or of memory
 * @last_ip: the instruction that faulted last, in @table; void if there is none
 * @luck: the state of a generator of random numbers; odd
 * @generation: of the numbers; they are void if it is not the present one
 * @faults: all that were recorded, by kind
 */
struct vmtrace_hot {
	struct vmtrace_hot_table *table;
	struct vmtrace_hot_entry *last_ip;
	__u32 luck;
	__u32 generation;
	__u64 faults[VMTRACE_HOT_KIND_COUNT];
};

/* From now on it has a table, which is empty. */
static inline void vmtrace_hot_begin(struct vmtrace_hot *h, struct vmtrace_hot_table *table)
{
	h->last_ip = table->set[VMTRACE_HOT_IP][0].way;
	h->luck = 1;
	h->table = table;
}

/* Which of 2^@bits sets a key belongs to: Fibonacci hashing, as pages have neighbours. */
static inline __u64 vmtrace_hot_set(__u64 key, unsigned int bits)
{
	return key * 0x9e3779b97f4a7c15ULL >> (64 - bits);
}

/*
 * One of eight. Not every eighth: a program that goes round in circles would have the same one
 * lucky each time. The upper bits are the random ones (Lehmer's generator).
 */
static inline bool vmtrace_hot_is_lucky(__u32 *luck)
{
	*luck *= 747796405;
	return *luck < 1U << 29;
}

/* Of a @key that is not in @set: put it there. Returns where. */
struct vmtrace_hot_entry *vmtrace_hot_miss(struct vmtrace_hot_set *set, __u64 key, bool lucky);

/* Where in a table a key is, or would be. @kind is a constant. */
static __always_inline struct vmtrace_hot_set *
vmtrace_hot_set_of(struct vmtrace_hot_table *table, enum vmtrace_hot_kind kind, __u64 key)
{
	__u64 at = vmtrace_hot_set(key, VMTRACE_HOT_BITS + VMTRACE_HOT_SET_SHIFT);

	/* The number of the set times its size, by one shift. */
	return (void *)((char *)table->set[kind] + (at & -sizeof(struct vmtrace_hot_set)));
}

/*
 * Count a fault of @key, in *@at, if that is easily done: it is there, or it takes the last place.
 * False if not, and *@lucky is for vmtrace_hot_miss(). The key of a free entry is 0: should that
 * come, it has it.
 */
static __always_inline bool vmtrace_hot_count_quickly(struct vmtrace_hot_set *set, __u64 key,
						      __u32 *luck, struct vmtrace_hot_entry **at,
						      bool *lucky)
{
	struct vmtrace_hot_entry *way = set->way, *last = &way[VMTRACE_HOT_WAYS - 1];
	unsigned int i;

	/* The loop itself would cost as much as the rest. */
#pragma GCC unroll 4
	for (i = 0; i < VMTRACE_HOT_WAYS; i++)
		if (way[i].key == key) {
			way[i].count++;
			*at = &way[i];
			return true;
		}
	*lucky = vmtrace_hot_is_lucky(luck);
	/* Most come once, to where the last one came once. That has a place only if others have. */
	if (*lucky || last->count != 1)
		return false;
	last->key = key;
	*at = last;
	return true;
}

/**
 * vmtrace_hot_rank() - another fault, for the table alone
 * @h: the owner's, of the present generation, with a table
 * @kind: of the key; a constant
 * @key: who faulted
 */
static __always_inline void vmtrace_hot_rank(struct vmtrace_hot *h, enum vmtrace_hot_kind kind,
					     __u64 key)
{
	struct vmtrace_hot_set *set = vmtrace_hot_set_of(h->table, kind, key);
	struct vmtrace_hot_entry *at;
	bool lucky;

	/* One instruction may touch a thousand pages, and then the next one. */
	if (kind == VMTRACE_HOT_IP && h->last_ip->key == key) {
		h->last_ip->count++;
		return;
	}
	if (!vmtrace_hot_count_quickly(set, key, &h->luck, &at, &lucky))
		at = vmtrace_hot_miss(set, key, lucky);
	if (kind == VMTRACE_HOT_IP)
		h->last_ip = at;
}

/* Another fault, of who may have no table. */
static inline void vmtrace_hot_count(struct vmtrace_hot *h, enum vmtrace_hot_kind kind, __u64 key)
{
	h->faults[kind]++;
	if (h->table)
		vmtrace_hot_rank(h, kind, key);
}

/* Begin a new generation. */
void vmtrace_hot_clear(struct vmtrace_hot *h, __u32 generation);

/**
 * vmtrace_hot_add() - faults that were counted elsewhere
 * @sets: 2^@bits of them
 * @bits: how many
 * @e: who faulted, and how often; free: nobody
 */
void vmtrace_hot_add(struct vmtrace_hot_set *sets, unsigned int bits,
		     const struct vmtrace_hot_entry *e);

/**
 * vmtrace_hot_fold() - faults of a thread that ended
 * @into: its process's
 * @from: its own; what is left in @table has to be freed
 * @generation: the present one
 */
void vmtrace_hot_fold(struct vmtrace_hot *into, struct vmtrace_hot *from, __u32 generation);

/**
 * vmtrace_hot_top() - the hottest ones of all, the hottest first
 * @sets: 2^@bits of them
 * @bits: how many
 * @top: filled in
 * @max: its length
 *
 * Return: how many there are.
 */
unsigned int vmtrace_hot_top(const struct vmtrace_hot_set *sets, unsigned int bits,
			     struct vmtrace_hot_entry *top, unsigned int max);

#endif /* VMTRACE_HOT_H */
