// SPDX-License-Identifier: GPL-2.0
/* growth.c - when memory was asked for, and when it was touched first; rules in growth.h */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "birth.h"
#include "clock.h"
#include "growth.h"
#include "process.h"
#include "thread.h"

static struct kmem_cache *cache;

/* The lowest one that ends above the address: the one that holds it, or the next. */
static struct vmtrace_growth *above(const struct vmtrace_growths *g, unsigned long address)
{
	struct rb_node *node = g->tree.rb_node;
	struct vmtrace_growth *found = NULL;

	while (node) {
		struct vmtrace_growth *at = rb_entry(node, struct vmtrace_growth, node);

		if (at->end > address) {
			found = at;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

static struct vmtrace_growth *next(const struct vmtrace_growth *at)
{
	return rb_entry_safe(rb_next(&at->node), struct vmtrace_growth, node);
}

/* Rule 3: addresses are taken from a growth. */
static void invalidate(struct vmtrace_growths *g)
{
	WRITE_ONCE(g->version, g->version + 1);
	g->is_full_known = false;
}

/* Or a growth has got some, that were nobody's. */
static void expanded(struct vmtrace_growths *g)
{
	if (g->is_full_known)
		invalidate(g);
}

/* NULL if there is no room or no memory. */
static struct vmtrace_growth *insert(struct vmtrace_growths *g, unsigned long start,
				     unsigned long end)
{
	struct rb_node **link = &g->tree.rb_node, *parent = NULL;
	struct vmtrace_growth *new;

	if (g->count == VMTRACE_GROWTHS)
		return NULL;
	/* A process can have many of them, and is charged for all, as for its mappings. */
	new = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!new)
		return NULL;
	new->start = start;
	new->end = end;
	new->fresh = start;
	new->id = ++g->last_id;
	while (*link) {
		parent = *link;
		link = start < rb_entry(parent, struct vmtrace_growth, node)->start ?
			       &parent->rb_left :
			       &parent->rb_right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &g->tree);
	g->count++;
	expanded(g);
	return new;
}

static void drop(struct vmtrace_growths *g, struct vmtrace_growth *at)
{
	g->gone += at->touches;
	rb_erase(&at->node, &g->tree);
	g->count--;
	kmem_cache_free(cache, at);
}

static void clear(struct vmtrace_growths *g)
{
	struct vmtrace_growth *at, *n;

	rbtree_postorder_for_each_entry_safe(at, n, &g->tree, node) {
		g->gone += at->touches;
		kmem_cache_free(cache, at);
	}
	g->tree = RB_ROOT;
	g->count = 0;
	invalidate(g);
}

static void cut_above(struct vmtrace_growth *at, unsigned long address)
{
	at->end = address;
	if (at->fresh < address)
		return;
	/* Of what was there before the last brk, nobody knows any more when it came. */
	at->fresh = at->start;
	at->born_ns = 0;
}

static void cut_below(struct vmtrace_growth *at, unsigned long address)
{
	at->start = address;
	at->fresh = max(at->fresh, address);
}

/* The upper part, or NULL if there is no room for two. */
static struct vmtrace_growth *split(struct vmtrace_growths *g, struct vmtrace_growth *at,
				    unsigned long address)
{
	struct vmtrace_growth *upper = insert(g, address, at->end);

	if (!upper)
		return NULL;
	upper->fresh = max(at->fresh, address);
	upper->born_ns = at->born_ns;
	upper->touched_ns = at->touched_ns;
	upper->heap = at->heap;
	cut_above(at, address);
	invalidate(g);
	return upper;
}

/* Make a hole. */
static void carve(struct vmtrace_growths *g, unsigned long start, unsigned long end)
{
	struct vmtrace_growth *at = above(g, start), *n;

	if (!at || at->start >= end)
		return;
	invalidate(g);
	if (at->start < start) {
		if (at->end > end && !split(g, at, end))
			g->unrecorded++;
		n = next(at);
		cut_above(at, start);
		at = n;
	}
	for (; at && at->start < end; at = n) {
		n = next(at);
		if (at->end > end)
			cut_below(at, end);
		else
			drop(g, at);
	}
}

/* Rule 1. */
static void belong_to(struct vmtrace_growths *g, const struct mm_struct *mm)
{
	if (likely(g->mm == mm))
		return;
	clear(g);
	g->mm = mm;
}

/* Rule 4. What is cut keeps its id, and has it in the range that it had. */
static void take_over(struct vmtrace_growths *g, struct vmtrace_growth_slot *slot)
{
	u64 count = READ_ONCE(slot->count), more = count - slot->known;
	struct vmtrace_growth *at;

	if (!more)
		return;
	slot->known = count;
	for (at = above(g, slot->start); at && at->start < slot->end; at = next(at))
		if (at->id == slot->id) {
			at->touches += more;
			return;
		}
	g->gone += more;
}

static void take_over_all(struct vmtrace_growths *g, struct vmtrace_growth_cache *c)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c->slot); i++)
		take_over(g, &c->slot[i]);
}

