/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - the only file that knows how kernels differ
 *
 * One signature on every kernel, one-line bodies; each block says what changed
 * and when it can be deleted. Features are tested rather than versions, because
 * distributions backport: what a header cannot tell, Kbuild looks up.
 */
#ifndef VMTRACE_COMPAT_H
#define VMTRACE_COMPAT_H

#include <linux/sched.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#ifdef CONFIG_PREEMPT_RT
#error "vmtrace: PREEMPT_RT is not supported: probe handlers take spinlocks and allocate"
#endif
#if defined(CONFIG_PREEMPTION) && !defined(CONFIG_TASKS_RCU)
#error "vmtrace: a preemptible kernel needs TASKS_RCU (FUNCTION_TRACER=y), or unloading is unsafe"
#endif

/*
 * vmtrace_dumpable(): may its owner inspect this task? To be read after the
 * credentials (task_still_dumpable() in kernel/ptrace.c).
 * vmtrace_dumpable_at_exit(): the same, of a task that has been through
 * exit_mm(), or is about to; takes no lock.
 * vmtrace_user_ns(): where the reader needs the capability if it may not; a
 * reference.
 *
 * 7.2 moved dumpability and the namespace from the mm to task->exec_state. The
 * other half can go with 6.12 (VMTRACE_HAVE_USER_DUMPABLE with 6.1.192 and
 * 6.12.95: before these, a kernel forgot at exit, and we must say no).
 */
#if __has_include("linux/sched/exec_state.h")
#include <linux/sched/exec_state.h>

static inline bool vmtrace_dumpable_at_exit(struct task_struct *task)
{
	bool yes;

	rcu_read_lock();
	yes = READ_ONCE(rcu_dereference(task->exec_state)->dumpable) == TASK_DUMPABLE_OWNER;
	rcu_read_unlock();
	return yes;
}

static inline bool vmtrace_dumpable(struct task_struct *task)
{
	return vmtrace_dumpable_at_exit(task);
}

static inline struct user_namespace *vmtrace_user_ns(struct task_struct *task)
{
	struct user_namespace *ns;

	rcu_read_lock();
	ns = get_user_ns(rcu_dereference(task->exec_state)->user_ns);
	rcu_read_unlock();
	return ns;
}
#else
static inline bool vmtrace_dumpable_at_exit(struct task_struct *task)
{
#ifdef VMTRACE_HAVE_USER_DUMPABLE
	return task->user_dumpable;
#else
	return false;
#endif
}

static inline bool vmtrace_dumpable(struct task_struct *task)
{
	bool yes;

	task_lock(task);
	yes = task->mm ? get_dumpable(task->mm) == SUID_DUMP_USER : vmtrace_dumpable_at_exit(task);
	task_unlock(task);
	return yes;
}

static inline struct user_namespace *vmtrace_user_ns(struct task_struct *task)
{
	struct user_namespace *ns;

	task_lock(task);
	ns = get_user_ns(task->mm ? task->mm->user_ns : &init_user_ns);
	task_unlock(task);
	return ns;
}
#endif

#endif /* VMTRACE_COMPAT_H */
