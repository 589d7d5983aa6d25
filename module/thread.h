/* SPDX-License-Identifier: GPL-2.0 */
/*
 * thread.h - one record for each thread that took a fault
 *
 * Rules:
 *  1. The kernel charges a fault to current, so only the thread itself writes
 *     its counters, from the hook, where it can be neither preempted nor
 *     interrupted by another fault. No atomics, no shared cache line.
 *  2. Others read without a lock and never wait for the writer: it may be
 *     interrupted anywhere, and by code that waits for the reader. @state and
 *     the order of stores make a snapshot consistent; see vmtrace_thread_sample().
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

#include "counts.h"
#include "fault.h"

struct vmtrace_process;

/**
 * struct vmtrace_thread - the record of one thread
 * @node: in the table, RCU
 * @task: whose record; may be dereferenced under @process->lock while the
 *	record is on @process->threads
 * @process: its thread group, set once
 * @state: counts.minor + counts.major, doubled, plus one while @task is inside
 *	handle_mm_fault. Written first on entry and last on return.
 * @at_entry: the kernel's count when the fault in flight began; until its end
 *	nobody else can tell whether the kernel has counted it yet
 * @counts: what the hook counted
 * @siblings: in @process->threads, under @process->lock
 * @rcu: defers the release
 *
 * @state, @at_entry and @counts are written by @task only.
 */
struct vmtrace_thread {
	struct hlist_node node;
	struct task_struct *task;
	struct vmtrace_process *process;
	u64 state;
	struct vmtrace_kernel_counts at_entry;
	struct vmtrace_counts counts;
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
 * vmtrace_thread_create() - make a record of current, which has none
 * @p: current's process
 *
 * Context: the hook; does not sleep.
 * Return: the record, which lives as long as current does; NULL if the table
 *	is full or there is no memory, and then the fault is to be counted as
 *	dropped.
 */
struct vmtrace_thread *vmtrace_thread_create(struct vmtrace_process *p);

/* What the hook does to current's record. */
static inline void vmtrace_thread_enter(struct vmtrace_thread *t)
{
	WRITE_ONCE(t->at_entry.minor, current->min_flt);
	WRITE_ONCE(t->at_entry.major, current->maj_flt);
	smp_wmb(); /* (a) at_entry before the state that makes it valid */
	WRITE_ONCE(t->state, t->state | 1);
	smp_wmb(); /* (b) the state before the kernel's count of this fault */
}

static inline void vmtrace_thread_return(struct vmtrace_thread *t, enum vmtrace_outcome outcome)
{
	u64 *count;

	switch (outcome) {
	case VMTRACE_MINOR:
		count = &t->counts.minor;
		break;
	case VMTRACE_MAJOR:
		count = &t->counts.major;
		break;
	case VMTRACE_RETRIED:
		count = &t->counts.retried;
		break;
	default:
		count = &t->counts.failed;
		break;
	}
	smp_wmb(); /* (c) the kernel's count before ours */
	WRITE_ONCE(*count, *count + 1);
	smp_wmb(); /* (d) our count before the state that includes it */
	WRITE_ONCE(t->state, (t->counts.minor + t->counts.major) << 1);
}

/**
 * vmtrace_thread_sample() - read a record consistently with the kernel's count
 * @t: the record
 * @s: filled in
 *
 * mm_account_fault() (mm/memory.c) writes the task's min_flt and maj_flt between
 * the hook's two events. Repeated only if @t went on meanwhile.
 *
 * Context: under @t->process->lock.
 */
void vmtrace_thread_sample(const struct vmtrace_thread *t, struct vmtrace_sample *s);

/* Put a record into the table. Under @t->process->lock, with @t->siblings: a reader sees both. */
void vmtrace_thread_hash(struct vmtrace_thread *t);
/* Take it out; vmtrace_thread_free() must follow. Any context. */
void vmtrace_thread_unhash(struct vmtrace_thread *t);
void vmtrace_thread_free(struct vmtrace_thread *t);

unsigned int vmtrace_threads(void);
extern unsigned int vmtrace_max_threads;

int vmtrace_thread_init(void);
/* Frees every record. The hook and the tracepoints must be off. */
void vmtrace_thread_exit(void);

#endif /* VMTRACE_THREAD_H */
