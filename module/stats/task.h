/* SPDX-License-Identifier: GPL-2.0 */
/* task.h - the records of tasks, and their drops; see the rules in types.h */
#ifndef VMTRACE_STATS_TASK_H
#define VMTRACE_STATS_TASK_H

#include "stats/types.h"

/**
 * vmtrace_task_find() - the record of a task
 * @task: any task
 *
 * Context: under RCU, or preemption or interrupts off.
 * Return: the record, or NULL if the task has none.
 */
struct vmtrace_task *vmtrace_task_find(const struct task_struct *task);

/**
 * vmtrace_task_create() - find or create the record of a task
 * @task: current, a task not yet woken up, or any task that was found under RCU
 * @p: its process
 *
 * Context: any but hard interrupt; does not sleep. Under RCU if @task is not current.
 * Return: the record, which lives as long as @task; NULL if there is no memory.
 */
struct vmtrace_task *vmtrace_task_create(struct task_struct *task, struct vmtrace_process *p);

/*
 * Look up the counts of current and cache them on this CPU; NULL if there are none. Context: the
 * hook, preemption or interrupts off.
 */
struct vmtrace_thread *vmtrace_task_fetch(void);

/**
 * vmtrace_task_create_thread() - create the counts of current, which has none
 * @k: the record of current
 *
 * Context: the hook, at an entry, interrupts off; does not sleep.
 * Return: the counts, which live as long as @k; NULL if the table or the user's share of it is
 *	full, or there is no memory, and then the caller has to drop the fault.
 */
struct vmtrace_thread *vmtrace_task_create_thread(struct vmtrace_task *k);

/**
 * vmtrace_task_cancel_pending() - current is not inside handle_mm_fault
 *
 * If its record says that it is, the hook missed the return of the last attempt.
 *
 * Context: current; any but hard interrupt.
 */
void vmtrace_task_cancel_pending(void);

/*
 * From now on every task gets its record when it is created: of a task that is found without one
 * and is not older than this call, the kernel's whole count is vmtrace's to explain.
 */
void vmtrace_task_start(void);
bool vmtrace_task_started(void);
/* Is @task younger than vmtrace_task_start()? */
bool vmtrace_task_is_younger(const struct task_struct *task);

/**
 * vmtrace_task_drop() - an attempt begins for whose fault there is no room
 * @k: the record of current, without a struct vmtrace_thread; NULL if there is no memory for it
 *
 * mm_account_fault() (mm/memory.c) increments min_flt or maj_flt when a fault is over, and not if
 * it failed or is to be retried. So the fault is added when the next attempt begins, if the
 * kernel's count has increased; a reader compares as well. The return need not be seen.
 *
 * Context: the hook, interrupts off.
 */
void vmtrace_task_drop(struct vmtrace_task *k);

/* Add the last drop, if the kernel has counted it. Context: the task takes no more faults. */
void vmtrace_task_resolve_drop(struct vmtrace_task *k);

/*
 * Dropped faults since load, in time linear in the number of CPUs. Of each live task, it includes
 * the last dropped attempt also if that failed.
 */
u64 vmtrace_dropped(void);

/**
 * vmtrace_task_sum() - add the numbers of a task at one instant
 * @k: the record
 * @sum: increased
 *
 * The kernel's count and the hook's are of one instant, so vmtrace_unobserved() of a sum is never
 * negative.
 *
 * Context: under @k->process->lock.
 */
void vmtrace_task_sum(const struct vmtrace_task *k, struct vmtrace_sum *sum);

/*
 * The numbers of current; if it has no record, the kernel's count is unobserved. Context: process.
 */
void vmtrace_task_read_current(struct vmtrace_sum *sum);

/* Remove a record from the table; vmtrace_task_free() must follow. Any context. */
void vmtrace_task_unhash(struct vmtrace_task *k);
/* Free a record and its counts after a grace period. */
void vmtrace_task_free(struct vmtrace_task *k);

int vmtrace_task_init(void);
/* Free all records. The hook and the tracepoints are off. May sleep. */
void vmtrace_task_exit(void);

#endif /* VMTRACE_STATS_TASK_H */
