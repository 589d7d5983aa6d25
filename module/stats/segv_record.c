// SPDX-License-Identifier: GPL-2.0
/* segv_record.c - the failed accesses of a process; see segv_record.h */
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "stats/segv_record.h"
#include "stats/types.h"

static void failure_put(struct vmtrace_segv *f)
{
	if (!refcount_dec_and_test(&f->ref))
		return;
	kfree(f->addr_vma.name);
	kfree(f->ip_vma.name);
	kfree(f);
}

void vmtrace_segv_keep(struct vmtrace_process *p, struct vmtrace_segv *f)
{
	struct vmtrace_segv *oldest = NULL;
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	list_add_tail(&f->node, &p->failures.last);
	if (p->failures.kept < VMTRACE_SEGVS) {
		p->failures.kept++;
	} else {
		oldest = list_first_entry(&p->failures.last, struct vmtrace_segv, node);
		list_del(&oldest->node);
	}
	spin_unlock_irqrestore(&p->lock, irq);
	if (oldest)
		failure_put(oldest);
}

void vmtrace_segv_count(struct vmtrace_process *p, enum vmtrace_reason reason, bool kept)
{
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	p->failures.count[reason]++;
	p->failures.lost += !kept;
	spin_unlock_irqrestore(&p->lock, irq);
}

void vmtrace_segv_read(struct vmtrace_process *p, struct vmtrace_segv_copy *copy)
{
	struct vmtrace_segv *f;
	unsigned long irq;
	int i;

	copy->total = 0;
	copy->kept = 0;
	spin_lock_irqsave(&p->lock, irq);
	for (i = 0; i < VMTRACE_REASON_COUNT; i++)
		copy->total += p->failures.count[i];
	copy->lost = p->failures.lost;
	list_for_each_entry(f, &p->failures.last, node) {
		refcount_inc(&f->ref);
		copy->last[copy->kept++] = f;
	}
	spin_unlock_irqrestore(&p->lock, irq);
}

void vmtrace_segv_put(struct vmtrace_segv_copy *copy)
{
	while (copy->kept)
		failure_put(copy->last[--copy->kept]);
}

void vmtrace_segv_free(struct vmtrace_segvs *f)
{
	struct vmtrace_segv *failure, *next;

	list_for_each_entry_safe(failure, next, &f->last, node)
		failure_put(failure);
}
