/* SPDX-License-Identifier: GPL-2.0 */
/*
 * task_work.h - call a function in a task before its next user instruction
 *
 * The kernel runs a task_work where the task may sleep, and before it handles pending signals, so
 * also before a signal kills it. task_work_cancel() is not exported. This file has its own, so that
 * unloading need not wait for a task that sleeps in the kernel.
 */
#ifndef VMTRACE_STATS_TASK_WORK_H
#define VMTRACE_STATS_TASK_WORK_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/task_work.h>

/**
 * struct vmtrace_task_work - a queued call, embedded in the object that @func works on
 * @work: the kernel's part
 * @task: the task that calls @func; it exists as long as @work is queued
 * @func: called once, by @task with @cancelled false, or by vmtrace_task_work_exit() with true. May
 *	free the object
 * @node: in the list of queued calls, under its lock
 */
struct vmtrace_task_work {
	struct callback_head work;
	struct task_struct *task;
	void (*func)(struct vmtrace_task_work *w, bool cancelled);
	struct list_head node;
};

/**
 * vmtrace_task_work_add() - queue a call
 * @w: not queued
 * @task: current, or a task that has not run yet; no kernel thread
 * @func: may sleep unless it is cancelled
 *
 * Context: any; does not sleep.
 * Return: false if @task exits and will not call @func; then @w is not queued.
 */
bool vmtrace_task_work_add(struct vmtrace_task_work *w, struct task_struct *task,
			   void (*func)(struct vmtrace_task_work *w, bool cancelled));

/* Cancel queued calls and wait for running ones. No more may be queued. May sleep. */
void vmtrace_task_work_exit(void);

#endif /* VMTRACE_STATS_TASK_WORK_H */
