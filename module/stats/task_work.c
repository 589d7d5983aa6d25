// SPDX-License-Identifier: GPL-2.0
/* task_work.c - call a function in a task before its next user instruction; see task_work.h */
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>

#include "stats/task_work.h"

static LIST_HEAD(queued);
static DEFINE_SPINLOCK(queued_lock); /* before task->pi_lock */
static atomic_t unfinished = ATOMIC_INIT(0);

static void finish(struct vmtrace_task_work *w, bool cancelled)
{
	w->func(w, cancelled);
	if (atomic_dec_and_test(&unfinished))
		wake_up_var(&unfinished);
}

static void run(struct callback_head *work)
{
	struct vmtrace_task_work *w = container_of(work, struct vmtrace_task_work, work);
	unsigned long irq;

	/* Once off the list, vmtrace_task_work_exit() neither cancels @w nor uses the task. */
	spin_lock_irqsave(&queued_lock, irq);
	list_del_init(&w->node);
	spin_unlock_irqrestore(&queued_lock, irq);
	finish(w, false);
}

bool vmtrace_task_work_add(struct vmtrace_task_work *w, struct task_struct *task,
			   void (*func)(struct vmtrace_task_work *w, bool cancelled))
{
	unsigned long irq;
	int err;

	atomic_inc(&unfinished);
	init_task_work(&w->work, run);
	w->task = task;
	w->func = func;
	spin_lock_irqsave(&queued_lock, irq);
	err = task_work_add(task, &w->work, TWA_RESUME);
	if (!err)
		list_add_tail(&w->node, &queued);
	spin_unlock_irqrestore(&queued_lock, irq);
	if (err && atomic_dec_and_test(&unfinished))
		wake_up_var(&unfinished);
	return !err;
}

/*
 * task_work_cancel() (kernel/task_work.c), which is not exported. The task exists while the call is
 * in the list: exit_task_work() calls run(), which waits for queued_lock.
 */
static bool dequeue(struct vmtrace_task_work *w)
{
	struct callback_head **prev, *work;
	bool found = false;

	lockdep_assert_held(&queued_lock);
	raw_spin_lock(&w->task->pi_lock);
	prev = &w->task->task_works;
	work = READ_ONCE(*prev);
	while (work) {
		if (work != &w->work) {
			prev = &work->next;
			work = READ_ONCE(*prev);
		} else if (try_cmpxchg(prev, &work, work->next)) {
			found = true;
			break;
		}
	}
	raw_spin_unlock(&w->task->pi_lock);
	return found;
}

static bool cancel_first(void)
{
	struct vmtrace_task_work *w;
	bool found = false;

	spin_lock_irq(&queued_lock);
	w = list_first_entry_or_null(&queued, struct vmtrace_task_work, node);
	if (w) {
		/* If not found, the task is in run() and waits for queued_lock. */
		found = dequeue(w);
		list_del_init(&w->node);
	}
	spin_unlock_irq(&queued_lock);
	if (found)
		finish(w, true);
	return w;
}

void vmtrace_task_work_exit(void)
{
	while (cancel_first())
		cond_resched();
	wait_var_event(&unfinished, !atomic_read(&unfinished));
	/* A task may still be at the end of run(), where it may be preempted but does not sleep. */
	synchronize_rcu_tasks();
}
