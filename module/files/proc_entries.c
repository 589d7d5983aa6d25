// SPDX-License-Identifier: GPL-2.0
/*
 * proc_entries.c - the entries of /proc/vmtrace that are numbers; see proc_entries.h
 *
 * Creating an entry allocates memory, and removing one waits for its open() calls, so neither is
 * done under the lock. The context that sets @busy creates or removes the entry until @pde agrees
 * with @users. An entry without users stays until its last file is closed, since proc_remove()
 * would wait for a reader inside read(), which may last for ever.
 */
#include <linux/hashtable.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include "files/proc_entries.h"
#include "stats/process.h"
#include "stats/task.h"

/**
 * struct vmtrace_proc_entry - a number in /proc/vmtrace
 * @node: in the table by number
 * @removal: in the list of entries to be removed, or empty
 * @nr: the number
 * @users: processes that have this number in some pid namespace
 * @files: open files
 * @pde: the entry, or NULL
 * @busy: a context creates or removes the entry
 */
struct vmtrace_proc_entry {
	struct hlist_node node;
	struct list_head removal;
	pid_t nr;
	unsigned int users;
	unsigned int files;
	struct proc_dir_entry *pde;
	bool busy;
};

static DEFINE_HASHTABLE(entries, 12);
static LIST_HEAD(removals);
static DEFINE_SPINLOCK(entries_lock); /* protects table, list, entries, dir, ops and nr_busy */
static struct proc_dir_entry *dir;    /* NULL: no entry may be created or removed */
static const struct proc_ops *ops;
static int nr_busy;

static struct workqueue_struct *queue;
static void remove_entries(struct work_struct *work);
static DECLARE_WORK(removal_work, remove_entries);

static bool is_unused(const struct vmtrace_proc_entry *e)
{
	return !e->users && !e->files && !e->busy;
}

/* Have a worker remove the entry if it is unused. */
static void check_unused(struct vmtrace_proc_entry *e)
{
	lockdep_assert_held(&entries_lock);
	if (!dir || !is_unused(e) || !list_empty(&e->removal))
		return;
	list_add_tail(&e->removal, &removals);
	queue_work(queue, &removal_work);
}

static struct proc_dir_entry *create(const struct vmtrace_proc_entry *e, struct proc_dir_entry *in)
{
	char text[12];

	snprintf(text, sizeof(text), "%d", e->nr);
	/* NULL if the process's memory cgroup is full. */
	return proc_create_data(text, 0444, in, ops, (void *)(long)e->nr);
}

/* Create the entry if it has users, or else remove it if @may_remove. */
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
		} else if (!e->users && !e->files && e->pde && may_remove) {
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
}

static void remove_entries(struct work_struct *work)
{
	struct vmtrace_proc_entry *e;

	spin_lock(&entries_lock);
	/* Once dir is NULL, vmtrace_proc_entries_exit() frees all entries. */
	while (dir && !list_empty(&removals)) {
		e = list_first_entry(&removals, struct vmtrace_proc_entry, removal);
		list_del_init(&e->removal);
		if (!is_unused(e))
			continue;
		update(e, true);
		if (is_unused(e) && !e->pde) {
			hash_del(&e->node);
			kfree(e);
		}
		spin_unlock(&entries_lock);
		cond_resched();
		spin_lock(&entries_lock);
	}
	spin_unlock(&entries_lock);
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
	struct vmtrace_proc_entry *spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT), *e;

	spin_lock(&entries_lock);
	if (link->process->withdrawn)
		goto out;
	e = find(link->nr);
	if (!e && spare) {
		e = spare;
		spare = NULL;
		e->nr = link->nr;
		INIT_LIST_HEAD(&e->removal);
		hash_add(entries, &e->node, e->nr);
	}
	if (e) {
		e->users++;
		link->entry = e;
		update(e, false);
		check_unused(e);
	}
out:
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
	queue_work(queue, &p->publish);
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
		if (e) {
			e->users--;
			check_unused(e);
		}
	}
	spin_unlock(&entries_lock);
}

struct vmtrace_proc_entry *vmtrace_proc_entries_get(pid_t nr)
{
	struct vmtrace_proc_entry *e;

	spin_lock(&entries_lock);
	e = find(nr);
	if (e && !e->users)
		e = NULL;
	if (e)
		e->files++;
	spin_unlock(&entries_lock);
	return e;
}

void vmtrace_proc_entries_put(struct vmtrace_proc_entry *e)
{
	spin_lock(&entries_lock);
	e->files--;
	check_unused(e);
	spin_unlock(&entries_lock);
}

int vmtrace_proc_entries_init(void)
{
	queue = alloc_workqueue("vmtrace_entries", WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

void vmtrace_proc_entries_exit(void)
{
	struct vmtrace_proc_entry *e;
	struct hlist_node *next;
	unsigned int i;

	destroy_workqueue(queue);
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

/* Track the user task that has the number. If it leads its process, return a reference to that. */
static struct vmtrace_process *track(struct pid *pid)
{
	struct task_struct *task = pid_task(pid, PIDTYPE_PID);
	struct vmtrace_process *p;

	if (!task || task->flags & PF_KTHREAD)
		return NULL;
	p = vmtrace_process_track(task);
	if (p)
		vmtrace_task_create(task, p);
	if (!p || !thread_group_leader(task))
		return NULL;
	refcount_inc(&p->ref);
	return p;
}

void vmtrace_proc_entries_scan(void)
{
	struct vmtrace_process *p;
	struct pid *pid;
	pid_t nr = 1;

	for (;;) {
		rcu_read_lock();
		pid = find_ge_pid(nr, &init_pid_ns);
		if (!pid) {
			rcu_read_unlock();
			break;
		}
		nr = pid_nr_ns(pid, &init_pid_ns) + 1;
		p = track(pid);
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
