// SPDX-License-Identifier: GPL-2.0
/* resume.c - something to do in a task before its next user instruction; see resume.h */
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>

#include "resume.h"

static LIST_HEAD(queued);
static DEFINE_SPINLOCK(queued_lock); /* before task->pi_lock */
static atomic_t unfinished = ATOMIC_INIT(0);

static void finish(struct vmtrace_resume *r, bool cancelled)
{
	r->func(r, cancelled);
	if (atomic_dec_and_test(&unfinished))
		wake_up_var(&unfinished);
}

static void resume_work(struct callback_head *work)
{
	struct vmtrace_resume *r = container_of(work, struct vmtrace_resume, work);
	unsigned long irq;

	/* From here on vmtrace_resume_exit() lets us be; it has let go of the task, too. */
	spin_lock_irqsave(&queued_lock, irq);
	list_del_init(&r->node);
	spin_unlock_irqrestore(&queued_lock, irq);
	finish(r, false);
}

bool vmtrace_resume_add(struct vmtrace_resume *r, struct task_struct *task,
			void (*func)(struct vmtrace_resume *r, bool cancelled))
{
	unsigned long irq;
	int err;

	atomic_inc(&unfinished);
	init_task_work(&r->work, resume_work);
	r->task = task;
	r->func = func;
	spin_lock_irqsave(&queued_lock, irq);
	err = task_work_add(task, &r->work, TWA_RESUME);
	if (!err)
		list_add_tail(&r->node, &queued);
	spin_unlock_irqrestore(&queued_lock, irq);
	if (err && atomic_dec_and_test(&unfinished))
		wake_up_var(&unfinished);
	return !err;
}

/*
 * task_work_cancel() of kernel/task_work.c, which is not exported. The task is
 * there as long as its callback is queued: exit_task_work() runs it, and that
 * waits for queued_lock.
 */
static bool dequeue(struct vmtrace_resume *r)
{
	struct callback_head **prev, *work;
	bool found = false;

	lockdep_assert_held(&queued_lock);
	raw_spin_lock(&r->task->pi_lock);
	prev = &r->task->task_works;
	work = READ_ONCE(*prev);
	while (work) {
		if (work != &r->work) {
			prev = &work->next;
			work = READ_ONCE(*prev);
		} else if (try_cmpxchg(prev, &work, work->next)) {
			found = true;
			break;
		}
	}
	raw_spin_unlock(&r->task->pi_lock);
	return found;
}

static bool cancel_first(void)
{
	struct vmtrace_resume *r;
	bool found = false;

	spin_lock_irq(&queued_lock);
	r = list_first_entry_or_null(&queued, struct vmtrace_resume, node);
	if (r) {
		/* Not found: its task is about to run it, and waits for our lock. */
		found = dequeue(r);
		list_del_init(&r->node);
	}
	spin_unlock_irq(&queued_lock);
	if (found)
		finish(r, true);
	return r;
}

void vmtrace_resume_exit(void)
{
	while (cancel_first())
		cond_resched();
	wait_var_event(&unfinished, !atomic_read(&unfinished));
	/*
	 * The last one may still be on its way out of resume_work(), preempted
	 * or not; it cannot sleep there.
	 */
	synchronize_rcu_tasks();
}
