// SPDX-License-Identifier: GPL-2.0
/* slowest.c - the slowest faults of each process, one by one; see slowest.h */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/timekeeping.h>

#include "process.h"
#include "slowest.h"

/* The place that the next one takes, and from now on the least that is worth one. */
static struct vmtrace_slow *place(struct vmtrace_process *p)
{
	struct vmtrace_slowest *slowest = p->slowest;
	struct vmtrace_slow *least;
	unsigned int i;

	if (slowest->count < VMTRACE_SLOWEST)
		return &slowest->fault[slowest->count++];
	least = &slowest->fault[0];
	for (i = 1; i < VMTRACE_SLOWEST; i++)
		if (slowest->fault[i].m.took < least->m.took)
			least = &slowest->fault[i];
	return least;
}

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

void vmtrace_slowest_add(struct vmtrace_process *p, const struct vmtrace_fault *f,
			 enum vmtrace_class class, const struct vmtrace_measure *m)
{
	lockdep_assert_irqs_disabled();
	spin_lock(&p->lock);
	if (!p->slowest)
		p->slowest = kzalloc(sizeof(*p->slowest), GFP_ATOMIC | __GFP_NOWARN);
	/* Another thread may have raised it. */
	if (p->slowest && m->took > p->slowest_floor) {
		*place(p) = (struct vmtrace_slow){
			.m = *m,
			.ended_ns = ktime_get_boot_fast_ns(),
			.address = f->address,
			.ip = f->ip,
			.area = f->area,
			.tid = current->pid,
			.class = class,
			.origin = f->origin,
		};
		raise_floor(p);
	}
	spin_unlock(&p->lock);
}

void vmtrace_slowest_reset(struct vmtrace_process *p)
{
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	if (p->slowest)
		p->slowest->count = 0;
	WRITE_ONCE(p->slowest_floor, 0);
	spin_unlock_irqrestore(&p->lock, irq);
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
