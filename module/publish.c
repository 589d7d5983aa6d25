// SPDX-License-Identifier: GPL-2.0
/* publish.c - when the files of a process are made; see publish.h */
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/task_work.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include "names.h"
#include "process.h"
#include "publish.h"

static struct workqueue_struct *wq;
static atomic_t resumes = ATOMIC_INIT(0); /* task_works pending or running */

static void publish_work(struct work_struct *work)
{
	struct vmtrace_process *p = container_of(work, struct vmtrace_process, publish);

	vmtrace_names_publish(p);
	vmtrace_process_put(p);
}

void vmtrace_publish_prepare(struct vmtrace_process *p)
{
	INIT_WORK(&p->publish, publish_work);
}

void vmtrace_publish(struct vmtrace_process *p)
{
	refcount_inc(&p->ref);
	if (!queue_work(wq, &p->publish))
		vmtrace_process_put(p);
}

static void resume_end(struct vmtrace_process *p)
{
	vmtrace_process_put(p);
	if (atomic_dec_and_test(&resumes))
		wake_up_var(&resumes);
}

static void resume_func(struct callback_head *head)
{
	struct vmtrace_process *p = container_of(head, struct vmtrace_process, resume);
	unsigned long irq;

	/* From here on resume_cancel() lets us be; it has let go of the task, too. */
	spin_lock_irqsave(&p->lock, irq);
	p->resume_task = NULL;
	spin_unlock_irqrestore(&p->lock, irq);
	vmtrace_names_publish(p);
	resume_end(p);
}

void vmtrace_publish_on_resume(struct vmtrace_process *p, struct task_struct *task)
{
	unsigned long irq;
	int err;

	refcount_inc(&p->ref);
	atomic_inc(&resumes);
	init_task_work(&p->resume, resume_func);
	spin_lock_irqsave(&p->lock, irq);
	p->resume_task = task;
	err = task_work_add(task, &p->resume, TWA_RESUME);
	if (err)
		p->resume_task = NULL;
	spin_unlock_irqrestore(&p->lock, irq);
	if (err) {
		resume_end(p);
		vmtrace_publish(p);
	}
}

/*
 * task_work_cancel() of kernel/task_work.c, which is not exported: a task may
 * sleep in the kernel for ever, and unloading must not wait for it. The task
 * is there as long as its callback is pending: exit_task_work() runs it.
 */
static bool resume_cancel(struct vmtrace_process *p)
{
	struct callback_head **prev, *work;
	struct task_struct *task;
	bool found = false;
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	task = p->resume_task;
	if (task) {
		raw_spin_lock(&task->pi_lock);
		prev = &task->task_works;
		work = READ_ONCE(*prev);
		while (work) {
			if (work != &p->resume) {
				prev = &work->next;
				work = READ_ONCE(*prev);
			} else if (try_cmpxchg(prev, &work, work->next)) {
				found = true;
				break;
			}
		}
		raw_spin_unlock(&task->pi_lock);
		if (found)
			p->resume_task = NULL;
	}
	spin_unlock_irqrestore(&p->lock, irq);
	return found;
}

static void cancel_visit(struct vmtrace_process *p, void *data)
{
	if (resume_cancel(p))
		resume_end(p);
}

int vmtrace_publish_init(void)
{
	wq = alloc_workqueue("vmtrace_publish", WQ_UNBOUND, 0);
	return wq ? 0 : -ENOMEM;
}

void vmtrace_publish_exit(void)
{
	vmtrace_process_for_each(cancel_visit, NULL);
	wait_var_event(&resumes, !atomic_read(&resumes));
	/*
	 * The last one may still be on its way out of resume_func(), preempted
	 * or not; it cannot sleep there.
	 */
	synchronize_rcu_tasks();
	destroy_workqueue(wq);
}
