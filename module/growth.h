/* SPDX-License-Identifier: GPL-2.0 */
/*
 * growth.h - when memory was asked for, and when it was touched first
 *
 * A growth is a range of addresses that a process got at one moment, by mmap, brk or
 * a moving mremap: birth.c tells. A first touch is a fault that found nothing in the
 * page table and left a page there: fault.c tells. What was mapped before the module
 * was there, or before the fork, and what grows in another way, becomes a growth when
 * it is touched, of which nobody knows when it was born.
 *
 * A mapping that is cut has its growth cut, and then nobody can tell on which side the
 * touches were: they stay with the lower part. One that only changed its borders has
 * its growth cut by the first touch that follows.
 *
 * Rules:
 *  1. The growths of a process are those of one mm, which is compared and never
 *     dereferenced. Whoever comes with another one, after exec, begins anew. Of
 *     processes that share one, each knows what it did itself.
 *  2. @lock protects them. It is taken in the hook and in probe handlers, and by
 *     readers inside the process's lock: always with interrupts off.
 *  3. A thread counts touches without it, for the growths in its cache, as long as
 *     @version is that of the cache: whoever takes addresses from a growth changes it.
 *     So what a cache misses is only what it did not know: a growth that was added;
 *     where it knew that there was none, that changes @version, too.
 *  4. Of the cache, @count is written by its thread only, and may be read by all;
 *     the rest is under @lock. Whoever holds that may add to the growths what has been
 *     counted since it was last done.
 */
#ifndef VMTRACE_GROWTH_H
#define VMTRACE_GROWTH_H

#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "fault.h"

struct mm_struct;
struct vmtrace_process;
struct vmtrace_thread;

/* A process has at the most so many: more mappings are rare, and the memory is not its own. */
#define VMTRACE_GROWTHS 4096

/**
 * struct vmtrace_growth - a range of addresses, and what became of it
 * @node: by @start; they do not overlap
 * @start: first address
 * @end: the first one behind it
 * @fresh: where the part begins that @born_ns and @touched_ns are of. The heap is one
 *	growth, which brk extends; of others, it is @start.
 * @id: never used again in the process
 * @born_ns: when that part came, ktime_get_mono_fast_ns(); 0: nobody saw
 * @touched_ns: when the first fault in it began, likewise; 0: none did yet
 * @touches: first touches of all of it
 * @heap: it came by brk
 */
struct vmtrace_growth {
	struct rb_node node;
	unsigned long start;
	unsigned long end;
	unsigned long fresh;
	u64 id;
	u64 born_ns;
	u64 touched_ns;
	u64 touches;
	bool heap;
};

/**
 * struct vmtrace_growths - those of a process
 * @version: see rule 3; read without @lock; not 0, which is that of an empty cache
 * @lock: see rule 2
 * @tree: struct vmtrace_growth
 * @mm: whose
 * @count: in @tree
 * @last_id: the newest one's
 * @gone: first touches of what is not in @tree
 * @unrecorded: growths that should be in it when they came, for want of room or memory;
 *	not 0 if others should be
 * @is_full_known: threads have cached what is not in @tree
 * @missed: vmtrace_birth_missed() when somebody last looked, and
 * @unobserved: faults that nobody saw, likewise
 */
struct vmtrace_growths {
	unsigned long version;
	spinlock_t lock; /* all below */
	struct rb_root tree;
	const struct mm_struct *mm;
	unsigned int count;
	u64 last_id;
	u64 gone;
	u64 unrecorded;
	bool is_full_known;
	u64 missed;
	s64 unobserved;
};

#define VMTRACE_GROWTHS_CACHED 4

/**
 * struct vmtrace_growth_cache - where a thread touches memory these days
 * @version: of its process's growths when the slots were filled
 * @last: the one of the slots that was right the last time
 * @slot: @start and @end of (a part of) the growth @id; @count of its first touches
 *	there, of which it knows of @known. The last slot is for what is in no growth,
 *	while there is no room for another one: @id is 0.
 *
 * See rules 3 and 4.
 */