/* An address that is in no growth: the part of the mapping around it that is in none. */
struct gap {
	unsigned long start;
	unsigned long end;
	struct vmtrace_growth *lower;
	struct vmtrace_growth *upper;
};

static struct gap find_gap(const struct vmtrace_growths *g, unsigned long address,
			   const struct vmtrace_area *area)
{
	struct gap gap = { .start = area->start, .end = area->end, .upper = above(g, address) };
	struct rb_node *below = gap.upper ? rb_prev(&gap.upper->node) : rb_last(&g->tree);

	gap.lower = rb_entry_safe(below, struct vmtrace_growth, node);
	if (gap.upper)
		gap.end = min(gap.end, gap.upper->start);
	if (gap.lower)
		gap.start = max(gap.start, gap.lower->end);
	return gap;
}

/* It was there before us, or came in a way that nobody watches, or when there was no room. */
static struct vmtrace_growth *add_unseen(struct vmtrace_growths *g, unsigned long address,
					 const struct vmtrace_area *area)
{
	struct gap gap = find_gap(g, address, area);
	struct vmtrace_growth *upper = gap.upper, *lower = gap.lower, *new;
	unsigned long start = gap.start, end = gap.end;

	/* A stack grows page by page. */
	if (upper && !upper->born_ns && upper->start == end && end < area->end) {
		upper->start = start;
		upper->fresh = start;
		expanded(g);
		return upper;
	}
	if (lower && !lower->born_ns && lower->end == start && start > area->start) {
		lower->end = end;
		expanded(g);
		return lower;
	}
	new = insert(g, start, end);
	/* It may have been counted when it came, and is touched many times. */
	if (!new && !g->unrecorded)
		g->unrecorded = 1;
	return new;
}

/* As much of the growth as is in the mapping: elsewhere somebody else touches. */
static struct vmtrace_growth *confine(struct vmtrace_growths *g, struct vmtrace_growth *at,
				      const struct vmtrace_area *area)
{
	if (at->start < area->start)
		at = split(g, at, area->start) ?: at;
	if (at->end > area->end)
		split(g, at, area->end);
	return at;
}

static struct vmtrace_growth *touched(struct vmtrace_growths *g, const struct vmtrace_fault *f)
{
	struct vmtrace_growth *at = above(g, f->address);

	if (at && at->start <= f->address)
		at = confine(g, at, &f->area);
	else
		at = add_unseen(g, f->address, &f->area);
	if (at && !at->touched_ns && f->address >= at->fresh)
		at->touched_ns = vmtrace_clock_mono(f->start);
	return at;
}

/* The slot that is to be used for it, empty. */
static struct vmtrace_growth_slot *take_slot(struct vmtrace_growths *g,
					     struct vmtrace_growth_cache *c, bool recorded)
{
	struct vmtrace_growth_slot *slot = c->slot + VMTRACE_GROWTHS_CACHED;

	if (recorded) {
		slot = c->last + 1;
		if (slot >= c->slot + VMTRACE_GROWTHS_CACHED)
			slot = c->slot;
	}
	c->last = slot;
	take_over(g, slot);
	*slot = (struct vmtrace_growth_slot){ 0 };
	return slot;
}

