// SPDX-License-Identifier: GPL-2.0
/*
 * proc_entries.c - the entries of /proc/vmtrace that are numbers; see proc_entries.h
 *
 * Creating an entry allocates memory, and removing one waits for every reader inside read(), which
 * lasts as long as paging in the reader's buffer does. Neither is done under a lock, and a reader
 * that is slow, throttled or stuck delays the removal of its own entry only. The context that sets
 * @busy creates or removes the entry until @pde agrees with @users.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include "files/proc_entries.h"
#include "stats/process.h"

/**
 * struct vmtrace_proc_entry - a number in /proc/vmtrace
 * @node: in the table by number
 * @nr: the number
 * @users: processes that have this number in some pid namespace
 * @pde: the entry, or NULL
 * @busy: a context creates or removes the entry
 * @works: how many times @removal is queued or running; the last one frees this
 * @removal: removes @pde
 */
struct vmtrace_proc_entry {
	struct hlist_node node;
	pid_t nr;
	unsigned int users;
	struct proc_dir_entry *pde;
	bool busy;
	unsigned int works;
	struct work_struct removal;
};

static DEFINE_HASHTABLE(entries, 12);
static DEFINE_SPINLOCK(entries_lock); /* protects the table, its entries, dir, ops and nr_busy */
static struct proc_dir_entry *dir;    /* NULL: no entry may be created or removed */
static const struct proc_ops *ops;
static int nr_busy;

/* A stuck reader occupies a worker: nothing else may wait for a worker of this queue. */
static struct workqueue_struct *removals;
static struct workqueue_struct *creations;

static void queue_removal(struct vmtrace_proc_entry *e)
{
	lockdep_assert_held(&entries_lock);
	e->works += queue_work(removals, &e->removal);
}

static struct proc_dir_entry *create(const struct vmtrace_proc_entry *e, struct proc_dir_entry *in)
{
	struct proc_dir_entry *pde;
	char text[12];

	snprintf(text, sizeof(text), "%d", e->nr);
	pde = proc_create_data(text, 0444, in, ops, (void *)(long)e->nr);
	if (!pde)
		pr_warn_ratelimited("no memory for /proc/" KBUILD_MODNAME "/%d\n", e->nr);
	return pde;
}

/* Create the entry if it has users, or else remove it; unless @may_remove, a worker removes it. */
static void update(struct vmtrace_proc_entry *e, bool may_remove)
{
	struct proc_dir_entry *pde, *in;

	lockdep_assert_held(&entries_lock);
	if (e->busy)
		return;
	e->busy = true;
	nr_busy++;
	/* vmtrace_proc_entries_close() waits for nr_busy before the directory is removed. */
	while ((in = dir)) {
		if (e->users && !e->pde) {
			spin_unlock(&entries_lock);
			pde = create(e, in);
			spin_lock(&entries_lock);
			e->pde = pde;
			if (!pde)
				break;
		} else if (!e->users && e->pde && may_remove) {
			pde = e->pde;
			e->pde = NULL;
			spin_unlock(&entries_lock);
			proc_remove(pde);
			spin_lock(&entries_lock);
		} else {
			break;
		}
	}
	e->busy = false;
	if (!--nr_busy)
		wake_up_var(&nr_busy);
	if (!e->users && !may_remove && dir)
		queue_removal(e);
}

static void removal_work(struct work_struct *work)
{
	struct vmtrace_proc_entry *e = container_of(work, struct vmtrace_proc_entry, removal);
	bool unused;

	spin_lock(&entries_lock);
	update(e, true);
	/* If dir is NULL, vmtrace_proc_entries_exit() frees all entries. */
	unused = !--e->works && dir && !e->users && !e->busy;
	if (unused)
		hash_del(&e->node);
	spin_unlock(&entries_lock);
	if (unused)
		kfree(e);
}

static struct vmtrace_proc_entry *find(pid_t nr)
{
	struct vmtrace_proc_entry *e;

	hash_for_each_possible(entries, e, node, nr)
		if (e->nr == nr)
			return e;
	return NULL;
}

