/* SPDX-License-Identifier: GPL-2.0 */
/*
 * types.h - the records of tasks, threads and processes
 *
 * A fault is charged to current. Every task of a process that is tracked has a small record, struct
 * vmtrace_task, from its creation on. At its first fault it gets a large one, struct
 * vmtrace_thread, which only the thread itself writes: no atomics, no cache line shared between
 * CPUs. If there is no room for that, its faults are dropped, and the small record counts them. A
 * process is the sum of its live tasks and of what its freed tasks had counted.
 *
 * Tasks and threads
 *  1. A thread writes its records from the hook, with interrupts off, so a reader on the same CPU
 *     never interrupts it halfway.
 *  2. Readers and writer share no lock. @seq of a thread covers @fast, @counts, @waiting, and
 *     @state when a fault ends. It does not cover the numbers in @times: each is valid by itself.
 *     Nor does it cover the beginning of a fault, for which vmtrace_thread_read() reads @state
 *     twice. @seq of a task covers its drops.
 *  3. The task_struct's address identifies the task. Its record leaves the hash table in
 *     sched_process_free, before the task_struct can be reused.
 *  4. The hash table is read under RCU, or with preemption or interrupts off, and changed under
 *     its spinlock. Records are freed after a grace period.
 *  5. Each CPU caches the last large record that a thread looked up on it. Only that thread stores
 *     it there, and sets the CPU's bit in @cpus. vmtrace_thread_uncache() removes the record from
 *     the caches of these CPUs.
 *
 * Processes
 *  6. A process begins in sched_process_fork, or when the module finds it. It ends when its leader
 *     and all of its tasks that have a record have been through sched_process_free. After that it
 *     can be read until `history` others have ended.
 *  7. The signal_struct identifies a live process. execve() keeps it, even if called by a thread
 *     that is not the leader. It is not reused before the process ends, since every task that can
 *     still reach the record holds a reference until its sched_process_free.
 *  8. The struct pid identifies the process for user space. The record holds a reference to it, so
 *     it knows the number in every pid namespace, also after the end.
 *  9. The lock of a process protects the members from @tasks to @failures. It is taken on the slow
 *     path of the hook, in softirq (a task is freed) and by readers, always with interrupts off,
 *     and for a few tasks at a time. Lock order: @lock, then task->pi_lock or the table's lock.
 * 10. The tables of processes are read under RCU and changed under one spinlock. A record is freed
 *     a grace period after its last reference has been dropped.
 */
#ifndef VMTRACE_STATS_TYPES_H
#define VMTRACE_STATS_TYPES_H

#include <linux/cache.h>
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/workqueue.h>

#include "stats/counts.h"
#include "stats/fault.h"
#include "stats/task_work.h"

struct vmtrace_proc_entry;
struct vmtrace_process;
struct vmtrace_slowest;
struct vmtrace_task;

typedef void vmtrace_task_fn(struct vmtrace_task *k, void *data);

/*
 * Records are charged to the memory cgroup of the task, and take nothing from the reserves that the
 * kernel keeps for atomic allocations. They are allocated where sleeping is not allowed.
 */
#define VMTRACE_GFP (GFP_NOWAIT | __GFP_ACCOUNT | __GFP_NOWARN)

/**
 * enum vmtrace_state - is a thread inside handle_mm_fault, and on which path?
 * @VMTRACE_IDLE: outside of it
 * @VMTRACE_SLOW: on the slow path
 * @VMTRACE_FAST_ANON: on the fast path: nothing was mapped at an address of anonymous memory
 * @VMTRACE_FAST_COW: on the fast path: a write to a page of anonymous memory that is mapped
 *	read-only, as after fork()
 */
enum vmtrace_state {
	VMTRACE_IDLE,
	VMTRACE_SLOW,
	VMTRACE_FAST_ANON,
	VMTRACE_FAST_COW,
};

