// SPDX-License-Identifier: GPL-2.0
/* slowest.c - the slowest faults of each process; see slowest.h */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/timekeeping.h>

#include "stats/slowest.h"
#include "stats/types.h"

/* A free slot of the list, or the slot of its fastest fault. */
static struct vmtrace_slow *find_slot(struct vmtrace_process *p)
{
	struct vmtrace_slowest *slowest = p->slowest;
	struct vmtrace_slow *fastest;
	unsigned int i;

	if (slowest->count < VMTRACE_SLOWEST)
		return &slowest->fault[slowest->count++];
	fastest = &slowest->fault[0];
	for (i = 1; i < VMTRACE_SLOWEST; i++)
		if (slowest->fault[i].m.took < fastest->m.took)
			fastest = &slowest->fault[i];
	return fastest;
}

/* A full list accepts only faults that are slower than its fastest one. */
static void raise_floor(struct vmtrace_process *p)
{
	u64 floor = U64_MAX;
	unsigned int i;

	if (p->slowest->count < VMTRACE_SLOWEST)
		return;
	for (i = 0; i < VMTRACE_SLOWEST; i++)
		floor = min(floor, p->slowest->fault[i].m.took);
	WRITE_ONCE(p->slowest_floor, floor);
}

void vmtrace_slowest_alloc(struct vmtrace_process *p)
{
	struct vmtrace_slowest *slowest;

	if (READ_ONCE(p->slowest))
		return;
	slowest = kzalloc(sizeof(*slowest), VMTRACE_GFP);
	/* Another thread may have been faster. */
	if (slowest && cmpxchg(&p->slowest, NULL, slowest))
		kfree(slowest);
}

void vmtrace_slowest_add(struct vmtrace_process *p, const struct vmtrace_fault *f,
			 enum vmtrace_class class, const struct vmtrace_sample *m)
{
	lockdep_assert_irqs_disabled();
	spin_lock(&p->lock);
	/* Another thread may have raised the floor since the caller read it. */
	if (p->slowest && m->took > p->slowest_floor) {
		*find_slot(p) = (struct vmtrace_slow){
			.m = *m,
			.ended_ns = ktime_get_boot_fast_ns(),
			.address = f->address,
			.ip = f->ip,
			.snapshot = f->snapshot,
			.tid = current->pid,
			.class = class,
			.origin = f->origin,
		};
		raise_floor(p);
	}
	spin_unlock(&p->lock);
}

static int slower_first(const void *a, const void *b)
{
	const struct vmtrace_slow *x = a, *y = b;

	return x->m.took < y->m.took ? 1 : x->m.took > y->m.took ? -1 : 0;
}

void vmtrace_slowest_read(struct vmtrace_process *p, struct vmtrace_slowest *slowest)
{
	unsigned long irq;

	slowest->count = 0;
	spin_lock_irqsave(&p->lock, irq);
	if (p->slowest)
		*slowest = *p->slowest;
	spin_unlock_irqrestore(&p->lock, irq);
	sort(slowest->fault, slowest->count, sizeof(slowest->fault[0]), slower_first, NULL);
}
