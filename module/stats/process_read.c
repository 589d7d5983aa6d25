// SPDX-License-Identifier: GPL-2.0
/* process_read.c - reading the record of a process; see process.h */
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "stats/process.h"
#include "stats/task.h"
#include "stats/thread.h"

/* A reference to the leader; NULL if it has been reaped. */
static struct task_struct *process_leader(const struct vmtrace_process *p)
{
	return get_pid_task(p->pid, PIDTYPE_TGID);
}

const struct cred *vmtrace_process_owner(struct vmtrace_process *p, bool *dumpable,
					 struct user_namespace **ns)
{
	struct task_struct *leader = process_leader(p);
	const struct cred *cred;
	unsigned long irq;

	if (leader) {
		cred = get_task_cred(leader);
		smp_rmb(); /* pairs with the barrier in commit_creds(), kernel/cred.c */
		if (dumpable)
			*dumpable = vmtrace_dumpable(leader);
		if (ns)
			*ns = vmtrace_user_ns(leader);
		put_task_struct(leader);
		return cred;
	}
	spin_lock_irqsave(&p->lock, irq);
	cred = get_cred(p->cred);
	if (dumpable)
		*dumpable = p->dumpable;
	spin_unlock_irqrestore(&p->lock, irq);
	if (ns)
		*ns = get_user_ns(&init_user_ns);
	return cred;
}

/* Tries all threads: a leader that has exited before the others has no mm. */
struct mm_struct *vmtrace_process_mm(struct vmtrace_process *p)
{
	struct task_struct *leader, *t;
	struct mm_struct *mm = NULL;

	rcu_read_lock();
	leader = pid_task(p->pid, PIDTYPE_TGID);
	if (leader)
		for_each_thread(leader, t) {
			mm = get_task_mm(t);
			if (mm)
				break;
		}
	rcu_read_unlock();
	return mm;
}

/* Ends a section with interrupts off, and begins another one. */
static void relax(struct vmtrace_process *p) __must_hold(&p->lock)
{
	spin_unlock_irq(&p->lock);
	cond_resched();
	spin_lock_irq(&p->lock);
}

/* Returns false if all have been visited. */
static bool visit_next(struct vmtrace_process *p) __must_hold(&p->lock)
{
	struct vmtrace_task *k;

	if (list_empty(&p->tasks))
		return false;
	k = list_last_entry(&p->tasks, struct vmtrace_task, siblings);
	if (k->visited == p->round)
		return false;
	p->visit(k, p->visit_data);
	k->visited = p->round;
	list_move(&k->siblings, &p->tasks);
	return true;
}

/*
 * How many tasks are visited in one section with interrupts off, which has some ten thousand
 * instructions. To add up the times takes as many for a single task: it has a histogram for each
 * class of its faults.
 */
#define BATCH	    8
#define BATCH_TIMES 1

/*
 * Visited records move to the head of the list, and the next one to visit is taken from the tail.
 * Records that are added meanwhile count as visited: otherwise a process could hold up its reader
 * for ever. vmtrace_process_free_task() visits a record that is freed between two batches. Called
 * under @p->reading. What the caller has read under @p->lock is of the moment when this began.
 */
static void iterate(struct vmtrace_process *p, vmtrace_task_fn *visit, void *data,
		    unsigned int batch) __must_hold(&p->lock)
{
	unsigned int n = 0;

	lockdep_assert_held(&p->lock);
	p->round++;
	p->visit = visit;
	p->visit_data = data;
	do {
		if (n++ % batch == 0)
			relax(p);
	} while (visit_next(p));
	p->visit = NULL;
}

static void add_task(struct vmtrace_task *k, void *sum)
{
	vmtrace_task_sum(k, sum);
}

static void add_times(struct vmtrace_task *k, void *sum)
{
	/* Pairs with vmtrace_task_create_thread(). */
	const struct vmtrace_thread *t = smp_load_acquire(&k->thread);

	if (t)
		vmtrace_thread_sum_times(t, sum);
}

