// SPDX-License-Identifier: GPL-2.0
/* hot.c - the instructions and pages that fault most; pure, see hot.h */
#include "hot.h"

#ifndef __KERNEL__
#include <string.h>
#else
#include <linux/string.h>
#endif

/* The first of the coldest, or of the free, of so many. */
static struct vmtrace_hot_entry *coldest(struct vmtrace_hot_entry *way, unsigned int n)
{
	struct vmtrace_hot_entry *least = way;
	unsigned int i;

	for (i = 1; i < n; i++)
		if (way[i].count < least->count)
			least = &way[i];
	return least;
}

/* @e and the holder of a place weigh each other out: what remains of the heavier one stays. */
static void contest(struct vmtrace_hot_entry *place, const struct vmtrace_hot_entry *e)
{
	if (place->count > e->count)
		place->count -= e->count;
	else
		*place = *e;
}

struct vmtrace_hot_entry *vmtrace_hot_miss(struct vmtrace_hot_set *set, __u64 key, bool lucky)
{
	struct vmtrace_hot_entry *last = &set->way[VMTRACE_HOT_WAYS - 1];
	struct vmtrace_hot_entry *place = coldest(set->way, VMTRACE_HOT_WAYS - 1);

	if (place->count) {
		if (last->count > place->count || lucky)
			contest(place, last);
		place = last;
	}
	place->key = key;
	place->count = 1;
	return place;
}

void vmtrace_hot_clear(struct vmtrace_hot *h, __u32 generation)
{
	memset(h->faults, 0, sizeof(h->faults));
	if (h->table)
		memset(h->table, 0, sizeof(*h->table));
	h->generation = generation;
}

void vmtrace_hot_add(struct vmtrace_hot_set *sets, unsigned int bits,
		     const struct vmtrace_hot_entry *e)
{
	struct vmtrace_hot_set *set = &sets[vmtrace_hot_set(e->key, bits)];
	unsigned int i;

	if (!e->count)
		return;
	for (i = 0; i < VMTRACE_HOT_WAYS; i++)
		if (set->way[i].key == e->key) {
			set->way[i].count += e->count;
			return;
		}
	/* What was counted is no matter of luck. */
	contest(coldest(set->way, VMTRACE_HOT_WAYS), e);
}

static void merge(struct vmtrace_hot_table *into, const struct vmtrace_hot_table *from)
{
	unsigned int kind, i, way;

	for (kind = 0; kind < VMTRACE_HOT_KIND_COUNT; kind++)
		for (i = 0; i < 1 << VMTRACE_HOT_BITS; i++)
			for (way = 0; way < VMTRACE_HOT_WAYS; way++)
				vmtrace_hot_add(into->set[kind], VMTRACE_HOT_BITS,
						&from->set[kind][i].way[way]);
}

void vmtrace_hot_fold(struct vmtrace_hot *into, struct vmtrace_hot *from, __u32 generation)
{
	unsigned int kind;

	if (from->generation != generation)
		return;
	if (into->generation != generation)
		vmtrace_hot_clear(into, generation);
	for (kind = 0; kind < VMTRACE_HOT_KIND_COUNT; kind++)
		into->faults[kind] += from->faults[kind];
	if (!into->table) {
		into->table = from->table;
		from->table = NULL;
	} else if (from->table) {
		merge(into->table, from->table);
	}
}

static bool is_hotter(const struct vmtrace_hot_entry *a, const struct vmtrace_hot_entry *b)
{
	return a->count > b->count || (a->count == b->count && a->key < b->key);
}

/* @n of @max are there, in order: put another one among them. Returns how many there are then. */
static unsigned int insert(struct vmtrace_hot_entry *top, unsigned int n, unsigned int max,
			   const struct vmtrace_hot_entry *e)
{
	unsigned int i = n < max ? n++ : max;

	for (; i && is_hotter(e, &top[i - 1]); i--)
		if (i < max)
			top[i] = top[i - 1];
	if (i < max)
		top[i] = *e;
	return n;
}

unsigned int vmtrace_hot_top(const struct vmtrace_hot_set *sets, unsigned int bits,
			     struct vmtrace_hot_entry *top, unsigned int max)
{
	unsigned int i, way, n = 0;

	for (i = 0; i < 1U << bits; i++)
		for (way = 0; way < VMTRACE_HOT_WAYS; way++)
			if (sets[i].way[way].count)
				n = insert(top, n, max, &sets[i].way[way]);
	return n;
}