static void remember(struct vmtrace_growths *g, struct vmtrace_growth_cache *c,
		     const struct vmtrace_growth *at, const struct vmtrace_fault *f)
{
	struct vmtrace_growth_slot *slot = take_slot(g, c, true);

	/* The first touch of what brk adds next must not be missed. */
	slot->start = f->address < at->fresh ? at->start : at->fresh;
	slot->end = f->address < at->fresh ? at->fresh : at->end;
	/* It is larger if there is no room to make two of it. */
	slot->start = max(slot->start, f->area.start);
	slot->end = min(slot->end, f->area.end);
	slot->id = at->id;
}

/* As long as nothing goes, nothing can come there: there is no need to look again. */
static void remember_gap(struct vmtrace_growths *g, struct vmtrace_growth_cache *c,
			 const struct vmtrace_fault *f)
{
	struct gap gap = find_gap(g, f->address, &f->area);
	struct vmtrace_growth_slot *slot = take_slot(g, c, false);

	slot->start = gap.start;
	slot->end = gap.end;
	g->is_full_known = true;
}

static void touch_slowly(struct vmtrace_thread *t)
{
	struct vmtrace_growths *g = &t->process->growths;
	struct vmtrace_growth_cache *c = &t->growths;
	const struct vmtrace_fault *f = &t->fault;
	struct vmtrace_growth *at;

	spin_lock(&g->lock);
	belong_to(g, f->mm);
	at = touched(g, f);
	if (c->version != g->version) {
		take_over_all(g, c);
		memset(c->slot, 0, sizeof(c->slot));
		c->version = g->version;
		c->last = c->slot;
	}
	if (at) {
		remember(g, c, at, f);
		at->touches++;
	} else {
		if (g->count == VMTRACE_GROWTHS)
			remember_gap(g, c, f);
		g->gone++;
	}
	spin_unlock(&g->lock);
}

void vmtrace_growth_touch(struct vmtrace_thread *t)
{
	struct vmtrace_growth_cache *c = &t->growths;
	const struct vmtrace_fault *f = &t->fault;
	unsigned int i;

	/* It borrows the memory of somebody else. */
	if (current->flags & PF_KTHREAD)
		return;
	if (c->version == READ_ONCE(t->process->growths.version))
		for (i = 0; i < ARRAY_SIZE(c->slot); i++)
			if (vmtrace_growth_is_in(&c->slot[i], f->address, &f->area.start,
						 &f->area.end)) {
				c->last = &c->slot[i];
				c->last->count++;
				return;
			}
	touch_slowly(t);
}

void vmtrace_growth_born(unsigned long start, unsigned long end, bool heap)
{
	struct vmtrace_process *p = vmtrace_process_of(current);
	struct vmtrace_growth *at = NULL;
	struct vmtrace_growths *g;
	unsigned long irq;

	if (!p)
		return;
	vmtrace_settle_current();
	g = &p->growths;
	spin_lock_irqsave(&g->lock, irq);
	belong_to(g, current->mm);
	carve(g, start, end);
	if (heap)
		at = above(g, start - 1);
	if (at && at->heap && at->end == start) {
		at->end = end;
		expanded(g);
	} else {
		at = insert(g, start, end);
	}
	if (at) {
		at->fresh = start;
		at->heap = heap;
		at->born_ns = ktime_get_mono_fast_ns();
		at->touched_ns = 0;
	} else {
		g->unrecorded++;
	}
	spin_unlock_irqrestore(&g->lock, irq);
}

void vmtrace_growth_died(unsigned long start, unsigned long end)
{
	struct vmtrace_process *p = vmtrace_process_of(current);
	struct vmtrace_growths *g;
	unsigned long irq;

	if (!p)
		return;
	vmtrace_settle_current();
	g = &p->growths;
	spin_lock_irqsave(&g->lock, irq);
	belong_to(g, current->mm);
	carve(g, start, end);
	spin_unlock_irqrestore(&g->lock, irq);
}

void vmtrace_growth_leave(struct vmtrace_thread *t)
{
	struct vmtrace_growths *g = &t->process->growths;

	lockdep_assert_held(&t->process->lock);
	spin_lock(&g->lock);
	take_over_all(g, &t->growths);
	spin_unlock(&g->lock);
}