static void create_entry_of(struct vmtrace_link *link)
{
	struct vmtrace_proc_entry *spare = kzalloc(sizeof(*spare), GFP_KERNEL), *e;

	spin_lock(&entries_lock);
	e = find(link->nr);
	if (!e && spare) {
		e = spare;
		spare = NULL;
		e->nr = link->nr;
		INIT_WORK(&e->removal, removal_work);
		hash_add(entries, &e->node, e->nr);
	}
	if (e && !link->process->withdrawn) {
		e->users++;
		link->entry = e;
		update(e, false);
	}
	spin_unlock(&entries_lock);
	kfree(spare);
}

/* Create the entries of a process, once. May sleep, without holding a lock. */
static void create_entries(struct vmtrace_process *p)
{
	unsigned int i;
	bool first;

	spin_lock(&entries_lock);
	first = dir && !p->published;
	p->published |= first;
	spin_unlock(&entries_lock);
	for (i = 0; first && i < p->nr_links; i++)
		create_entry_of(&p->links[i]);
}

static void creation_work(struct work_struct *work)
{
	struct vmtrace_process *p = container_of(work, struct vmtrace_process, publish);

	create_entries(p);
	vmtrace_process_put(p);
}

static void create_in_worker(struct vmtrace_process *p)
{
	INIT_WORK(&p->publish, creation_work);
	refcount_inc(&p->ref);
	queue_work(creations, &p->publish);
}

static void create_in_task(struct vmtrace_task_work *work, bool cancelled)
{
	struct vmtrace_process *p = container_of(work, struct vmtrace_process, task_work);

	if (!cancelled)
		create_entries(p);
	vmtrace_process_put(p);
}

void vmtrace_proc_entries_created(struct vmtrace_process *p, struct task_struct *child)
{
	if (child) {
		refcount_inc(&p->ref);
		if (vmtrace_task_work_add(&p->task_work, child, create_in_task))
			return;
		vmtrace_process_put(p);
	}
	create_in_worker(p);
}

void vmtrace_proc_entries_evicted(struct vmtrace_process *p)
{
	struct vmtrace_proc_entry *e;
	unsigned int i;

	spin_lock(&entries_lock);
	p->withdrawn = true;
	for (i = 0; i < p->nr_links; i++) {
		e = p->links[i].entry;
		p->links[i].entry = NULL;
		if (e && --e->users == 0 && dir)
			queue_removal(e);
	}
	spin_unlock(&entries_lock);
}

int vmtrace_proc_entries_init(void)
{
	removals = alloc_workqueue("vmtrace_removals", WQ_UNBOUND, WQ_MAX_ACTIVE);
	creations = alloc_workqueue("vmtrace_creations", WQ_UNBOUND, 0);
	if (removals && creations)
		return 0;
	if (removals)
		destroy_workqueue(removals);
	if (creations)
		destroy_workqueue(creations);
	return -ENOMEM;
}

void vmtrace_proc_entries_exit(void)
{
	struct vmtrace_proc_entry *e;
	struct hlist_node *next;
	unsigned int i;

	destroy_workqueue(creations);
	destroy_workqueue(removals);
	hash_for_each_safe(entries, i, next, e, node)
		kfree(e);
	hash_init(entries);
}

void vmtrace_proc_entries_open(struct proc_dir_entry *in, const struct proc_ops *what)
{
	spin_lock(&entries_lock);
	dir = in;
	ops = what;
	spin_unlock(&entries_lock);
}

void vmtrace_proc_entries_scan(void)
{
	struct vmtrace_process *p;
	struct task_struct *task;
	struct pid *pid;
	pid_t nr = 1;

	for (;;) {
		p = NULL;
		rcu_read_lock();
		pid = find_ge_pid(nr, &init_pid_ns);
		if (!pid) {
			rcu_read_unlock();
			break;
		}
		nr = pid_nr_ns(pid, &init_pid_ns) + 1;
		task = pid_task(pid, PIDTYPE_TGID);
		if (task && !(task->flags & PF_KTHREAD))
			p = vmtrace_process_track(task);
		if (p)
			refcount_inc(&p->ref);
		rcu_read_unlock();
		if (p) {
			create_entries(p);
			vmtrace_process_put(p);
		}
		cond_resched();
	}
}

static bool is_idle(void)
{
	bool idle;

	spin_lock(&entries_lock);
	idle = !nr_busy;
	spin_unlock(&entries_lock);
	return idle;
}

void vmtrace_proc_entries_close(void)
{
	spin_lock(&entries_lock);
	dir = NULL;
	spin_unlock(&entries_lock);
	wait_var_event(&nr_busy, is_idle());
}
