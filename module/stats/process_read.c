// SPDX-License-Identifier: GPL-2.0
/* process_read.c - reading the record of a process; see process.h */
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "stats/process.h"
#include "stats/thread.h"

/*
 * The counts of a live process: the kernel's as kernel_counts() in process.c reads them, and the
 * hook's, both of one instant for each thread. A thread that the kernel has released and not yet
 * freed still has a record, while signal->min_flt and maj_flt include its faults already.
 */
static void read_live(struct vmtrace_process *p, struct vmtrace_process_stats *s)
{
	struct signal_struct *signal = p->signal;
	struct vmtrace_thread_snapshot snapshot;
	struct vmtrace_thread *t;
	struct task_struct *task;

	lockdep_assert_held(&p->lock);
	rcu_read_lock();
	read_seqlock_excl(&signal->stats_lock);
	s->counts = p->exited_sum;
	s->kernel.minor = signal->min_flt - p->base.minor;
	s->kernel.major = signal->maj_flt - p->base.major;
	s->threads = signal->nr_threads;
	s->in_flight = 0;
	list_for_each_entry(t, &p->threads, siblings) {
		vmtrace_thread_read(t, &snapshot);
		vmtrace_counts_add(&s->counts, &snapshot.counts);
		s->in_flight += snapshot.in_flight;
		if (pid_alive(t->task)) {
			s->kernel.minor += snapshot.kernel.minor;
			s->kernel.major += snapshot.kernel.major;
		}
	}
	__for_each_thread(signal, task) {
		if (!vmtrace_thread_find(task)) {
			s->kernel.minor += READ_ONCE(task->min_flt);
			s->kernel.major += READ_ONCE(task->maj_flt);
		}
	}
	read_sequnlock_excl(&signal->stats_lock);
	rcu_read_unlock();
}

static void read_counts(struct vmtrace_process *p, struct vmtrace_process_stats *s)
{
	lockdep_assert_held(&p->lock);
	s->threads_seen = p->threads_seen;
	s->dropped = p->dropped;
	memcpy(s->failures, p->failures.count, sizeof(s->failures));
	if (p->ended) {
		s->counts = p->exited_sum;
		s->kernel = p->kernel;
		s->threads = 0;
		s->in_flight = 0;
	} else {
		read_live(p, s);
	}
}

void vmtrace_process_read_counts(struct vmtrace_process *p, struct vmtrace_process_stats *s)
{
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	read_counts(p, s);
	spin_unlock_irqrestore(&p->lock, irq);
}

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

/* Threads that are visited with interrupts off, which takes some ten thousand instructions. */
#define BATCH 8

/*
 * Visited records move to the head of the list, new ones are added at the tail, and the next one to
 * visit is taken from the tail. vmtrace_process_free_task() visits a record that is freed between
 * two batches. Called under @p->reading.
 */
static void iterate_threads(struct vmtrace_process *p, vmtrace_thread_fn *visit, void *data)
	__must_hold(&p->lock)
{
	struct vmtrace_thread *t;
	unsigned int n = 0;

	lockdep_assert_held(&p->lock);
	p->round++;
	p->visit = visit;
	p->visit_data = data;
	while (!list_empty(&p->threads)) {
		t = list_last_entry(&p->threads, struct vmtrace_thread, siblings);
		if (t->visited == p->round)
			break;
		visit(t, data);
		t->visited = p->round;
		list_move(&t->siblings, &p->threads);
		if (++n % BATCH)
			continue;
		spin_unlock_irq(&p->lock);
		cond_resched();
		spin_lock_irq(&p->lock);
	}
	p->visit = NULL;
}

static void collect_times(const struct vmtrace_thread *t, void *sum)
{
	vmtrace_times_sum(sum, t->times);
}

/* Called under @p->reading. */
static void sum_times(struct vmtrace_process *p, struct vmtrace_times *sum)
{
	memset(sum, 0, VMTRACE_CLASS_COUNT * sizeof(*sum));
	spin_lock_irq(&p->lock);
	vmtrace_times_sum(sum, p->times);
	iterate_threads(p, collect_times, sum);
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
	vmtrace_thread_cancel_pending();
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
	/* Read @times before @s, so that no histogram has more faults than the counts. */
	if (times)
		read_times(p, times);
	/* A thread takes no fault after exit_notify() has set its exit_state. */
	leader = process_leader(p);
	s->exited = !leader || (READ_ONCE(leader->exit_state) && !delay_group_leader(leader));
	vmtrace_process_read_counts(p, s);
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

int vmtrace_process_iterate(struct vmtrace_process *p, vmtrace_thread_fn *visit, void *data)
{
	if (begin_reading(p))
		return -EINTR;
	spin_lock_irq(&p->lock);
	iterate_threads(p, visit, data);
	spin_unlock_irq(&p->lock);
	mutex_unlock(&p->reading);
	return 0;
}
