/* SPDX-License-Identifier: GPL-2.0 */
/* thread.h - the records of threads that took a fault; see the rules in types.h */
#ifndef VMTRACE_STATS_THREAD_H
#define VMTRACE_STATS_THREAD_H

#include <linux/percpu.h>

#include "stats/types.h"

/**
 * struct vmtrace_thread_sum - the faults of a thread, of all classes
 * @minor: minor faults
 * @major: major faults
 * @retried: attempts that returned VM_FAULT_RETRY
 * @failed: faults that failed
 * @total: ns in all faults
 * @asleep: the part of @total in which the thread was off the CPU
 * @max: ns, of the longest fault
 * @in_flight: the thread is inside handle_mm_fault
 */
struct vmtrace_thread_sum {
	u64 minor;
	u64 major;
	u64 retried;
	u64 failed;
	u64 total;
	u64 asleep;
	u64 max;
	bool in_flight;
};

/**
 * struct vmtrace_thread_snapshot - one thread at one instant
 * @counts: what the hook counted
 * @kernel: what the kernel had counted at that instant, without the pending fault
 * @in_flight: the thread is inside handle_mm_fault
 */
struct vmtrace_thread_snapshot {
	struct vmtrace_counts counts;
	struct vmtrace_kernel_counts kernel;
	bool in_flight;
};

/**
 * vmtrace_thread_find() - the record of a task
 * @task: any task
 *
 * Context: under RCU, or preemption or interrupts off.
 * Return: the record, or NULL if the task has none.
 */
struct vmtrace_thread *vmtrace_thread_find(const struct task_struct *task);

/* The record that was last looked up on this CPU, or a dummy of no task; rule 5 of types.h. */
DECLARE_PER_CPU(struct vmtrace_thread *, vmtrace_cached_thread);

/**
 * vmtrace_thread_is_cached() - has this CPU cached the record of current?
 * @task: current
 * @t: set to the record if so, to another one if not
 *
 * Context: the hook, preemption or interrupts off.
 * Return: if false, vmtrace_thread_fetch() may find the record.
 */
static __always_inline bool vmtrace_thread_is_cached(const struct task_struct *task,
						     struct vmtrace_thread **t)
{
	*t = __this_cpu_read(vmtrace_cached_thread);
	return likely((*t)->task == task);
}

/*
 * Look up the record of current and cache it on this CPU; NULL if there is none. Context: the hook,
 * preemption or interrupts off.
 */
struct vmtrace_thread *vmtrace_thread_fetch(void);

/**
 * vmtrace_thread_create() - create a record of current, which has none
 * @p: current's process
 *
 * vmtrace_process_attach() must follow.
 *
 * Context: the hook; does not sleep.
 * Return: the record, which lives as long as current does; NULL if the table is full or there is no
 *	memory, and then the caller has to count the fault as dropped.
 */
struct vmtrace_thread *vmtrace_thread_create(struct vmtrace_process *p);

/**
 * vmtrace_thread_enter() - an attempt begins
 * @t: the record of @task
 * @task: current
 * @state: not VMTRACE_IDLE
 *
 * A reader must never see the kernel's count of the pending fault without seeing that the fault is
 * pending:
 *
 *   CPU0, vmtrace_thread_enter()           CPU1, vmtrace_thread_read()
 *   at_entry = min_flt, maj_flt            read state
 *   smp_wmb()                     [A]      smp_rmb()                     [A]
 *   state = pending                        read at_entry, min_flt, maj_flt
 *   smp_wmb()                     [B]      smp_rmb()                     [B]
 *   the kernel increments min_flt          read state again: the same?
 *
 * Context: interrupts off.
 */
static __always_inline void vmtrace_thread_enter(struct vmtrace_thread *t,
						 const struct task_struct *task,
						 enum vmtrace_state state)
{
	WRITE_ONCE(t->at_entry.minor, task->min_flt);
	WRITE_ONCE(t->at_entry.major, task->maj_flt);
	smp_wmb(); /* A */
	WRITE_ONCE(t->state, state);
	smp_wmb(); /* B */
}

/* An attempt returned VM_FAULT_RETRY: it is over, the fault is not. Context: interrupts off. */
static inline void vmtrace_thread_retry(struct vmtrace_thread *t)
{
	raw_write_seqcount_begin(&t->seq);
	WRITE_ONCE(t->counts.retried, t->counts.retried + 1);
	WRITE_ONCE(t->state, VMTRACE_IDLE);
	raw_write_seqcount_end(&t->seq);
}

/**
 * vmtrace_thread_cancel_pending() - current is not inside handle_mm_fault
 *
 * If its record says that it is, the hook missed the return of the last attempt.
 *
 * Context: current; any but hard interrupt.
 */
void vmtrace_thread_cancel_pending(void);

/*
 * Allocate the times of a class, at current's first fault of that class; NULL if there is no
 * memory: the next fault tries again. Context: the hook.
 */
struct vmtrace_times *vmtrace_thread_times(struct vmtrace_thread *t, enum vmtrace_class class);

/**
 * vmtrace_thread_read() - read a record and the kernel's count at one instant
 * @t: the record
 * @s: filled in
 *
 * mm_account_fault() (mm/memory.c) increments the task's min_flt or maj_flt between the two events
 * of the hook. Reads again if @t has changed meanwhile.
 *
 * Context: under @t->process->lock.
 */
void vmtrace_thread_read(const struct vmtrace_thread *t, struct vmtrace_thread_snapshot *s);

/* Add up the classes of a thread. Context: under @t->process->lock. */
void vmtrace_thread_sum(const struct vmtrace_thread *t, struct vmtrace_thread_sum *sum);

/*
 * Arrays of VMTRACE_CLASS_COUNT pointers, NULL for a class without faults. vmtrace_times_sum() adds
 * them to @sum. vmtrace_times_fold() adds @times to @into, or moves a pointer where @into has NULL.
 * vmtrace_times_free() frees what was not moved. For a live thread, under the lock of its process.
 */
void vmtrace_times_sum(struct vmtrace_times *sum, struct vmtrace_times *const *times);
void vmtrace_times_fold(struct vmtrace_times **into, struct vmtrace_times **times);
void vmtrace_times_free(struct vmtrace_times **times);

/* Insert a record into the hash table. Under @t->process->lock, with @t->siblings. */
void vmtrace_thread_hash(struct vmtrace_thread *t);
/* Remove a record; vmtrace_thread_free() must follow. Any context. */
void vmtrace_thread_unhash(struct vmtrace_thread *t);
void vmtrace_thread_free(struct vmtrace_thread *t);

/* Number of records. */
unsigned int vmtrace_threads(void);
/* Parameter: maximum number of thread records, and of process records. */
extern unsigned int vmtrace_max_threads;

int vmtrace_thread_init(void);
/* Free all records. The hook and the tracepoints are off. May sleep. */
void vmtrace_thread_exit(void);

#endif /* VMTRACE_STATS_THREAD_H */
