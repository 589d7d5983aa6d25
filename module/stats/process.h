/* SPDX-License-Identifier: GPL-2.0 */
/* process.h - the records of processes, live or exited; see the rules in types.h */
#ifndef VMTRACE_STATS_PROCESS_H
#define VMTRACE_STATS_PROCESS_H

#include "mm/residency.h"
#include "stats/types.h"

/**
 * struct vmtrace_process_callbacks - functions of files/, set in main.c
 * @created: a process has a record now; see vmtrace_proc_entries_created()
 * @evicted: it has exited and cannot be read any more; see vmtrace_proc_entries_evicted()
 */
struct vmtrace_process_callbacks {
	void (*created)(struct vmtrace_process *p, struct task_struct *child);
	void (*evicted)(struct vmtrace_process *p);
};

extern const struct vmtrace_process_callbacks vmtrace_process_callbacks;

/* Tables: process.c */

/**
 * vmtrace_process_track() - find or create the record of a task's process
 * @task: current, a task not yet woken up, or any task under RCU
 *
 * Calls vmtrace_process_callbacks.created() for a new record, unless @task is a leader other than
 * current: that is left to the caller, who knows whether it has run yet.
 *
 * Context: any but hard interrupt; does not sleep.
 * Return: the record. It stays valid as long as @task cannot be freed, since a process does not end
 *	before its tasks: while @task is current or not yet woken up, or under RCU. NULL if @task's
 *	process is being released or there is no memory.
 */
struct vmtrace_process *vmtrace_process_track(struct task_struct *task);

/* The record of a task's process, or NULL. Valid as long as that of vmtrace_process_track(). */
struct vmtrace_process *vmtrace_process_of(const struct task_struct *task);

/**
 * vmtrace_process_get_nr() - find a process, live or exited, by number
 * @nr: the number
 * @ns: the pid namespace in which it has the number
 *
 * Return: a reference, or NULL. If the number was reused, its newest process.
 */
struct vmtrace_process *vmtrace_process_get_nr(pid_t nr, struct pid_namespace *ns);

/* A reference to the record of current's process, or NULL. */
struct vmtrace_process *vmtrace_process_get_current(void);
void vmtrace_process_put(struct vmtrace_process *p);
bool vmtrace_process_is_current(const struct vmtrace_process *p);

/* The leader @task exits: keep its name and credentials. Context: sched_process_exit. */
void vmtrace_process_exit_leader(struct task_struct *task);

/**
 * vmtrace_process_free_task() - a task is about to be freed, and takes no fault any more
 * @task: the task
 *
 * Context: softirq.
 * Return: its process, with the tables' reference, if this was its last task; or NULL.
 */
struct vmtrace_process *vmtrace_process_free_task(struct task_struct *task);

/**
 * vmtrace_process_for_each() - visit all processes, live and exited
 * @visit: called once for each process that is in the tables all the time; may sleep. Returns 0, or
 *	an error that ends the walk
 * @data: its argument
 *
 * Context: may sleep.
 * Return: 0; the error of @visit; or -EINTR if current was killed while it waited for another walk.
 */
int vmtrace_process_for_each(int (*visit)(struct vmtrace_process *p, void *data), void *data);

/* Remove an exited process from the tables and drop their reference. */
void vmtrace_process_unlist(struct vmtrace_process *p);

/**
 * struct vmtrace_process_counts - numbers of processes at one instant
 * @live: processes that have not ended
 * @exited: processes that have ended and can still be read
 */
struct vmtrace_process_counts {
	unsigned int live;
	unsigned int exited;
};

/* Takes constant time. */
void vmtrace_process_count(struct vmtrace_process_counts *c);

/* Size of the record of a process in the initial pid namespace, in bytes. */
size_t vmtrace_process_bytes(void);

/* Free all records. Hook and tracepoints are off, no file is open, no callback is pending. */
void vmtrace_process_exit(void);

/* Reading: process_read.c */

/**
 * struct vmtrace_process_stats - one process at one instant
 * @comm: name of the leader
 * @exited: all threads have exited: the counts are final
 * @uid: real uid of the leader
 * @start_ns: start of the leader, CLOCK_BOOTTIME
 * @threads: live threads
 * @memory: the kernel's counters of its memory; 0 if it has none any more
 * @sum: of all tasks
 * @failures: failed accesses, by reason
 */
struct vmtrace_process_stats {
	char comm[TASK_COMM_LEN];
	bool exited;
	kuid_t uid;
	u64 start_ns;
	unsigned int threads;
	struct vmtrace_mm_counters memory;
	struct vmtrace_sum sum;
	u64 failures[VMTRACE_REASON_COUNT];
};

/**
 * vmtrace_process_read() - read the record of a process
 * @p: a referenced process
 * @s: filled in
 * @times: filled in as by vmtrace_process_read_times(), before @s, so that no histogram has more
 *	faults than @s
 *
 * Context: may sleep.
 * Return: 0, or -EINTR if current was killed while it waited for another reader.
 */
int vmtrace_process_read(struct vmtrace_process *p, struct vmtrace_process_stats *s,
			 struct vmtrace_times *times);

/**
 * vmtrace_process_read_times() - read the times of a process's faults
 * @p: a referenced process
 * @sum: array of VMTRACE_CLASS_COUNT, filled in
 *
 * Takes time linear in the number of threads. Disables interrupts for a few threads at a time.
 *
 * Context: may sleep.
 * Return: as vmtrace_process_read().
 */
int vmtrace_process_read_times(struct vmtrace_process *p, struct vmtrace_times *sum);

/**
 * vmtrace_process_iterate() - visit the tasks of a process
 * @p: a referenced process
 * @visit: called under @p->lock once for each record that exists now, also for a task that is freed
 *	meanwhile
 * @data: its argument
 *
 * Context: may sleep; @visit may not.
 * Return: as vmtrace_process_read().
 */
int vmtrace_process_iterate(struct vmtrace_process *p, vmtrace_task_fn *visit, void *data);

/* The sum over all tasks. Context and return as for vmtrace_process_iterate(). */
int vmtrace_process_sum(struct vmtrace_process *p, struct vmtrace_sum *sum);

/* The name of the leader, TASK_COMM_LEN bytes, live or exited. Does not sleep. */
void vmtrace_process_name(struct vmtrace_process *p, char *comm);

/**
 * vmtrace_process_owner() - the credentials of a process, live or exited
 * @p: a referenced process
 * @dumpable: set to whether the owner may inspect it; NULL if not wanted
 * @ns: set to a reference to the user namespace in which others need a capability to inspect it;
 *	NULL if not wanted
 *
 * Return: a reference to the credentials of the leader.
 */
const struct cred *vmtrace_process_owner(struct vmtrace_process *p, bool *dumpable,
					 struct user_namespace **ns);

/* A reference to its mm, for mmput(); NULL if it has none any more. Does not sleep. */
struct mm_struct *vmtrace_process_mm(struct vmtrace_process *p);

#endif /* VMTRACE_STATS_PROCESS_H */
