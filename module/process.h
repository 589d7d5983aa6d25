/* SPDX-License-Identifier: GPL-2.0 */
/*
 * process.h - one record for each process (thread group), live or lately exited
 *
 * A process is the sum of its live threads' records and of what its dead ones
 * left behind. It begins in sched_process_fork (or when the module finds it
 * already there), ends when its leader and every recorded thread have been
 * through sched_process_free, and can then be read until `history` others have
 * ended after it.
 *
 * Rules:
 *  1. Identity while live is the signal_struct: exec keeps it, a thread that
 *     execs takes over the leader's pid but not another signal_struct, and it
 *     cannot be reused before the end, because each task that can still reach
 *     us pins it until its sched_process_free.
 *  2. Identity for people is the struct pid, which is pinned: it knows the
 *     number in every pid namespace, also after the end.
 *  3. @lock protects @threads and everything below it. It is taken in the hook
 *     (a thread's first fault only), in softirq (a task is freed) and by
 *     readers: always with interrupts off. Lock order: @lock, then
 *     @growths.lock, the kernel's sig->stats_lock or task->pi_lock.
 *  4. Tables are read under RCU and changed under one spinlock. A process is
 *     freed a grace period after its last reference is gone.
 */
#ifndef VMTRACE_PROCESS_H
#define VMTRACE_PROCESS_H

#include <linux/cred.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "counts.h"
#include "failure.h"
#include "growth.h"
#include "hot.h"
#include "resume.h"

struct vmtrace_hot_sum;
struct vmtrace_name;
struct vmtrace_process;
struct vmtrace_thread;

typedef void vmtrace_visit_thread(const struct vmtrace_thread *t, void *data);
typedef int vmtrace_visit_process(struct vmtrace_process *p, void *data);

/**
 * struct vmtrace_link - a process under its number in one pid namespace
 * @node: in the table by number, RCU
 * @process: whose number
 * @nr: the number
 * @ns: in which namespace; pinned by @process->pid
 * @name: the entry of /proc/vmtrace that bears the number; names.c
 */
struct vmtrace_link {
	struct hlist_node node;
	struct vmtrace_process *process;
	pid_t nr;
	struct pid_namespace *ns;
	struct vmtrace_name *name;
};

/**
 * struct vmtrace_process - the record of one process
 *
 * Once a thread has its record, its faults do not touch this.
 *
 * @node: in the table by @signal, RCU; until the end
 * @signal: identity; may be dereferenced under @lock while !@ended
 * @pid: names the process, pinned
 * @start_ns: start of the leader, CLOCK_BOOTTIME
 * @base: the kernel's count when tracking began
 * @ref: one for the tables, one for each open file and pending callback
 * @rcu: defers the release
 * @lock: see rule 3
 * @threads: records of threads whose task has not been freed
 * @threads_seen: how many ever were on @threads
 * @dropped: faults of threads without a record
 * @resets: how often it was reset; also read without @lock
 * @generation: vmtrace_generation when that was done last; likewise
 * @retired: history.c has taken over the numbers, @dropped among them
 * @gone: what freed threads had counted
 * @times: how long their faults took, by class; NULL where there were none
 * @hot: which instructions and pages took most of them
 * @visit: what a reader does to each of @threads, or NULL: to be done to those that go before
 * @visit_data: for it
 * @round: which reader, counted
 * @slowest: its slowest faults, NULL while there are none
 * @slowest_floor: who did not take longer is not among them; read without @lock
 * @kernel: the kernel's count since tracking began; valid once @ended
 * @leader_freed: the leader went through sched_process_free
 * @ended: nothing can be counted any more
 * @comm: the leader's name when tracking began, later when it exited
 * @cred: its credentials then, pinned
 * @dumpable: whether its owner might inspect it then
 * @failures: accesses that it was sent a signal for
 * @growths: when its memory came, and when it was touched first
 * @resume: makes the files in the process, before its first user instruction
 * @publish: makes them from a workqueue; this and the one above: publish.c
 * @exited: in history.c's list, oldest first
 * @published: names.c has made the files, or is at it, and
 * @withdrawn: must not make them any more; both under its lock
 * @walked: the last walk over all processes that counted it, and
 * @forgotten: it left the tables; both under history.c's totals_lock
 * @visited: the last vmtrace_process_visit_each() that came by
 * @reading: one reader at a time walks the threads
 * @nr_links: pid namespaces that see the process
 * @links: one for each of them
 */
struct vmtrace_process {
	struct hlist_node node;
	struct signal_struct *signal;
	struct pid *pid;
	u64 start_ns;
	struct vmtrace_kernel_counts base;
	u64 slowest_floor;

	refcount_t ref;
	struct rcu_head rcu;
	spinlock_t lock; /* rule 3 */
	struct list_head threads;
	unsigned int threads_seen;
	u64 dropped;
	unsigned int resets;
	unsigned int generation;
	bool retired;
	struct vmtrace_counts gone;
	struct vmtrace_times *times[VMTRACE_CLASS_COUNT];
	struct vmtrace_hot hot;
	vmtrace_visit_thread *visit;
	void *visit_data;
	u64 round;
	struct vmtrace_slowest *slowest;
	struct vmtrace_kernel_counts kernel;
	bool leader_freed;
	bool ended;
	char comm[TASK_COMM_LEN];
	const struct cred *cred;
	bool dumpable;
	struct vmtrace_failures failures;
	struct vmtrace_growths growths; /* has a lock of its own, inside @lock */

