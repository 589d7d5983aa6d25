// SPDX-License-Identifier: GPL-2.0
/* exited.c - exited processes, and the sum over all processes since load; see exited.h */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "stats/dropped.h"
#include "stats/exited.h"
#include "stats/process.h"

unsigned int vmtrace_history __read_mostly = 128;

static LIST_HEAD(exited);
static unsigned int nr_exited;
static DEFINE_SPINLOCK(exited_lock); /* protects the two above */
static void evict_oldest(struct work_struct *work);
static DECLARE_WORK(evict_work, evict_oldest);

/*
 * vmtrace_totals() starts from the sum of the evicted processes and visits the others. evict() adds
 * to its sum those that it has not visited yet.
 */
static struct vmtrace_totals evicted;
static struct vmtrace_totals *walk_sum; /* of the running vmtrace_totals(), or NULL */
static unsigned long walk;		/* number of the last vmtrace_totals() */
/* Protects the three above. Taken before the lock of a process. */
static DEFINE_SPINLOCK(totals_lock);
static DEFINE_MUTEX(walk_mutex); /* one vmtrace_totals() at a time */

static void totals_add(struct vmtrace_totals *sum, const struct vmtrace_process_stats *s)
{
	vmtrace_counts_add(&sum->counts, &s->counts);
	sum->kernel.minor += s->kernel.minor;
	sum->kernel.major += s->kernel.major;
	sum->dropped += s->dropped;
	sum->unobserved += vmtrace_unobserved(&s->kernel, &s->counts, s->dropped);
}

/* Add @p to the sum, unless this walk has added it or evict() has. */
static void totals_visit(struct vmtrace_process *p, void *data)
{
	struct vmtrace_process_stats s;

	vmtrace_process_read_counts(p, &s);
	spin_lock(&totals_lock);
	if (!p->evicted && p->walked != walk) {
		p->walked = walk;
		totals_add(walk_sum, &s);
	}
	spin_unlock(&totals_lock);
}

int vmtrace_totals(struct vmtrace_totals *sum)
{
	if (mutex_lock_killable(&walk_mutex))
		return -EINTR;
	spin_lock(&totals_lock);
	walk++;
	*sum = evicted;
	walk_sum = sum;
	spin_unlock(&totals_lock);

	vmtrace_process_for_each(totals_visit, NULL);

	spin_lock(&totals_lock);
	walk_sum = NULL;
	spin_unlock(&totals_lock);
	sum->dropped += vmtrace_dropped_untracked();
	mutex_unlock(&walk_mutex);
	return 0;
}

static void evict(struct vmtrace_process *p)
{
	struct vmtrace_process_stats s;

	vmtrace_process_callbacks.evicted(p);
	spin_lock(&totals_lock);
	vmtrace_process_read_counts(p, &s);
	totals_add(&evicted, &s);
	if (walk_sum && p->walked != walk)
		totals_add(walk_sum, &s);
	p->evicted = true;
	spin_unlock(&totals_lock);
	vmtrace_process_unlist(p);
}

static void evict_oldest(struct work_struct *work)
{
	struct vmtrace_process *p;

	for (;;) {
		spin_lock_irq(&exited_lock);
		p = NULL;
		if (nr_exited > vmtrace_history) {
			p = list_first_entry(&exited, struct vmtrace_process, exited);
			list_del_init(&p->exited);
			nr_exited--;
		}
		spin_unlock_irq(&exited_lock);
		if (!p)
			break;
		evict(p);
		cond_resched();
	}
}

void vmtrace_exited_add(struct vmtrace_process *p)
{
	unsigned long irq;

	spin_lock_irqsave(&exited_lock, irq);
	list_add_tail(&p->exited, &exited);
	if (++nr_exited > vmtrace_history)
		queue_work(system_dfl_wq, &evict_work);
	spin_unlock_irqrestore(&exited_lock, irq);
}

void vmtrace_exited_exit(void)
{
	cancel_work_sync(&evict_work);
}
