// SPDX-License-Identifier: GPL-2.0
/* process.c - one record for each process, live or lately exited; rules in process.h */
#include <linux/hashtable.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/pid_namespace.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "compat.h"
#include "history.h"
#include "process.h"
#include "publish.h"
#include "slowest.h"
#include "thread.h"

#define TABLE_BITS 12

static DEFINE_HASHTABLE(by_signal, TABLE_BITS);
static DEFINE_HASHTABLE(by_nr, TABLE_BITS);
static DEFINE_SPINLOCK(process_table_lock); /* changes of both tables */
static unsigned int nr_live, nr_ended;	    /* in the tables; under the lock */
static atomic_t used = ATOMIC_INIT(0);

/*
 * With a full table each fault of many threads is dropped, on all CPUs: these share no
 * counter. It only grows; a reset adds to what is to be taken off.
 */
static DEFINE_PER_CPU(u64, drops);
static atomic64_t void_drops = ATOMIC64_INIT(0);
atomic64_t vmtrace_dropped_elsewhere = ATOMIC64_INIT(0);

/* Every pid namespace has a process 1. */
static unsigned long nr_key(pid_t nr, const struct pid_namespace *ns)
{
	return (unsigned long)ns + nr;
}

static struct vmtrace_process *process_find(const struct signal_struct *signal)
{
	struct vmtrace_process *p;

	hash_for_each_possible_rcu(by_signal, p, node, (unsigned long)signal, !preemptible())
		if (p->signal == signal)
			return p;
	return NULL;
}

struct vmtrace_process *vmtrace_process_of(const struct task_struct *task)
{
	struct vmtrace_process *p;

	rcu_read_lock();
	p = process_find(task->signal);
	rcu_read_unlock();
	return p;
}

/*
 * RUSAGE_SELF's min_flt and maj_flt, as getrusage() in kernel/sys.c sums them:
 * what __exit_signal() took over from the dead, and the threads still listed.
 * It does so under stats_lock, so that no thread is in both or in neither.
 */
static void kernel_counts(struct signal_struct *signal, struct vmtrace_kernel_counts *k)
{
	struct task_struct *t;
	unsigned long irq;

	rcu_read_lock();
	read_seqlock_excl_irqsave(&signal->stats_lock, irq);
	k->minor = signal->min_flt;
	k->major = signal->maj_flt;
	__for_each_thread(signal, t) {
		k->minor += READ_ONCE(t->min_flt);
		k->major += READ_ONCE(t->maj_flt);
	}
	read_sequnlock_excl_irqrestore(&signal->stats_lock, irq);
	rcu_read_unlock();
}

static struct vmtrace_process *process_alloc(struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct vmtrace_process *p = NULL;
	struct pid *pid;
	unsigned int i;

	if (atomic_read(&used) >= vmtrace_max_threads)
		return NULL;
	if (atomic_inc_return(&used) > vmtrace_max_threads)
		goto undo;
	rcu_read_lock();
	pid = get_pid(task_tgid(task));
	rcu_read_unlock();
	if (!pid)
		goto undo;
	p = kzalloc(struct_size(p, links, pid->level + 1), GFP_ATOMIC | __GFP_NOWARN);
	if (!p)
		goto put;

	p->signal = task->signal;
	p->pid = pid;
	p->start_ns = leader->start_boottime;
	/* Of a zombie, these are the last ones; else on_exit() brings them up to date. */
	p->cred = get_task_cred(leader);
	p->dumpable = vmtrace_dumpable_at_exit(leader);
	memcpy(p->comm, leader->comm, sizeof(p->comm));
	refcount_set(&p->ref, 1);
	spin_lock_init(&p->lock);
	mutex_init(&p->reading);
	INIT_LIST_HEAD(&p->threads);
	INIT_LIST_HEAD(&p->exited);
	INIT_LIST_HEAD(&p->failures.last);
	vmtrace_growths_prepare(&p->growths);
	vmtrace_publish_prepare(p);
	p->nr_links = pid->level + 1;
	for (i = 0; i < p->nr_links; i++) {
		p->links[i].process = p;
		p->links[i].nr = pid->numbers[i].nr;
		p->links[i].ns = pid->numbers[i].ns;
	}
	return p;
put:
	put_pid(pid);
undo:
	atomic_dec(&used);
	return NULL;
}

static void process_free(struct vmtrace_process *p)
{
	vmtrace_failures_free(&p->failures);
	vmtrace_growths_free(&p->growths);
	kfree(p->slowest);
	vmtrace_times_free(p->times);
	vmtrace_hot_free(&p->hot);
	put_cred(p->cred);
	put_pid(p->pid);
	kfree_rcu(p, rcu);
}