	struct vmtrace_resume resume;
	struct work_struct publish;
	struct list_head exited;
	bool published;
	bool withdrawn;
	bool forgotten;
	unsigned long walked;
	unsigned long visited;
	struct mutex reading; /* before @lock */
	unsigned int nr_links;
	struct vmtrace_link links[];
};

/**
 * vmtrace_process_generation() - which one its counts belong to
 * @p: the process
 *
 * Context: any.
 * Return: vmtrace_generation; 0: they have yet to be reset for it, by who has raised it.
 */
static inline unsigned int vmtrace_process_generation(const struct vmtrace_process *p)
{
	unsigned int generation = READ_ONCE(vmtrace_generation);

	smp_rmb(); /* pairs with reset_all(), reset.c */
	if (!smp_load_acquire(&vmtrace_resetting))
		return generation;
	/* What a reset took off was read before this, what we do is not. */
	return smp_load_acquire(&p->generation) == generation ? generation : 0;
}

/**
 * struct vmtrace_process_stats - one process at one instant
 * @comm: name of the leader
 * @exited: every thread has been through exit: the counts are final
 * @uid: real uid of the leader
 * @start_ns: start of the leader, CLOCK_BOOTTIME
 * @threads: threads alive
 * @pgtables_bytes: memory of the page tables; 0 if it has none any more
 * @threads_seen: threads that took a fault
 * @in_flight: threads inside handle_mm_fault
 * @counts: what the hook counted
 * @kernel: what the kernel counted since tracking began
 * @dropped: faults of threads without a record
 * @failures: accesses that it was sent a signal for, by reason
 */
struct vmtrace_process_stats {
	char comm[TASK_COMM_LEN];
	bool exited;
	kuid_t uid;
	u64 start_ns;
	unsigned int threads;
	unsigned long pgtables_bytes;
	unsigned int threads_seen;
	unsigned int in_flight;
	struct vmtrace_counts counts;
	struct vmtrace_kernel_counts kernel;
	u64 dropped;
	u64 failures[VMTRACE_REASON_COUNT];
};

/**
 * struct vmtrace_census - how many processes there are
 * @live: processes that have not ended
 * @exited: ended ones that can still be read
 */
struct vmtrace_census {
	unsigned int live;
	unsigned int exited;
};

/**
 * vmtrace_unobserved() - what the kernel counted and nobody saw
 * @k: the kernel's count
 * @c: the hook's count of the same instant
 * @dropped: seen but not recorded
 */
static inline s64 vmtrace_unobserved(const struct vmtrace_kernel_counts *k,
				     const struct vmtrace_counts *c, u64 dropped)
{
	return k->minor + k->major - c->minor - c->major - dropped;
}

/**
 * vmtrace_process_track() - the record of a task's process, made if it has none
 * @task: current, a task not yet woken up, or any under RCU
 *
 * Context: any but hard interrupt; does not sleep.
 * Return: the record. It stays valid as long as @task cannot be freed, since a
 *	process does not end before its tasks: while @task is current or not yet
 *	awake, or under RCU. NULL if @task's process is being released, the
 *	table is full or there is no memory.
 */
struct vmtrace_process *vmtrace_process_track(struct task_struct *task);

/* The record of a task's process or NULL; as vmtrace_process_track(), makes nothing. */
struct vmtrace_process *vmtrace_process_of(const struct task_struct *task);

/**
 * vmtrace_process_get_nr() - find a process, live or exited, by number
 * @nr: the number
 * @ns: in which pid namespace
 *
 * A number that was used again means its newest owner.
 *
 * Return: a reference to be put, or NULL.
 */
struct vmtrace_process *vmtrace_process_get_nr(pid_t nr, struct pid_namespace *ns);

/* A reference to the record of current's process, or NULL. */
struct vmtrace_process *vmtrace_process_get_current(void);
void vmtrace_process_put(struct vmtrace_process *p);
bool vmtrace_process_is_current(const struct vmtrace_process *p);

/* A thread of current's process has a record now. Context: the hook. */
void vmtrace_process_adopt(struct vmtrace_process *p, struct vmtrace_thread *t);

/**
 * vmtrace_process_drop() - a counted fault of current went unrecorded
 * @p: current's process, or NULL
 * @resets: @p->resets when it began
 *
 * If there was a reset meanwhile, nobody knows on which side of it the kernel counted
 * the fault: then it is left out, and at worst unobserved, but never in excess.
 *
 * Context: the hook.
 */
void vmtrace_process_drop(struct vmtrace_process *p, unsigned int resets);

/* The leader @task exits: keep what cannot be asked later. Context: sched_process_exit. */
void vmtrace_process_exit_leader(struct task_struct *task);