/* Faults on the fast path are of the classes before this one. */
#define VMTRACE_FAST_CLASSES (VMTRACE_CLASS_COW_REUSE + 1)

/**
 * struct vmtrace_thread - the counts of one thread
 * @task: the thread
 * @process: the thread group of @task
 * @seq: rule 2
 * @state: enum vmtrace_state. Stays other than VMTRACE_IDLE if the return of the last attempt was
 *	missed
 * @entry_work: the next entry takes the slow path: @fault is to be retried, or @waiting is set
 * @at_entry: the kernel's count when the pending attempt began. Written before @state and valid
 *	while that is not VMTRACE_IDLE: a reader cannot tell otherwise whether the kernel has
 *	counted the pending fault yet
 * @fault: the pending fault, or one to be retried; only @task reads it
 * @fast: faults accounted on the fast path, by class. They are minor, of origin user, and those
 *	of anon and zero are first touches of one page; @counts does not include them
 * @fast_times: times of the classes of the fast path; before the first fault of a class, a shared
 *	dummy whose @slow_threshold is 0
 * @times: times of each class; NULL before the first fault of that class has been added
 * @counts: faults accounted on the slow path
 * @waiting: the first fault of @waiting_class. The return of a fault may be in a context that does
 *	not allow to allocate memory, so the next entry allocates @times and adds the fault
 * @waiting_class: VMTRACE_CLASS_COUNT: none waits
 * @user: whose share of the table it takes; stats/share.h
 * @cpus: CPUs that may have cached this record: bit n stands for the CPUs n, n + BITS_PER_LONG,
 *	...
 * @rcu: delays the release
 *
 * Only @task writes the members from @seq to @waiting_class. Those of the fast path come first.
 */
struct vmtrace_thread {
	struct task_struct *task;
	struct vmtrace_process *process;
	seqcount_t seq;
	u8 state;
	bool entry_work;
	struct vmtrace_kernel_counts at_entry;
	struct vmtrace_fault fault;
	u64 fast[VMTRACE_FAST_CLASSES];
	struct vmtrace_times *fast_times[VMTRACE_FAST_CLASSES];
	struct vmtrace_times *times[VMTRACE_CLASS_COUNT];
	struct vmtrace_counts counts;
	struct vmtrace_sample waiting;
	enum vmtrace_class waiting_class;
	unsigned int user;
	unsigned long cpus;
	struct rcu_head rcu;
} ____cacheline_aligned;

/**
 * struct vmtrace_task - what is kept of each task of a process that is tracked
 * @node: in the table by @task, RCU
 * @task: may be dereferenced under @process->lock while the record is on @process->tasks
 * @process: the thread group of @task
 * @base: the kernel's count when the record was created; 0 if @task is younger than the module
 * @seq: covers the drops: the three members below
 * @dropped: faults that the kernel counted and the module had no room for
 * @at_drop: the kernel's count, minor and major, when the last dropped attempt began
 * @drop_pending: that attempt is not in @dropped yet: the kernel may still count it, or not at all
 * @thread: its counts; NULL before its first fault, or for lack of room. Written once, by @task
 * @siblings: in @process->tasks, under @process->lock
 * @visited: @process->round of the last iteration that visited this record, under @process->lock
 * @rcu: delays the release
 */
struct vmtrace_task {
	struct hlist_node node;
	struct task_struct *task;
	struct vmtrace_process *process;
	struct vmtrace_kernel_counts base;
	seqcount_t seq;
	bool drop_pending;
	u64 dropped;
	u64 at_drop;
	struct vmtrace_thread *thread;
	struct list_head siblings;
	u64 visited;
	struct rcu_head rcu;
};

/* Number of failed accesses that are kept for each process. */
#define VMTRACE_SEGVS 8

/**
 * struct vmtrace_segvs - the failed accesses of a process, under its lock
 * @count: all of them, by reason
 * @lost: those that were not kept for lack of memory
 * @kept: length of @last, at most VMTRACE_SEGVS
 * @last: the last ones, oldest first; struct vmtrace_segv
 */
