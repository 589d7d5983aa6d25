// SPDX-License-Identifier: GPL-2.0
/* exited.c - exited processes, and the sum over all processes since load; see exited.h */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

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
 * to its sum those that it has not added yet.
 */
static struct vmtrace_sum evicted;
static struct vmtrace_sum *total;  /* of the running vmtrace_totals(), or NULL */
static unsigned long total_number; /* of the last vmtrace_totals() */
/* Protects the three above. Taken before the lock of a process. */
static DEFINE_SPINLOCK(totals_lock);
static DEFINE_MUTEX(totals_mutex); /* one vmtrace_totals() at a time */

/* Add @p to the total, unless that or evict() has been done. */
static int add_to_total(struct vmtrace_process *p, void *data)
{
	struct vmtrace_sum sum;

	if (fatal_signal_pending(current) || vmtrace_process_sum(p, &sum))
		return -EINTR;
	spin_lock(&totals_lock);
	if (!p->evicted && p->summed != total_number) {
		p->summed = total_number;
		vmtrace_sum_add(total, &sum);
	}
	spin_unlock(&totals_lock);
	return 0;
}

int vmtrace_totals(struct vmtrace_sum *sum)
{
	int err;

	if (mutex_lock_killable(&totals_mutex))
		return -EINTR;
	spin_lock(&totals_lock);
	total_number++;
	*sum = evicted;
	total = sum;
	spin_unlock(&totals_lock);

	err = vmtrace_process_for_each(add_to_total, NULL);

	spin_lock(&totals_lock);
	total = NULL;
	spin_unlock(&totals_lock);
	mutex_unlock(&totals_mutex);
	return err;
}

static void evict(struct vmtrace_process *p)
{
	vmtrace_process_callbacks.evicted(p);
	/* @p has ended: @freed does not change any more. */
	spin_lock(&totals_lock);
	vmtrace_sum_add(&evicted, &p->freed);
	if (total && p->summed != total_number)
		vmtrace_sum_add(total, &p->freed);
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
