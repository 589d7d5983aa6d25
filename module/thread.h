/* SPDX-License-Identifier: GPL-2.0 */
/*
 * thread.h - one record for each thread that took a fault
 *
 * Rules:
 *  1. The kernel charges a fault to current, so only the thread itself writes
 *     its counters, from the hook, where it can be neither preempted nor
 *     interrupted by another fault. No atomics, no shared cache line.
 *  2. Others read under @seq. No reader ever makes the writer wait.
 *  3. A record is found by its task_struct's address. That is its identity:
 *     the record leaves the table in sched_process_free, before the
 *     task_struct can be used again.
 *  4. The table is read under RCU (the hook runs with preemption or interrupts
 *     off) and changed under its spinlock. Records are freed after a grace
 *     period.
 */
#ifndef VMTRACE_THREAD_H
#define VMTRACE_THREAD_H

#include <linux/cache.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/seqlock.h>

#include "counts.h"

struct vmtrace_process;

/**
 * struct vmtrace_thread - the record of one thread
 * @node: in the table, RCU
 * @task: whose record; may be dereferenced under @process->lock while the
 *	record is on @process->threads
 * @process: its thread group, set once
 * @seq: makes a snapshot of the next three consistent; written by @task only
 * @in_flight: @task is inside handle_mm_fault
 * @counts: what the hook counted; written by @task only
 * @at_entry: the kernel's count when the fault in flight began; meaningless
 *	when none is. In between, nobody else can tell whether the kernel has
 *	counted it yet.
 * @siblings: in @process->threads, under @process->lock
 * @rcu: defers the release
 */
struct vmtrace_thread {
	struct hlist_node node;
	struct task_struct *task;
	struct vmtrace_process *process;
	seqcount_t seq;
	bool in_flight;
	struct vmtrace_counts counts;
	struct vmtrace_kernel_counts at_entry;
	struct list_head siblings;
	struct rcu_head rcu;
} ____cacheline_aligned;

/**
 * struct vmtrace_sample - one thread at one instant
 * @counts: what the hook counted
 * @kernel: what the kernel had counted when @counts were written
 * @in_flight: the thread is inside handle_mm_fault
 */
struct vmtrace_sample {
	struct vmtrace_counts counts;
	struct vmtrace_kernel_counts kernel;
	bool in_flight;
};

/**
 * vmtrace_thread_find() - the record of a task
 * @task: any task
 *
 * Context: under RCU, or preemption or interrupts off.
 * Return: the record, or NULL if it has none.
 */
struct vmtrace_thread *vmtrace_thread_find(const struct task_struct *task);

/**
 * vmtrace_thread_current() - the record of current, made if it has none
 *
 * Context: the hook; does not sleep.
 * Return: the record, which lives as long as current does; NULL if the table
 *	is full or there is no memory, and then the fault is to be counted as
 *	dropped.
 */
struct vmtrace_thread *vmtrace_thread_current(void);

/**
 * vmtrace_thread_sample() - read a record consistently with the kernel's count
 * @t: the record
 * @s: filled in
 *
 * Mirrors task_struct's min_flt and maj_flt, which mm_account_fault()
 * (mm/memory.c) writes between the hook's two events.
 *
 * Context: under @t->process->lock.
 */
void vmtrace_thread_sample(const struct vmtrace_thread *t, struct vmtrace_sample *s);

/* Takes a record out of the table; vmtrace_thread_free() must follow. Any context. */
void vmtrace_thread_unhash(struct vmtrace_thread *t);
void vmtrace_thread_free(struct vmtrace_thread *t);

unsigned int vmtrace_threads(void);
extern unsigned int vmtrace_max_threads;

int vmtrace_thread_init(void);
/* Frees every record. The hook and the tracepoints must be off. */
void vmtrace_thread_exit(void);

#endif /* VMTRACE_THREAD_H */
