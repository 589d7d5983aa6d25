/* SPDX-License-Identifier: GPL-2.0 */
/*
 * thread.h - one record for each thread that took a fault
 *
 * Rules:
 *  1. The kernel charges a fault to current, so only the thread itself writes
 *     its counters, from the hook, where it can be neither preempted nor
 *     interrupted by another fault. No atomics, no shared cache line.
 *  2. Others read without a lock of the writer's: it writes with interrupts off,
 *     so that it cannot be interrupted by code that waits for the reader, and
 *     between seqcount_begin and _end of @seq. @times are outside of that: each
 *     of their numbers is one that the thread had. So is the begin of a fault:
 *     vmtrace_thread_sample() looks twice.
 *  3. A record is found by its task_struct's address. That is its identity:
 *     the record leaves the table in sched_process_free, before the
 *     task_struct can be used again.
 *  4. The table is read under RCU (the hook runs with preemption or interrupts
 *     off) and changed under its spinlock. Records are freed after a grace
 *     period.
 *  5. Each CPU keeps the last record that it found. Only its own thread puts it
 *     there, and notes where in @cpus; who takes it out of the table takes it
 *     from there, too.
 */
#ifndef VMTRACE_THREAD_H
#define VMTRACE_THREAD_H

#include <linux/cache.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/seqlock.h>

#include "counts.h"
#include "fault.h"
#include "growth.h"
#include "hot.h"

struct vmtrace_process;

/**
 * struct vmtrace_thread_sum - all that is shown of a single thread
 * @minor: minor faults
 * @major: major faults
 * @retried: attempts that were to be repeated
 * @failed: faults that failed
 * @total: ns in all of them together
 * @asleep: the part of it in which the thread was not on a CPU
 * @max: ns, the longest; of the present generation
 * @in_flight: it is inside handle_mm_fault
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
 * enum vmtrace_flight - is a thread inside handle_mm_fault, and with what?
 * @VMTRACE_LANDED: no
 * @VMTRACE_UNCOMMON: any fault
 * @VMTRACE_TOUCH: one that the short way knows (lane.h): it found that a small page of anonymous
 *	memory is not there
 * @VMTRACE_WRITE: likewise: one that is, and must not be written to: it is shared since a fork
 */
enum vmtrace_flight {
	VMTRACE_LANDED,
	VMTRACE_UNCOMMON,
	VMTRACE_TOUCH,
	VMTRACE_WRITE,
};

/* The classes of faults that end on the short way are before this one. */
#define VMTRACE_COMMON_CLASSES (VMTRACE_CLASS_COW_REUSE + 1)

/**
 * struct vmtrace_guess - what is not known of a fault before it is over
 * @class: enum vmtrace_class
 * @origin: enum vmtrace_origin
 */
struct vmtrace_guess {
	u8 class;
	u8 origin;
};

/**
 * struct vmtrace_thread - the record of one thread
 * @node: in the table, RCU
 * @task: whose record; may be dereferenced under @process->lock while the
 *	record is on @process->threads
 * @process: its thread group, set once
 * @seq: of @common, @counts and @hot, and of @in_flight when a fault ends
 * @ready: vmtrace_process_generation() when all was there that a common fault counts in
 * @settled: of a hook that sees no returns: the same, when it last settled a fault
 * @in_flight: enum vmtrace_flight: @task is inside handle_mm_fault, or has been since and nobody
 *	saw it return
 * @guess: of a hook that sees no returns: what becomes of the fault in flight, most likely
 * @at_entry: the kernel's count when the fault in flight began; until its end
 *	nobody else can tell whether the kernel has counted it yet. Written before @in_flight,
 *	and valid as long as that
 * @fault: the fault in flight, or to be retried; nobody else's business
 * @common: faults that ended on the short way, by class: each is a minor one, of the user, and
 *	of an instruction and a page. Not in @counts, nor in the numbers of @hot
 * @timed: of the same classes: where they are timed, too; before the first one, where all of them
 *	are notable
 * @hot: which instructions and pages took most
 * @common_before: sum of @common when the numbers of @hot began
 * @growths: where it touched memory, and how often; see growth.h for who writes what
 * @times: how long the faults of each class took; NULL before the first one
 * @counts: what the hook counted of other faults
 * @siblings: in @process->threads, under @process->lock
 * @reset: what it had counted when all was reset; under @process->lock
 * @visited: the last reader who has been here; under @process->lock
 * @cpus: which may have it at hand: bit n stands for CPU n, n + BITS_PER_LONG
 *	and so on
 * @rcu: defers the release
 *
 * From @seq to @counts, all is written by @task only. What a common fault uses comes first.
 */
