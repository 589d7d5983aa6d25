// SPDX-License-Identifier: GPL-2.0
/* dropped.c - faults of threads that have no record; see dropped.h */
#include <linux/percpu.h>
#include <linux/spinlock.h>

#include "stats/dropped.h"
#include "stats/types.h"

/* When the table is full, threads on all CPUs drop faults, so these counters are per CPU. */
static DEFINE_PER_CPU(u64, drops);
static DEFINE_PER_CPU(u64, drops_untracked); /* of processes without a record */

void vmtrace_drop(struct vmtrace_process *p)
{
	unsigned long irq;

	this_cpu_inc(drops);
	if (!p) {
		this_cpu_inc(drops_untracked);
		return;
	}
	spin_lock_irqsave(&p->lock, irq);
	p->dropped++;
	spin_unlock_irqrestore(&p->lock, irq);
}

static u64 sum_of_cpus(u64 __percpu *counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(counter, cpu));
	return sum;
}

u64 vmtrace_dropped(void)
{
	return sum_of_cpus(&drops);
}

u64 vmtrace_dropped_untracked(void)
{
	return sum_of_cpus(&drops_untracked);
}
