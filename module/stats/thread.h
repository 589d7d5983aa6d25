/* SPDX-License-Identifier: GPL-2.0 */
/* thread.h - the counts of threads that took a fault; see the rules in types.h */
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

/* The record that was last looked up on this CPU, or a dummy of no task; rule 5 of types.h. */
DECLARE_PER_CPU(struct vmtrace_thread *, vmtrace_cached_thread);

/**
 * vmtrace_thread_is_cached() - has this CPU cached the record of current?
 * @task: current
 * @t: set to the record if so, to another one if not
 *
 * Context: the hook, preemption or interrupts off.
 * Return: if false, vmtrace_task_fetch() may find the record.
 */
static __always_inline bool vmtrace_thread_is_cached(const struct task_struct *task,
						     struct vmtrace_thread **t)
{
	*t = __this_cpu_read(vmtrace_cached_thread);
	return likely((*t)->task == task);
}

/* Cache the record of current on this CPU. Context: the hook, preemption or interrupts off. */
void vmtrace_thread_cache(struct vmtrace_thread *t);

/* Allocate counts for current, of process @p. Context and return: vmtrace_task_create_thread(). */
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

/* An attempt returned VM_FAULT_RETRY: it is over, the fault is not. Context: as above. */
static inline void vmtrace_thread_retry(struct vmtrace_thread *t)
{
	raw_write_seqcount_begin(&t->seq);
	vmtrace_add(&t->counts.retried, 1);
	WRITE_ONCE(t->state, VMTRACE_IDLE);
	raw_write_seqcount_end(&t->seq);
}

/* No attempt is pending any more. Context: current, interrupts off; or the hook is off. */
static inline void vmtrace_thread_leave(struct vmtrace_thread *t)
{
	raw_write_seqcount_begin(&t->seq);
	WRITE_ONCE(t->state, VMTRACE_IDLE);
	raw_write_seqcount_end(&t->seq);
}

/**
 * vmtrace_thread_add_waiting() - allocate times for the fault that waits for them, and add it
 * @t: the record of current; @t->waiting_class is not VMTRACE_CLASS_COUNT
 *
 * If there is no memory, the fault is counted as untimed.
 *
 * Context: the hook, at an entry, interrupts off.
 */
void vmtrace_thread_add_waiting(struct vmtrace_thread *t);

/* Add a fault to the times of its class, with the maximum, the time asleep and the tables. */
void vmtrace_times_account(struct vmtrace_times *times, const struct vmtrace_sample *m);

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

/* Add the times of a thread to @sum, an array of VMTRACE_CLASS_COUNT. Under @t->process->lock. */
void vmtrace_thread_sum_times(const struct vmtrace_thread *t, struct vmtrace_times *sum);

/**
 * vmtrace_thread_fold_times() - add the times of a thread that takes no more faults
 * @t: the thread
 * @into: array of VMTRACE_CLASS_COUNT; where it has NULL, a pointer is moved from @t
 *
 * Context: under @t->process->lock.
 * Return: number of faults, 0 or 1, for whose time there was no memory.
 */
unsigned int vmtrace_thread_fold_times(struct vmtrace_thread *t, struct vmtrace_times **into);

/* Arrays of VMTRACE_CLASS_COUNT pointers, NULL for a class without times. */
void vmtrace_times_sum(struct vmtrace_times *sum, struct vmtrace_times *const *times);
void vmtrace_times_free(struct vmtrace_times **times);

/* Remove a record, whose task takes no more faults, from the CPUs that cache it. Any context. */
void vmtrace_thread_uncache(struct vmtrace_thread *t);
/* Free a record after a grace period, without its times. */
void vmtrace_thread_free(struct vmtrace_thread *t);

/* Number of records. */
unsigned int vmtrace_threads(void);

int vmtrace_thread_init(void);
/* All records have been freed. May sleep. */
void vmtrace_thread_exit(void);

#endif /* VMTRACE_STATS_THREAD_H */