struct vmtrace_thread {
	struct hlist_node node;
	struct task_struct *task;
	struct vmtrace_process *process;
	seqcount_t seq;
	unsigned int ready;
	unsigned int settled;
	u8 in_flight;
	struct vmtrace_guess guess;
	struct vmtrace_kernel_counts at_entry;
	struct vmtrace_fault fault;
	u64 common[VMTRACE_COMMON_CLASSES];
	struct vmtrace_times *timed[VMTRACE_COMMON_CLASSES];
	struct vmtrace_hot hot;
	u64 common_before;
	struct vmtrace_growth_cache growths;
	struct vmtrace_times *times[VMTRACE_CLASS_COUNT];
	struct vmtrace_counts counts;
	struct list_head siblings;
	struct vmtrace_thread_sum reset;
	u64 visited;
	unsigned long cpus;
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

/* The record that was last found on this CPU, or one of nobody. See rule 5. */
DECLARE_PER_CPU(struct vmtrace_thread *, vmtrace_thread_at_hand);

/**
 * vmtrace_thread_is_at_hand() - has this CPU the record of current?
 * @task: current
 * @t: set to it, if so
 *
 * Context: the hook, preemption or interrupts off.
 * Return: false if not, and vmtrace_thread_fetch() may find it.
 */
static __always_inline bool vmtrace_thread_is_at_hand(const struct task_struct *task,
						      struct vmtrace_thread **t)
{
	*t = __this_cpu_read(vmtrace_thread_at_hand);
	return likely((*t)->task == task);
}

/* The record of current, or NULL if it has none; from then on it is at hand. Context: likewise. */
struct vmtrace_thread *vmtrace_thread_fetch(void);

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

/* What the hook does to current's record. Context: interrupts off. */

static __always_inline void vmtrace_thread_enter(struct vmtrace_thread *t,
						 const struct task_struct *task,
						 enum vmtrace_flight flight)
{
	WRITE_ONCE(t->at_entry.minor, task->min_flt);
	WRITE_ONCE(t->at_entry.major, task->maj_flt);
	smp_wmb(); /* pairs with vmtrace_thread_sample(), as the next one */
	WRITE_ONCE(t->in_flight, flight);
	smp_wmb(); /* the record shows the fault before the kernel counts it */
}

/* The attempt is over, the fault is not. */
static inline void vmtrace_thread_retry(struct vmtrace_thread *t)
{
	raw_write_seqcount_begin(&t->seq);
	WRITE_ONCE(t->counts.retried, t->counts.retried + 1);
	WRITE_ONCE(t->in_flight, VMTRACE_LANDED);
	raw_write_seqcount_end(&t->seq);
}

/*
 * Where to keep the times of a class, and the hottest pages: for current's first fault that wants
 * them. NULL, or none, without memory; then the next fault tries again. Context: the hook.
 */
struct vmtrace_times *vmtrace_thread_times(struct vmtrace_thread *t, enum vmtrace_class class);
void vmtrace_thread_hot(struct vmtrace_thread *t);
/* Begin a new generation of @t->hot, in @t->seq. */
void vmtrace_thread_hot_clear(struct vmtrace_thread *t, unsigned int generation);
/* A thread is done for: what it has of the present generation goes to its process. Under its lock.
 */
void vmtrace_thread_hot_leave(struct vmtrace_thread *t);

/**
 * vmtrace_thread_sample() - read a record consistently with the kernel's count
 * @t: the record
 * @s: filled in
 *
 * mm_account_fault() (mm/memory.c) writes the task's min_flt and maj_flt between
 * the hook's two events. Repeated if @t went on meanwhile.
 *
 * Context: under @t->process->lock.
 */
void vmtrace_thread_sample(const struct vmtrace_thread *t, struct vmtrace_sample *s);

/* The sum over its classes, since it began. Context: as vmtrace_thread_sample(). */
void vmtrace_thread_sum(const struct vmtrace_thread *t, struct vmtrace_thread_sum *sum);

/*
 * Of VMTRACE_CLASS_COUNT pointers, each of which may be NULL: add them to as many
 * structs; add them to others, or hand them over; free what was not. Those of a
 * thread whose task is not freed yet are read and freed under @process->lock.
 */
void vmtrace_times_sum(struct vmtrace_times *sum, struct vmtrace_times *const *times);
void vmtrace_times_fold(struct vmtrace_times **into, struct vmtrace_times **times);
void vmtrace_times_free(struct vmtrace_times **times);
/* Of as many pointers, have those that are NULL and of which there is something in @used. Sleeps.
 */
int vmtrace_times_alloc(struct vmtrace_times **times, const struct vmtrace_times *used);

/* 2^8 sets for each kind. */
#define VMTRACE_HOT_SUM_BITS 8

/**
 * struct vmtrace_hot_sum - the hottest of many threads, added up
 * @faults: all of them, by kind
 * @set: as in a table, but many more: nearly nothing is lost
 * @copy: room for one thread's
 */
struct vmtrace_hot_sum {
	u64 faults[VMTRACE_HOT_KIND_COUNT];
	struct vmtrace_hot_set set[VMTRACE_HOT_KIND_COUNT][1 << VMTRACE_HOT_SUM_BITS];
	struct vmtrace_hot_table copy;
};

/* Add what is there of the present generation: of a process; of a thread. Under its lock. */
void vmtrace_hot_sum(struct vmtrace_hot_sum *sum, const struct vmtrace_hot *hot);
void vmtrace_hot_sum_thread(struct vmtrace_hot_sum *sum, const struct vmtrace_thread *t);
/* Of a process or thread that nobody reads any more. */
void vmtrace_hot_free(struct vmtrace_hot *hot);

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
