// SPDX-License-Identifier: GPL-2.0
/* process.c - the tables of processes; creation and end of their records; see process.h */
#include <linux/hashtable.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "compat.h"
#include "stats/process.h"
#include "stats/segv_record.h"
#include "stats/slowest.h"
#include "stats/task.h"
#include "stats/thread.h"

#define TABLE_BITS 12

static DEFINE_HASHTABLE(by_signal, TABLE_BITS);
static DEFINE_HASHTABLE(by_nr, TABLE_BITS);
static unsigned int nr_live, nr_ended;	    /* in the tables */
static DEFINE_SPINLOCK(process_table_lock); /* protects the four above */

/* Every pid namespace has a process 1: without @ns in the key, all of these would collide. */
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

static struct vmtrace_process *process_alloc(struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct vmtrace_process *p;
	struct pid *pid;
	unsigned int i;

	rcu_read_lock();
	pid = get_pid(task_tgid(task));
	rcu_read_unlock();
	if (!pid)
		return NULL;
	p = kzalloc(struct_size(p, links, pid->level + 1), VMTRACE_GFP);
	if (!p) {
		put_pid(pid);
		return NULL;
	}

	p->signal = task->signal;
	p->pid = pid;
	p->start_ns = leader->start_boottime;
	/* Final if the leader is a zombie; otherwise vmtrace_process_exit_leader() updates them. */
	p->cred = get_task_cred(leader);
	p->dumpable = vmtrace_dumpable_at_exit(leader);
	memcpy(p->comm, leader->comm, sizeof(p->comm));
	refcount_set(&p->ref, 1);
	spin_lock_init(&p->lock);
	mutex_init(&p->reading);
	INIT_LIST_HEAD(&p->tasks);
	INIT_LIST_HEAD(&p->exited);
	INIT_LIST_HEAD(&p->failures.last);
	p->nr_links = pid->level + 1;
	for (i = 0; i < p->nr_links; i++) {
		p->links[i].process = p;
		p->links[i].nr = pid->numbers[i].nr;
		p->links[i].ns = pid->numbers[i].ns;
	}
	return p;
}

static void process_free(struct vmtrace_process *p)
{
	vmtrace_segv_free(&p->failures);
	kfree(p->slowest);
	vmtrace_times_free(p->times);
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
	rcu_read_lock();
	spin_lock_irqsave(&process_table_lock, irq);
	other = process_find(p->signal);
	/*
	 * While the leader can be found by its pid, its sched_process_free is still to come, since
	 * it follows a grace period, and will find this record.
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

	if (other != p)
		process_free(p); /* another CPU was first */
	else if (task == current || !thread_group_leader(task))
		vmtrace_process_callbacks.created(p, NULL);
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
	/* Once @p has ended, another process may have its signal_struct. */
	return p->signal == current->signal && !READ_ONCE(p->ended);
}

void vmtrace_process_exit_leader(struct task_struct *task)
{
	struct vmtrace_process *p = vmtrace_process_of(task);
	const struct cred *old;
	unsigned long irq;

	if (!p)
		return;
	spin_lock_irqsave(&p->lock, irq);
	/* Called twice if another thread calls execve(): it becomes the leader, and exits later. */
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
}

/* Add the numbers of a record, which leaves the process. */
static void fold_task(struct vmtrace_process *p, struct vmtrace_task *k)
{
	lockdep_assert_held(&p->lock);
	vmtrace_task_resolve_drop(k);
	if (p->visit && k->visited != p->round)
		p->visit(k, p->visit_data);
	if (k->thread)
		vmtrace_add(&p->freed.counts.untimed,
			    vmtrace_thread_fold_times(k->thread, p->times));
	vmtrace_task_sum(k, &p->freed);
	list_del(&k->siblings);
}

/* There was no memory for a record of @task. */
static void fold_without_record(struct vmtrace_process *p, const struct task_struct *task)
{
	lockdep_assert_held(&p->lock);
	if (p->ended || !vmtrace_task_is_younger(task))
		return;
	p->freed.kernel.minor += task->min_flt;
	p->freed.kernel.major += task->maj_flt;
	p->freed.dropped += task->min_flt + task->maj_flt;
}

struct vmtrace_process *vmtrace_process_free_task(struct task_struct *task)
{
	struct vmtrace_process *p;
	struct vmtrace_task *k;
	bool ended = false;
	unsigned long irq;

	/*
	 * Keeps @p: another CPU may free another task of the process, find that it was the last
	 * one, and drop the tables' reference.
	 */
	rcu_read_lock();
	k = vmtrace_task_find(task);
	p = k ? k->process : process_find(task->signal);
	if (k)
		vmtrace_task_unhash(k);
	if (!p)
		goto out;

	spin_lock_irqsave(&p->lock, irq);
	if (k)
		fold_task(p, k);
	else
		fold_without_record(p, task);
	if (thread_group_leader(task))
		p->leader_freed = true;
	ended = !p->ended && p->leader_freed && list_empty(&p->tasks);
	if (ended)
		WRITE_ONCE(p->ended, true);
	spin_unlock_irqrestore(&p->lock, irq);

	if (k) {
		if (k->thread)
			vmtrace_times_free(k->thread->times);
		vmtrace_task_free(k);
	}
	if (ended)
		process_end(p);
out:
	rcu_read_unlock();
	return ended ? p : NULL;
}

static DEFINE_MUTEX(walk_mutex); /* one vmtrace_process_for_each() at a time */
static unsigned long walk;	 /* number of the last one */

/* A reference to a process of a bucket that this walk has not visited; NULL if there is none. */
static struct vmtrace_process *next_in(unsigned int bucket)
{
	struct vmtrace_process *p = NULL;
	struct vmtrace_link *link;

	rcu_read_lock();
	hlist_for_each_entry_rcu(link, &by_nr[bucket], node)
		if (link == &link->process->links[0] && link->process->walked != walk &&
		    refcount_inc_not_zero(&link->process->ref)) {
			p = link->process;
			p->walked = walk;
			break;
		}
	rcu_read_unlock();
	return p;
}

int vmtrace_process_for_each(int (*visit)(struct vmtrace_process *p, void *data), void *data)
{
	struct vmtrace_process *p;
	unsigned int i;
	int err = 0;

	if (mutex_lock_killable(&walk_mutex))
		return -EINTR;
	walk++;
	for (i = 0; !err && i < HASH_SIZE(by_nr); i++)
		while (!err && (p = next_in(i))) {
			err = visit(p, data);
			vmtrace_process_put(p);
			cond_resched();
		}
	mutex_unlock(&walk_mutex);
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
	vmtrace_process_put(p);
}

void vmtrace_process_count(struct vmtrace_process_counts *c)
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
			/* Drop the tables' reference with the last link. */
			if (--link->process->nr_links == 0)
				vmtrace_process_put(link->process);
		}
}