struct vmtrace_segvs {
	u64 count[VMTRACE_REASON_COUNT];
	u64 lost;
	unsigned int kept;
	struct list_head last;
};

/**
 * struct vmtrace_link - the number of a process in one pid namespace
 * @node: in the table by number, RCU
 * @process: the process
 * @nr: number of @process in @ns
 * @ns: the namespace; @process->pid holds a reference
 * @entry: the entry of /proc/vmtrace with this number; files/proc_entries.c
 */
struct vmtrace_link {
	struct hlist_node node;
	struct vmtrace_process *process;
	pid_t nr;
	struct pid_namespace *ns;
	struct vmtrace_proc_entry *entry;
};

/**
 * struct vmtrace_process - the record of one process
 * @node: in the table by @signal, RCU; until the process ends
 * @signal: identity; may be dereferenced under @lock while !@ended
 * @pid: a reference
 * @start_ns: start of the leader, CLOCK_BOOTTIME
 * @slowest_floor: ns; a fault that took no longer is not among @slowest. Read without @lock
 * @ref: one reference for the tables, one for each open file and pending callback
 * @rcu: delays the release
 * @lock: rule 9
 * @tasks: records of tasks that have not been freed
 * @freed: the sum of those that have been
 * @times: times of the faults of freed tasks, by class; NULL where there were none
 * @visit: callback of the current iteration over @tasks, or NULL. A task is visited before it is
 *	freed
 * @visit_data: its argument
 * @round: number of the last iteration over @tasks
 * @slowest: the slowest faults; set once, before the first fault; NULL for lack of memory
 * @leader_freed: the leader has been through sched_process_free
 * @ended: no fault can be counted any more
 * @comm: the leader's name when tracking began, replaced when it exits
 * @cred: the leader's credentials, read together with @comm; a reference
 * @dumpable: may the owner inspect it? Read together with @comm
 * @failures: its failed accesses
 * @task_work: creates its entries of /proc/vmtrace, before its first user instruction
 * @publish: creates them from a workqueue; this member and the one above: files/proc_entries.c
 * @exited: in the list of exited processes, oldest first; stats/exited.c
 * @published: the entries exist or are being created
 * @withdrawn: they must not be created any more; this member and the one above are under the lock
 *	of files/proc_entries.c
 * @evicted: it has left the tables
 * @summed: number of the last vmtrace_totals() that added it; this member and the one above are
 *	under the totals_lock of stats/exited.c
 * @walked: number of the last vmtrace_process_for_each() that visited it
 * @reading: one reader at a time iterates over @tasks; taken before @lock
 * @nr_links: pid namespaces that see the process
 * @links: one for each of them
 *
 * A fault on the fast path does not access this. One on the slow path reads @slowest_floor, and
 * takes @lock only if it may be among the slowest.
 */
struct vmtrace_process {
	struct hlist_node node;
	struct signal_struct *signal;
	struct pid *pid;
	u64 start_ns;
	u64 slowest_floor;

	refcount_t ref;
	struct rcu_head rcu;
	spinlock_t lock; /* rule 9 */
	struct list_head tasks;
	struct vmtrace_sum freed;
	struct vmtrace_times *times[VMTRACE_CLASS_COUNT];
	vmtrace_task_fn *visit;
	void *visit_data;
	u64 round;
	struct vmtrace_slowest *slowest;
	bool leader_freed;
	bool ended;
	char comm[TASK_COMM_LEN];
	const struct cred *cred;
	bool dumpable;
	struct vmtrace_segvs failures;

	struct vmtrace_task_work task_work;
	struct work_struct publish;
	struct list_head exited;
	bool published;
	bool withdrawn;
	bool evicted;
	unsigned long summed;
	unsigned long walked;
	struct mutex reading; /* before @lock */
	unsigned int nr_links;
	struct vmtrace_link links[];
};

#endif /* VMTRACE_STATS_TYPES_H */