void vmtrace_process_put(struct vmtrace_process *p)
{
	if (refcount_dec_and_test(&p->ref))
		process_free(p);
}

struct vmtrace_process *vmtrace_process_track(struct task_struct *task)
{
	struct vmtrace_process *p, *other;
	unsigned long irq;
	unsigned int i;

	p = vmtrace_process_of(task);
	if (likely(p))
		return p;
	p = process_alloc(task);
	if (!p)
		return NULL;
	/*
	 * Whoever loses the race below took this too early, and it is thrown
	 * away; whoever wins took it before any fault that the hook let pass.
	 */
	kernel_counts(p->signal, &p->base);

	rcu_read_lock();
	spin_lock_irqsave(&process_table_lock, irq);
	other = process_find(p->signal);
	/*
	 * A leader that is still hashed has its sched_process_free, which waits
	 * for a grace period, yet to come: it will find what is added here.
	 */
	if (!other && pid_task(p->pid, PIDTYPE_TGID)) {
		hash_add_rcu(by_signal, &p->node, (unsigned long)p->signal);
		for (i = 0; i < p->nr_links; i++)
			hash_add_rcu(by_nr, &p->links[i].node,
				     nr_key(p->links[i].nr, p->links[i].ns));
		nr_live++;
		other = p;
	}
	spin_unlock_irqrestore(&process_table_lock, irq);
	rcu_read_unlock();

	if (other != p) {
		process_free(p);
		atomic_dec(&used);
	} else if (task == current) {
		vmtrace_publish(p);
	}
	return other;
}

struct vmtrace_process *vmtrace_process_get_nr(pid_t nr, struct pid_namespace *ns)
{
	struct vmtrace_process *p = NULL;
	struct vmtrace_link *link;

	rcu_read_lock();
	hash_for_each_possible_rcu(by_nr, link, node, nr_key(nr, ns)) {
		if (link->nr == nr && link->ns == ns &&
		    refcount_inc_not_zero(&link->process->ref)) {
			p = link->process;
			break;
		}
	}
	rcu_read_unlock();
	return p;
}

struct vmtrace_process *vmtrace_process_get_current(void)
{
	struct vmtrace_process *p;

	rcu_read_lock();
	p = process_find(current->signal);
	if (p && !refcount_inc_not_zero(&p->ref))
		p = NULL;
	rcu_read_unlock();
	return p;
}

bool vmtrace_process_is_current(const struct vmtrace_process *p)
{
	/* Once it has ended, its signal_struct may be somebody else's. */
	return p->signal == current->signal && !READ_ONCE(p->ended);
}

void vmtrace_process_adopt(struct vmtrace_process *p, struct vmtrace_thread *t)
{
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	list_add_tail(&t->siblings, &p->threads);
	vmtrace_thread_hash(t);
	p->threads_seen++;
	spin_unlock_irqrestore(&p->lock, irq);
}

void vmtrace_process_drop(struct vmtrace_process *p, unsigned int resets)
{
	unsigned long irq;

	if (!p) {
		atomic64_inc(&vmtrace_dropped_elsewhere);
		return;
	}
	spin_lock_irqsave(&p->lock, irq);
	if (resets == p->resets) {
		p->dropped++;
		this_cpu_inc(drops);
	}
	spin_unlock_irqrestore(&p->lock, irq);
}

u64 vmtrace_dropped(void)
{
	/* First, and pairs with void_dropped(): no drop is taken off that is not counted below. */
	u64 sum = -atomic64_read_acquire(&void_drops);
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(&drops, cpu));
	return sum + atomic64_read(&vmtrace_dropped_elsewhere);
}

/* The drops have been seen under a lock. */
static void void_dropped(u64 dropped)
{
	if (dropped)
		atomic64_fetch_add_release(dropped, &void_drops);
}

void vmtrace_dropped_reset(u64 retired)
{
	void_dropped(retired);
	atomic64_set(&vmtrace_dropped_elsewhere, 0);
}

void vmtrace_process_exit_leader(struct task_struct *task)
{
	struct vmtrace_process *p = vmtrace_process_of(task);
	const struct cred *old;
	unsigned long irq;

	if (!p)
		return;
	spin_lock_irqsave(&p->lock, irq);
	/* Twice in a life if another thread execs: it becomes the leader. */
	old = p->cred;
	p->cred = get_task_cred(task);
	p->dumpable = vmtrace_dumpable_at_exit(task);
	memcpy(p->comm, task->comm, sizeof(p->comm));
	spin_unlock_irqrestore(&p->lock, irq);
	put_cred(old);
}