/* Called under @p->reading. */
static void sum_times(struct vmtrace_process *p, struct vmtrace_times *sum)
{
	memset(sum, 0, VMTRACE_CLASS_COUNT * sizeof(*sum));
	spin_lock_irq(&p->lock);
	vmtrace_times_sum(sum, p->times);
	iterate(p, add_times, sum, BATCH_TIMES);
	spin_unlock_irq(&p->lock);
}

static void read_times(struct vmtrace_process *p, struct vmtrace_times *sum)
{
	int i;

	sum_times(p, sum);
	/* A fault that ended meanwhile may be in one number and not in another: make them fit. */
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		u64 max = min(vmtrace_histogram_max(sum[i].hist, sum[i].max), sum[i].total);

		sum[i].max = max;
		sum[i].asleep = min(sum[i].asleep, sum[i].total);
	}
}

/*
 * current is in no fault: if its record says otherwise, the hook missed a return. Returns -EINTR if
 * current is killed while it waits.
 */
static int begin_reading(struct vmtrace_process *p)
{
	vmtrace_task_cancel_pending();
	return mutex_lock_killable(&p->reading);
}

int vmtrace_process_read_times(struct vmtrace_process *p, struct vmtrace_times *sum)
{
	if (begin_reading(p))
		return -EINTR;
	read_times(p, sum);
	mutex_unlock(&p->reading);
	return 0;
}

int vmtrace_process_read(struct vmtrace_process *p, struct vmtrace_process_stats *s,
			 struct vmtrace_times *times)
{
	struct task_struct *leader;
	const struct cred *cred;
	struct mm_struct *mm;

	if (begin_reading(p))
		return -EINTR;
	read_times(p, times);
	/* A thread takes no fault after exit_notify() has set its exit_state. */
	leader = process_leader(p);
	s->exited = !leader || (READ_ONCE(leader->exit_state) && !delay_group_leader(leader));
	spin_lock_irq(&p->lock);
	s->threads = p->ended ? 0 : p->signal->nr_threads;
	memcpy(s->failures, p->failures.count, sizeof(s->failures));
	s->sum = p->freed;
	iterate(p, add_task, &s->sum, BATCH);
	spin_unlock_irq(&p->lock);
	mutex_unlock(&p->reading);
	cred = vmtrace_process_owner(p, NULL, NULL);
	s->uid = cred->uid;
	put_cred(cred);
	s->start_ns = p->start_ns;
	if (s->exited)
		s->threads = 0;
	memset(&s->memory, 0, sizeof(s->memory));
	if (leader)
		put_task_struct(leader);
	mm = vmtrace_process_mm(p);
	if (mm) {
		vmtrace_mm_counters_read(mm, p->pid, &s->memory);
		mmput(mm);
	}
	vmtrace_process_name(p, s->comm);
	return 0;
}

void vmtrace_process_name(struct vmtrace_process *p, char *comm)
{
	struct task_struct *leader = process_leader(p);
	char name[TASK_COMM_LEN];
	unsigned long irq;

	if (leader) {
		get_task_comm(name, leader);
		memcpy(comm, name, TASK_COMM_LEN);
		put_task_struct(leader);
		return;
	}
	spin_lock_irqsave(&p->lock, irq);
	memcpy(comm, p->comm, TASK_COMM_LEN);
	spin_unlock_irqrestore(&p->lock, irq);
}

int vmtrace_process_iterate(struct vmtrace_process *p, vmtrace_task_fn *visit, void *data)
{
	if (begin_reading(p))
		return -EINTR;
	spin_lock_irq(&p->lock);
	iterate(p, visit, data, BATCH);
	spin_unlock_irq(&p->lock);
	mutex_unlock(&p->reading);
	return 0;
}

int vmtrace_process_sum(struct vmtrace_process *p, struct vmtrace_sum *sum)
{
	if (begin_reading(p))
		return -EINTR;
	spin_lock_irq(&p->lock);
	*sum = p->freed;
	iterate(p, add_task, sum, BATCH);
	spin_unlock_irq(&p->lock);
	mutex_unlock(&p->reading);
	return 0;
}