struct vmtrace_growth_cache {
	unsigned long version;
	struct vmtrace_growth_slot *last;
	struct vmtrace_growth_slot {
		unsigned long start;
		unsigned long end;
		u64 id;
		u64 count;
		u64 known;
	} slot[VMTRACE_GROWTHS_CACHED + 1];
};

/* Is a first touch in a slot, and the slot in its mapping still? */
static __always_inline bool vmtrace_growth_is_in(const struct vmtrace_growth_slot *slot,
						 unsigned long address, const unsigned long *start,
						 const unsigned long *end)
{
	/* One by one: a jump that is not taken is cheaper than to add up what they say. */
	if (unlikely(address < slot->start))
		return false;
	if (unlikely(address >= slot->end))
		return false;
	if (unlikely(slot->start < *start))
		return false;
	return likely(slot->end <= *end);
}

/**
 * vmtrace_growth_find() - where a first touch counts, if it is where the last one was
 * @c: current's
 * @g: of its process
 * @address: where
 * @start: of its mapping; read if need be
 * @end: likewise
 * @slot: set to the one whose count it adds to
 *
 * Context: the hook, interrupts off.
 * Return: false if there is none, and it is to be told to vmtrace_growth_touch().
 */
static __always_inline bool vmtrace_growth_find(const struct vmtrace_growth_cache *c,
						const struct vmtrace_growths *g,
						unsigned long address, const unsigned long *start,
						const unsigned long *end,
						struct vmtrace_growth_slot **slot)
{
	if (unlikely(c->version != READ_ONCE(g->version)))
		return false;
	*slot = c->last;
	return vmtrace_growth_is_in(*slot, address, start, end);
}

/**
 * vmtrace_growth_touch() - current's fault, which is over, was a first touch not yet counted
 * @t: its record
 *
 * Context: the hook, interrupts off.
 */
void vmtrace_growth_touch(struct vmtrace_thread *t);

/**
 * vmtrace_growth_born() - current's process gets memory
 * @start: first address
 * @end: the first one behind it
 * @heap: by brk
 *
 * What was there before is gone.
 *
 * Context: any but hard interrupt; does not sleep. Likewise the next one.
 */
void vmtrace_growth_born(unsigned long start, unsigned long end, bool heap);
/* It gives memory back. */
void vmtrace_growth_died(unsigned long start, unsigned long end);

/* A thread is done for: take over what it counted. Under @t->process->lock. */
void vmtrace_growth_leave(struct vmtrace_thread *t);

/**
 * struct vmtrace_growths_copy - what a reader gets
 * @now: the time to compare with
 * @gone: first touches of what is not in @growth
 * @unrecorded: as above
 * @count: how many follow
 * @growth: in order of addresses; @node means nothing
 */
struct vmtrace_growths_copy {
	u64 now;
	u64 gone;
	u64 unrecorded;
	unsigned int count;
	struct vmtrace_growth *growth;
};

/**
 * vmtrace_growths_read() - the growths of a process at one moment
 * @p: referenced
 * @mm: of which they are to be; of others, all touches are gone
 * @copy: filled in; to be freed, also after an error
 *
 * If probes have been silenced or missed since somebody last looked, all is forgotten
 * before: who did not see a fault did not see what came and went either.
 *
 * Context: sleeps.
 * Return: 0 or -ENOMEM.
 */
int vmtrace_growths_read(struct vmtrace_process *p, const struct mm_struct *mm,
			 struct vmtrace_growths_copy *copy);
void vmtrace_growths_free_copy(struct vmtrace_growths_copy *copy);

/* Begin to count touches, and to wait for the first ones, anew. What is born stays. Any context. */
void vmtrace_growth_reset(struct vmtrace_process *p);

/* Births or deaths may have been missed: forget what is known of them. Any context. */
void vmtrace_growth_forget(struct vmtrace_process *p);

void vmtrace_growths_prepare(struct vmtrace_growths *g);
/* Nobody can add any more. Any context. */
void vmtrace_growths_free(struct vmtrace_growths *g);

int vmtrace_growth_init(void);
/* All processes must have been freed. */
void vmtrace_growth_exit(void);

#endif /* VMTRACE_GROWTH_H */