static void process_end(struct vmtrace_process *p)
{
	unsigned long irq;

	spin_lock_irqsave(&process_table_lock, irq);
	hash_del_rcu(&p->node);
	nr_live--;
	nr_ended++;
	spin_unlock_irqrestore(&process_table_lock, irq);
	/* Nobody asks about memory that is no more. */
	vmtrace_growths_free(&p->growths);
	vmtrace_history_add(p);
}

void vmtrace_process_free_task(struct task_struct *task)
{
	struct vmtrace_sample sample;
	struct vmtrace_thread *t;
	struct vmtrace_process *p;
	bool ended;
	unsigned long irq;

	/*
	 * The whole way: another task of the process may be freed on another CPU
	 * at this moment, find that it was the last, and let the process go.
	 */
	rcu_read_lock();
	t = vmtrace_thread_find(task);
	p = t ? t->process : process_find(task->signal);
	if (t)
		vmtrace_thread_unhash(t);
	if (!p)
		goto out;

	spin_lock_irqsave(&p->lock, irq);
	if (t) {
		vmtrace_thread_sample(t, &sample);
		vmtrace_counts_add(&p->gone, &sample.counts);
		if (p->visit && t->visited != p->round)
			p->visit(t, p->visit_data);
		vmtrace_times_fold(p->times, t->times);
		vmtrace_growth_leave(t);
		vmtrace_thread_hot_leave(t);
		list_del(&t->siblings);
	}
	if (thread_group_leader(task))
		p->leader_freed = true;
	ended = !p->ended && p->leader_freed && list_empty(&p->threads);
	if (ended) {
		/* The leader is released last: all threads are in the sum. */
		p->kernel.minor = task->signal->min_flt - p->base.minor;
		p->kernel.major = task->signal->maj_flt - p->base.major;
		WRITE_ONCE(p->ended, true);
	}
	spin_unlock_irqrestore(&p->lock, irq);

	if (t) {
		vmtrace_times_free(t->times);
		vmtrace_hot_free(&t->hot);
		vmtrace_thread_free(t);
	}
	if (ended)
		process_end(p);
out:
	rcu_read_unlock();
}

/*
 * As kernel_counts(), but with the two counts of each thread taken together.
 * The records of threads that the kernel has released and not yet freed hold
 * the hook's count of what signal->min_flt and maj_flt already include.
 */
