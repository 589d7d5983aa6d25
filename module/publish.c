// SPDX-License-Identifier: GPL-2.0
/* publish.c - when the files of a process are made; see publish.h */
#include <linux/workqueue.h>

#include "names.h"
#include "process.h"
#include "publish.h"
#include "resume.h"

static struct workqueue_struct *wq;

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

static void resumed(struct vmtrace_resume *r, bool cancelled)
{
	struct vmtrace_process *p = container_of(r, struct vmtrace_process, resume);

	if (!cancelled)
		vmtrace_names_publish(p);
	vmtrace_process_put(p);
}

void vmtrace_publish_on_resume(struct vmtrace_process *p, struct task_struct *task)
{
	refcount_inc(&p->ref);
	if (vmtrace_resume_add(&p->resume, task, resumed))
		return;
	vmtrace_process_put(p);
	vmtrace_publish(p);
}

int vmtrace_publish_init(void)
{
	wq = alloc_workqueue("vmtrace_publish", WQ_UNBOUND, 0);
	return wq ? 0 : -ENOMEM;
}

void vmtrace_publish_exit(void)
{
	destroy_workqueue(wq);
}
