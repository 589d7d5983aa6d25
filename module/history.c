// SPDX-License-Identifier: GPL-2.0
/* history.c - exited processes, and the sum over all there ever were; see history.h */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "history.h"
#include "names.h"
#include "process.h"

unsigned int vmtrace_history __read_mostly = 128;

static LIST_HEAD(exited);
static unsigned int nr_exited;
static DEFINE_SPINLOCK(exited_lock); /* the two above */
static void forget_oldest(struct work_struct *work);
static DECLARE_WORK(forget_work, forget_oldest);

/*
 * Processes that left the tables, summed up. A walk over the others takes the
 * sum when it begins and adds at its end what was forgotten before it came there.
 */
static struct vmtrace_totals forgotten, forgotten_unwalked;
static unsigned long walk;	     /* odd during a walk */
static DEFINE_SPINLOCK(totals_lock); /* the three above; outside of a process's lock */
static DEFINE_MUTEX(walk_mutex);     /* one walk at a time */

static void totals_add(struct vmtrace_totals *sum, const struct vmtrace_process_stats *s)
{
	vmtrace_counts_add(&sum->counts, &s->counts);
	sum->kernel.minor += s->kernel.minor;
	sum->kernel.major += s->kernel.major;
	sum->dropped += s->dropped;
	sum->unobserved += vmtrace_unobserved(&s->kernel, &s->counts, s->dropped);
}

/* Counts @p unless the walk has done so, or will with what was forgotten. */
static void totals_visit(struct vmtrace_process *p, void *data)
{
	struct vmtrace_totals *sum = data;
	struct vmtrace_process_stats s;

	vmtrace_process_read_counts(p, &s);
	spin_lock(&totals_lock);
	if (!p->forgotten && p->walked != walk) {
		p->walked = walk;
		totals_add(sum, &s);
	}
	spin_unlock(&totals_lock);
}

int vmtrace_totals(struct vmtrace_totals *sum)
{
	if (mutex_lock_killable(&walk_mutex))
		return -EINTR;
	spin_lock(&totals_lock);
	walk++;
	*sum = forgotten;
	memset(&forgotten_unwalked, 0, sizeof(forgotten_unwalked));
	spin_unlock(&totals_lock);

	vmtrace_process_for_each(totals_visit, sum);

	spin_lock(&totals_lock);
	walk++;
	vmtrace_counts_add(&sum->counts, &forgotten_unwalked.counts);
	sum->kernel.minor += forgotten_unwalked.kernel.minor;
	sum->kernel.major += forgotten_unwalked.kernel.major;
	sum->dropped += forgotten_unwalked.dropped + atomic64_read(&vmtrace_dropped_elsewhere);
	sum->unobserved += forgotten_unwalked.unobserved;
	spin_unlock(&totals_lock);
	mutex_unlock(&walk_mutex);
	return 0;
}

static void forget(struct vmtrace_process *p)
{
	struct vmtrace_process_stats s;

	vmtrace_names_withdraw(p);
	/* It is in the sum, or a reset finds it where it was. */
	spin_lock(&totals_lock);
	vmtrace_process_retire(p, &s);
	totals_add(&forgotten, &s);
	if (walk % 2 && p->walked != walk)
		totals_add(&forgotten_unwalked, &s);
	p->forgotten = true;
	spin_unlock(&totals_lock);
	vmtrace_process_unlist(p);
}

/* All but the last so many. */
static void forget_all_but(unsigned int kept)
{
	struct vmtrace_process *p;

	for (;;) {
		spin_lock_irq(&exited_lock);
		p = NULL;
		if (nr_exited > kept) {
			p = list_first_entry(&exited, struct vmtrace_process, exited);
			list_del_init(&p->exited);
			nr_exited--;
		}
		spin_unlock_irq(&exited_lock);
		if (!p)
			break;
		forget(p);
		cond_resched();
	}
}

static void forget_oldest(struct work_struct *work)
{
	forget_all_but(vmtrace_history);
}

int vmtrace_history_reset(int (*reset)(void))
{
	int err = mutex_lock_killable(&walk_mutex);

	if (err)
		return err;
	forget_all_but(0);
	err = reset();
	if (!err) {
		/* What was forgotten meanwhile goes, too, whether it had been reset or not. */
		spin_lock(&totals_lock);
		vmtrace_dropped_reset(forgotten.dropped);
		memset(&forgotten, 0, sizeof(forgotten));
		spin_unlock(&totals_lock);
	}
	mutex_unlock(&walk_mutex);
	return err;
}

void vmtrace_history_add(struct vmtrace_process *p)
{
	unsigned long irq;

	spin_lock_irqsave(&exited_lock, irq);
	list_add_tail(&p->exited, &exited);
	if (++nr_exited > vmtrace_history)
		queue_work(system_unbound_wq, &forget_work);
	spin_unlock_irqrestore(&exited_lock, irq);
}

void vmtrace_history_exit(void)
{
	cancel_work_sync(&forget_work);
}