static void read_live(struct vmtrace_process *p, struct vmtrace_process_stats *s)
{
	struct signal_struct *signal = p->signal;
	struct vmtrace_sample sample;
	struct vmtrace_thread *t;
	struct task_struct *task;

	lockdep_assert_held(&p->lock);
	rcu_read_lock();
	read_seqlock_excl(&signal->stats_lock);
	s->counts = p->gone;
	s->kernel.minor = signal->min_flt - p->base.minor;
	s->kernel.major = signal->maj_flt - p->base.major;
	s->threads = signal->nr_threads;
	s->in_flight = 0;
	list_for_each_entry(t, &p->threads, siblings) {
		vmtrace_thread_sample(t, &sample);
		vmtrace_counts_add(&s->counts, &sample.counts);
		s->in_flight += sample.in_flight;
		if (pid_alive(t->task)) {
			s->kernel.minor += sample.kernel.minor;
			s->kernel.major += sample.kernel.major;
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
		s->counts = p->gone;
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

void vmtrace_process_retire(struct vmtrace_process *p, struct vmtrace_process_stats *s)
{
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	read_counts(p, s);
	p->retired = true;
	spin_unlock_irqrestore(&p->lock, irq);
}

/* A referenced task, or NULL if it has been reaped. */
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

/* A leader may have exited before its threads, and has no memory any more. */
static unsigned long pgtables_bytes(struct task_struct *leader)
{
	unsigned long bytes = 0;
	struct task_struct *t;

	rcu_read_lock();
	for_each_thread(leader, t) {
		task_lock(t);
		if (t->mm && !(t->flags & PF_KTHREAD))
			bytes = mm_pgtables_bytes(t->mm);
		task_unlock(t);
		if (bytes)
			break;
	}
	rcu_read_unlock();
	return bytes;
}

/* Likewise. */
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

/* So many threads at a time: some ten thousand instructions with interrupts off. */
#define PORTION 8

/*
 * Threads come and go between two portions. Those that come are added at the
 * tail, which is where the next one is taken from; those that go are visited by
 * vmtrace_process_free_task(). Under @p->reading.
 */
static void visit_threads(struct vmtrace_process *p, vmtrace_visit_thread *visit, void *data)
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
		if (++n % PORTION)
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

/* Under @p->reading. */
static void sum_times(struct vmtrace_process *p, struct vmtrace_times *sum)
{
	memset(sum, 0, VMTRACE_CLASS_COUNT * sizeof(*sum));
	spin_lock_irq(&p->lock);
	vmtrace_times_sum(sum, p->times);
	visit_threads(p, collect_times, sum);
	spin_unlock_irq(&p->lock);
}

static void read_times(struct vmtrace_process *p, struct vmtrace_times *sum)
{
	int i;

	sum_times(p, sum);
	/* Of a fault that ended during a reset, a part may be missing. */
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		u64 max = min(vmtrace_hist_max(sum[i].hist, sum[i].max), sum[i].total);

		sum[i].max = max;
		sum[i].asleep = min(sum[i].asleep, sum[i].total);
	}
}

/* Who reads about itself finds its last fault, whatever the hook. -EINTR: killed. */
static int begin_reading(struct vmtrace_process *p)
{
	vmtrace_settle_current();
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
	unsigned long irq;

	if (begin_reading(p))
		return -EINTR;
	/* First, so that they are never of more faults than the counts. */
	if (times)
		read_times(p, times);
	/* Nobody counts after exit_notify(), which sets exit_state. */
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
	s->pgtables_bytes = 0;
	if (leader) {
		s->pgtables_bytes = pgtables_bytes(leader);
		get_task_comm(s->comm, leader);
		put_task_struct(leader);
	} else {
		spin_lock_irqsave(&p->lock, irq);
		memcpy(s->comm, p->comm, sizeof(s->comm));
		spin_unlock_irqrestore(&p->lock, irq);
	}
	return 0;
}

static void collect_hot(const struct vmtrace_thread *t, void *sum)
{
	vmtrace_hot_sum_thread(sum, t);
}

int vmtrace_process_read_hot(struct vmtrace_process *p, struct vmtrace_hot_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	if (begin_reading(p))
		return -EINTR;
	spin_lock_irq(&p->lock);
	vmtrace_hot_sum(sum, &p->hot);
	visit_threads(p, collect_hot, sum);
	spin_unlock_irq(&p->lock);
	mutex_unlock(&p->reading);
	return 0;
}

int vmtrace_process_visit_threads(struct vmtrace_process *p, vmtrace_visit_thread *visit,
				  void *data)
{
	if (begin_reading(p))
		return -EINTR;
	spin_lock_irq(&p->lock);
	visit_threads(p, visit, data);
	spin_unlock_irq(&p->lock);
	mutex_unlock(&p->reading);
	return 0;
}

void vmtrace_process_abandon(struct vmtrace_process *p)
{
	struct vmtrace_thread *t;
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	list_for_each_entry(t, &p->threads, siblings)
		WRITE_ONCE(t->in_flight, VMTRACE_LANDED);
	spin_unlock_irqrestore(&p->lock, irq);
}

void vmtrace_process_for_each(void (*visit)(struct vmtrace_process *p, void *data), void *data)
{
	struct vmtrace_link *link;
	unsigned int i;

	for (i = 0; i < HASH_SIZE(by_nr); i++) {
		rcu_read_lock();
		hlist_for_each_entry_rcu(link, &by_nr[i], node)
			if (link == &link->process->links[0])
				visit(link->process, data);
		rcu_read_unlock();
		cond_resched();
	}
}

/*
 * What has been counted is taken off what the dead left behind, modulo 2^64: that the
 * living go on from where they are makes it up.
 */
static void reset_counts(struct vmtrace_process *p)
{
	struct vmtrace_process_stats s;
	struct vmtrace_thread *t;

	lockdep_assert_held(&p->lock);
	if (p->ended) {
		memset(&p->gone, 0, sizeof(p->gone));
		memset(&p->kernel, 0, sizeof(p->kernel));
	} else {
		read_live(p, &s);
		vmtrace_counts_sub(&p->gone, &s.counts);
		p->base.minor += s.kernel.minor;
		p->base.major += s.kernel.major;
	}
	/* Exactly one of two takes them off. */
	if (!p->retired)
		void_dropped(p->dropped);
	p->dropped = 0;
	WRITE_ONCE(p->resets, p->resets + 1);
	/* Pairs with vmtrace_process_generation(). */
	smp_store_release(&p->generation, READ_ONCE(vmtrace_generation));
	p->threads_seen = 0;
	list_for_each_entry(t, &p->threads, siblings)
		p->threads_seen++;
}

static void reset_thread(const struct vmtrace_thread *t, void *unused)
{
	/* The lock is held: what is const is what others have to keep from. */
	vmtrace_thread_sum(t, &((struct vmtrace_thread *)t)->reset);
}

static int reset_times(struct vmtrace_process *p, struct vmtrace_times *scratch)
{
	struct vmtrace_times *spare[VMTRACE_CLASS_COUNT] = {};
	int i, err;

	sum_times(p, scratch);
	err = vmtrace_times_alloc(spare, scratch);
	if (!err) {
		spin_lock_irq(&p->lock);
		vmtrace_times_fold(p->times, spare);
		for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
			if (p->times[i])
				vmtrace_times_sub(p->times[i], &scratch[i]);
		spin_unlock_irq(&p->lock);
	}
	vmtrace_times_free(spare);
	return err;
}

/* Whoever reads sees all of it or nothing: under @p->reading. */
static int reset_numbers(struct vmtrace_process *p, struct vmtrace_times *scratch)
{
	int err = reset_times(p, scratch);

	if (err)
		return err;
	/* Before the process is of the new generation, in which its threads may rest: fault.c. */
	vmtrace_slowest_reset(p);
	spin_lock_irq(&p->lock);
	visit_threads(p, reset_thread, NULL);
	reset_counts(p);
	spin_unlock_irq(&p->lock);
	return 0;
}

int vmtrace_process_reset(struct vmtrace_process *p, struct vmtrace_times *scratch)
{
	int err;

	if (begin_reading(p))
		return -EINTR;
	err = reset_numbers(p, scratch);
	mutex_unlock(&p->reading);
	if (err)
		return err;
	vmtrace_failures_reset(p);
	vmtrace_growth_reset(p);
	return 0;
}

/* The first one of the bucket that was not visited in this @round. */
static struct vmtrace_process *get_next(unsigned int bucket, unsigned long round)
{
	struct vmtrace_process *p = NULL;
	struct vmtrace_link *link;

	rcu_read_lock();
	hlist_for_each_entry_rcu(link, &by_nr[bucket], node) {
		p = link->process;
		if (link == &p->links[0] && p->visited != round && refcount_inc_not_zero(&p->ref))
			break;
		p = NULL;
	}
	rcu_read_unlock();
	return p;
}

static DEFINE_MUTEX(for_each_mutex); /* one at a time */

int vmtrace_process_visit_each(vmtrace_visit_process *visit, void *data)
{
	static unsigned long round;
	struct vmtrace_process *p;
	unsigned int i;
	int err;

	err = mutex_lock_killable(&for_each_mutex);
	if (err)
		return err;
	round++;
	for (i = 0; !err && i < HASH_SIZE(by_nr); i++)
		while (!err && (p = get_next(i, round))) {
			p->visited = round;
			err = visit(p, data);
			vmtrace_process_put(p);
			cond_resched();
		}
	mutex_unlock(&for_each_mutex);
	return err;
}

void vmtrace_process_unlist(struct vmtrace_process *p)
{
	unsigned long irq;
	unsigned int i;

	spin_lock_irqsave(&process_table_lock, irq);
	for (i = 0; i < p->nr_links; i++)
		hash_del_rcu(&p->links[i].node);
	nr_ended--;
	spin_unlock_irqrestore(&process_table_lock, irq);
	/* Who keeps it open keeps its memory, but not its place in the table. */
	atomic_dec(&used);
	vmtrace_process_put(p);
}

void vmtrace_process_census(struct vmtrace_census *c)
{
	unsigned long irq;

	spin_lock_irqsave(&process_table_lock, irq);
	c->live = nr_live;
	c->exited = nr_ended;
	spin_unlock_irqrestore(&process_table_lock, irq);
}

size_t vmtrace_process_bytes(void)
{
	return struct_size((struct vmtrace_process *)NULL, links, 1);
}

void vmtrace_process_exit(void)
{
	struct vmtrace_link *link;
	struct hlist_node *next;
	unsigned int i;

	for (i = 0; i < HASH_SIZE(by_nr); i++)
		hlist_for_each_entry_safe(link, next, &by_nr[i], node) {
			hash_del(&link->node);
			/* A process goes with its last link, in whatever bucket that is. */
			if (--link->process->nr_links == 0)
				vmtrace_process_put(link->process);
		}
}