/* @task is about to be freed, nothing can be charged to it any more. Softirq. */
void vmtrace_process_free_task(struct task_struct *task);

/**
 * vmtrace_process_read() - all there is to say of a process at this instant
 * @p: a referenced process
 * @s: filled in
 * @times: VMTRACE_CLASS_COUNT of them, filled in as by vmtrace_process_read_times(), of
 *	a moment before, and after the same reset; or NULL
 *
 * Context: may sleep.
 * Return: 0, or -EINTR if current was killed while it waited for another reader.
 */
int vmtrace_process_read(struct vmtrace_process *p, struct vmtrace_process_stats *s,
			 struct vmtrace_times *times);

/**
 * vmtrace_process_read_times() - how long its faults took
 * @p: a referenced process
 * @sum: VMTRACE_CLASS_COUNT of them, filled in
 *
 * Takes time linear in the number of threads, with interrupts off for a few of
 * them at a time.
 *
 * Context: may sleep.
 * Return: as vmtrace_process_read().
 */
int vmtrace_process_read_times(struct vmtrace_process *p, struct vmtrace_times *sum);

/**
 * vmtrace_process_visit_threads() - visit the threads that have a record
 * @p: a referenced process
 * @visit: called once for each, also if it goes away meanwhile, under @p->lock
 * @data: for it
 *
 * Context: may sleep; @visit does not.
 * Return: as vmtrace_process_read().
 */
int vmtrace_process_visit_threads(struct vmtrace_process *p, vmtrace_visit_thread *visit,
				  void *data);

/* As vmtrace_process_read_times(), which instructions and pages took most faults. */
int vmtrace_process_read_hot(struct vmtrace_process *p, struct vmtrace_hot_sum *sum);

/* The part of it that changes with every fault; does not sleep. Lock order as rule 3. */
void vmtrace_process_read_counts(struct vmtrace_process *p, struct vmtrace_process_stats *s);

/*
 * As vmtrace_process_read_counts(), for who adds them to a sum that is reset by itself:
 * vmtrace_dropped_reset(). @p has ended.
 */
void vmtrace_process_retire(struct vmtrace_process *p, struct vmtrace_process_stats *s);

/* No hook is there any more: of what its threads are in, no end will be seen. Any context. */
void vmtrace_process_abandon(struct vmtrace_process *p);

/* Visit all processes, live and exited, each under RCU. May sleep in between. */
void vmtrace_process_for_each(void (*visit)(struct vmtrace_process *p, void *data), void *data);

/**
 * vmtrace_process_visit_each() - visit all processes, live and exited
 * @visit: called for each that is there all the time; may sleep. Its error ends it.
 * @data: for @visit
 *
 * Return: 0, an error of @visit, or -EINTR if current was killed while it waited for
 *	another one.
 */
int vmtrace_process_visit_each(vmtrace_visit_process *visit, void *data);

/**
 * vmtrace_process_reset() - from now on, what it counted so far never was
 * @p: referenced
 * @scratch: room for VMTRACE_CLASS_COUNT of them
 *
 * vmtrace_generation has been increased. Counts are reset at one moment, times at
 * another.
 *
 * Context: sleeps.
 * Return: 0; -ENOMEM or -EINTR, and counts and times go on.
 */
int vmtrace_process_reset(struct vmtrace_process *p, struct vmtrace_times *scratch);

/* Take an exited process out of the tables and drop their reference. */
void vmtrace_process_unlist(struct vmtrace_process *p);

/**
 * vmtrace_process_owner() - whose process it is, live or exited
 * @p: a referenced process
 * @dumpable: set to whether the owner may inspect it; NULL if not wanted
 * @ns: set to where a capability is needed if not; a reference; NULL if not wanted
 *
 * Return: credentials, to be put.
 */
const struct cred *vmtrace_process_owner(struct vmtrace_process *p, bool *dumpable,
					 struct user_namespace **ns);

/* Its memory, to be given back by mmput(); NULL if it has none any more. Does not sleep. */
struct mm_struct *vmtrace_process_mm(struct vmtrace_process *p);

/* How many there are, both of one moment; takes the same time however many. */
void vmtrace_process_census(struct vmtrace_census *c);

/**
 * vmtrace_dropped() - faults without a record since load or reset
 *
 * The sum of @dropped of all processes, of what was retired, and of
 * vmtrace_dropped_elsewhere. Takes time linear in the number of CPUs, and nothing else.
 *
 * Return: how many.
 */
u64 vmtrace_dropped(void);

/* Take off all that were of no process, and of the retired so many. Other processes do it
 * themselves, vmtrace_process_reset().
 */
void vmtrace_dropped_reset(u64 retired);

/* Faults of processes that have no record. */
extern atomic64_t vmtrace_dropped_elsewhere;

/* Memory of one record in the initial pid namespace, in bytes. */
size_t vmtrace_process_bytes(void);

/* Frees every record. Hook and tracepoints must be off, no file open, no callback pending. */
void vmtrace_process_exit(void);

#endif /* VMTRACE_PROCESS_H */
