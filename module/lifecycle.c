// SPDX-License-Identifier: GPL-2.0
/*
 * lifecycle.c - how vmtrace learns that processes begin, tasks end and accesses fail
 *
 * Tracepoints, which the kernel does not export by name but hands out to whoever
 * walks them. Unlike the hook they cannot be switched off from outside.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/tracepoint.h>

#include "events.h"
#include "failure.h"
#include "fault.h"
#include "lifecycle.h"
#include "names.h"
#include "process.h"
#include "publish.h"

/*
 * copy_process() is done, the child has not run. Kernel threads are left to
 * their first fault, which few of them ever take.
 */
static void on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct vmtrace_process *p;

	if (!thread_group_leader(child) || (child->flags & PF_KTHREAD))
		return;
	if (trace_fork_enabled()) {
		preempt_disable_notrace();
		trace_fork(parent->tgid, child->tgid);
		preempt_enable_notrace();
	}
	p = vmtrace_process_track(child);
	if (p)
		vmtrace_publish_on_resume(p, child);
}

/* do_exit(); later faults of the task are possible and counted. */
static void on_exit(void *data, struct task_struct *task)
{
	if (task == current)
		vmtrace_settle_current();
	if (thread_group_leader(task))
		vmtrace_process_exit_leader(task);
}

/* delayed_put_task_struct(): an RCU callback; no fault of the task can follow. */
static void on_free(void *data, struct task_struct *task)
{
	vmtrace_process_free_task(task);
}

/* __send_signal_locked(): under siglock. */
static void on_signal(void *data, int sig, struct kernel_siginfo *info, struct task_struct *task,
		      int group, int result)
{
	/* What the kernel raises for an access goes to the thread that tried it. */
	if (task == current && !group && (sig == SIGSEGV || sig == SIGBUS))
		vmtrace_failure_signal(sig, info);
}

static struct probe {
	const char *name;
	void *func;
	struct tracepoint *tp;
} probes[] = {
	/* In order of registration: who is never told of an end must not begin. */
	{ "sched_process_free", on_free },
	{ "sched_process_exit", on_exit },
	{ "sched_process_fork", on_fork },
	{ "signal_generate", on_signal },
};

static void match(struct tracepoint *tp, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tp = tp;
}

static void unregister(unsigned int n)
{
	while (n--)
		tracepoint_probe_unregister(probes[n].tp, probes[n].func, NULL);
	tracepoint_synchronize_unregister();
}

int vmtrace_lifecycle_init(void)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(match, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		err = probes[i].tp ? tracepoint_probe_register(probes[i].tp, probes[i].func, NULL) :
				     -ENOENT;
		if (err) {
			pr_err("cannot attach to the tracepoint %s: error %d\n", probes[i].name,
			       err);
			unregister(i);
			return err;
		}
	}
	return 0;
}

void vmtrace_lifecycle_exit(void)
{
	unregister(ARRAY_SIZE(probes));
}

void vmtrace_lifecycle_scan(void)
{
	struct vmtrace_process *p;
	struct task_struct *task;
	struct pid *pid;
	pid_t nr = 1;

	for (;;) {
		p = NULL;
		rcu_read_lock();
		pid = find_ge_pid(nr, &init_pid_ns);
		if (!pid) {
			rcu_read_unlock();
			break;
		}
		nr = pid_nr_ns(pid, &init_pid_ns) + 1;
		task = pid_task(pid, PIDTYPE_TGID);
		if (task && !(task->flags & PF_KTHREAD))
			p = vmtrace_process_track(task);
		if (p)
			refcount_inc(&p->ref);
		rcu_read_unlock();
		if (p) {
			vmtrace_names_publish(p);
			vmtrace_process_put(p);
		}
		cond_resched();
	}
}