/* Under both locks: nobody can leave, and nobody's cache can change but for the counts. */
static void take_over_threads(struct vmtrace_process *p)
{
	struct vmtrace_thread *t;

	lockdep_assert_held(&p->lock);
	lockdep_assert_held(&p->growths.lock);
	list_for_each_entry(t, &p->threads, siblings)
		take_over_all(&p->growths, &t->growths);
}

/* False if there are more than @room. Under both locks. */
static bool try_read(struct vmtrace_process *p, const struct mm_struct *mm,
		     struct vmtrace_growths_copy *copy, unsigned int room)
{
	const struct vmtrace_growths *g = &p->growths;
	const struct vmtrace_growth *at;

	if (g->count > room)
		return false;
	take_over_threads(p);
	copy->now = ktime_get_mono_fast_ns();
	copy->gone = g->gone;
	copy->unrecorded = g->unrecorded;
	copy->count = 0;
	for (at = above(g, 0); at; at = next(at)) {
		if (g->mm == mm)
			copy->growth[copy->count++] = *at;
		else
			copy->gone += at->touches;
	}
	return true;
}

static void forget_if_blind(struct vmtrace_process *p)
{
	struct vmtrace_growths *g = &p->growths;
	u64 missed = vmtrace_birth_missed();
	struct vmtrace_process_stats s;
	unsigned long irq;
	s64 unobserved;

	vmtrace_process_read_counts(p, &s);
	unobserved = vmtrace_unobserved(&s.kernel, &s.counts, s.dropped);
	spin_lock_irqsave(&g->lock, irq);
	if (missed > g->missed || unobserved > g->unobserved)
		clear(g);
	g->missed = missed;
	g->unobserved = unobserved;
	spin_unlock_irqrestore(&g->lock, irq);
}

int vmtrace_growths_read(struct vmtrace_process *p, const struct mm_struct *mm,
			 struct vmtrace_growths_copy *copy)
{
	unsigned int room;
	unsigned long irq;
	bool done;

	vmtrace_settle_current();
	forget_if_blind(p);
	for (;;) {
		room = READ_ONCE(p->growths.count) + 16;
		copy->growth = kvmalloc_array(room, sizeof(*copy->growth), GFP_KERNEL_ACCOUNT);
		if (!copy->growth)
			return -ENOMEM;
		spin_lock_irqsave(&p->lock, irq);
		spin_lock(&p->growths.lock);
		done = try_read(p, mm, copy, room);
		spin_unlock(&p->growths.lock);
		spin_unlock_irqrestore(&p->lock, irq);
		if (done)
			return 0;
		kvfree(copy->growth);
	}
}

void vmtrace_growths_free_copy(struct vmtrace_growths_copy *copy)
{
	kvfree(copy->growth);
}

void vmtrace_growth_reset(struct vmtrace_process *p)
{
	struct vmtrace_growths *g = &p->growths;
	struct vmtrace_growth *at;
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	spin_lock(&g->lock);
	take_over_threads(p);
	for (at = above(g, 0); at; at = next(at)) {
		at->touches = 0;
		at->touched_ns = 0;
	}
	g->gone = 0;
	g->unrecorded = 0;
	g->unobserved = 0;
	/* Those who count without the lock must come and see that they are the first. */
	invalidate(g);
	spin_unlock(&g->lock);
	spin_unlock_irqrestore(&p->lock, irq);
}

void vmtrace_growth_forget(struct vmtrace_process *p)
{
	unsigned long irq;

	spin_lock_irqsave(&p->growths.lock, irq);
	clear(&p->growths);
	spin_unlock_irqrestore(&p->growths.lock, irq);
}

void vmtrace_growths_prepare(struct vmtrace_growths *g)
{
	g->version = 1;
	g->missed = vmtrace_birth_missed();
	spin_lock_init(&g->lock);
	g->tree = RB_ROOT;
}

void vmtrace_growths_free(struct vmtrace_growths *g)
{
	unsigned long irq;

	spin_lock_irqsave(&g->lock, irq);
	clear(g);
	spin_unlock_irqrestore(&g->lock, irq);
}

int vmtrace_growth_init(void)
{
	cache = KMEM_CACHE(vmtrace_growth, SLAB_ACCOUNT);
	return cache ? 0 : -ENOMEM;
}

void vmtrace_growth_exit(void)
{
	kmem_cache_destroy(cache);
}
