/* SPDX-License-Identifier: GPL-2.0 */
/*
 * resume.h - something to do in a task before it comes to its next user instruction
 *
 * A task_work, which may sleep where a hook may not, and which runs before a pending
 * signal is looked at, so also before one that kills. What the kernel lacks for modules
 * is to take it back: a task may sleep in the kernel for ever, and unloading must not
 * wait for it.
 */
#ifndef VMTRACE_RESUME_H
#define VMTRACE_RESUME_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/task_work.h>

/**
 * struct vmtrace_resume - the thing to be done; embedded in what it is done with
 * @work: the kernel's
 * @task: by whom; it is there as long as @work is queued
 * @func: called once, by @task with @cancelled false, or by vmtrace_resume_exit();
 *	it may free this
 * @node: in the list of those that are queued, under its lock
 */
struct vmtrace_resume {
	struct callback_head work;
	struct task_struct *task;
	void (*func)(struct vmtrace_resume *r, bool cancelled);
	struct list_head node;
};

/**
 * vmtrace_resume_add() - have something done
 * @r: by this
 * @task: current, or a task that has not run; no kernel thread
 * @func: what; may sleep unless it is cancelled
 *
 * Context: any; does not sleep.
 * Return: whether it will be done; if not, because @task exits, @r is the caller's again.
 */
bool vmtrace_resume_add(struct vmtrace_resume *r, struct task_struct *task,
			void (*func)(struct vmtrace_resume *r, bool cancelled));

/* Returns when nothing is queued or running. Nothing may be added any more. May sleep. */
void vmtrace_resume_exit(void);

#endif /* VMTRACE_RESUME_H */
