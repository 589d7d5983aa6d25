// SPDX-License-Identifier: GPL-2.0
/*
 * names.c - the numbers that appear in /proc/vmtrace; see names.h
 *
 * Making an entry allocates, removing one waits for whoever is inside read(),
 * which can take as long as a reader's buffer takes to be paged in. Neither is
 * done under a lock, nor is removal done for somebody else: a task that is slow,
 * throttled or stuck holds up its own number and nothing more. The one who sets
 * @busy works on an entry until it is as its users want it.
 *
 * debugfs makes and removes directories under a lock of the directory they are
 * in. A task that sleeps or is throttled in there would hold up every new
 * process of the machine, so one worker does it for all.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include "debugfs.h"
#include "names.h"
#include "process.h"

/**
 * struct vmtrace_name - an entry of /proc/vmtrace, and a directory of debugfs
 * @node: in the table by number
 * @nr: its number
 * @users: links of processes that bear it
 * @root_users: those of them in the initial pid namespace
 * @pde: the entry, NULL if it is not there
 * @busy: somebody makes or removes it
 * @dir: the directory, NULL if it is not there; of debugfs_work() alone
 * @works: how many of the next two are queued or running; the last frees this
 * @removal: removes @pde
 * @debugfs: makes and removes @dir
 */
struct vmtrace_name {
	struct hlist_node node;
	pid_t nr;
	unsigned int users;
	unsigned int root_users;
	struct proc_dir_entry *pde;
	bool busy;
	struct dentry *dir;
	unsigned int works;
	struct work_struct removal;
	struct work_struct debugfs;
};

static DEFINE_HASHTABLE(names, 12);
static DEFINE_SPINLOCK(names_lock);	 /* the table, the names, and the next three */
static struct proc_dir_entry *names_dir; /* NULL while closed */
static const struct proc_ops *names_ops;
static int nr_busy;

/* Stuck readers take a worker each: that must not be one that others wait for. */
static struct workqueue_struct *removals;
static struct workqueue_struct *directories; /* one worker */

static void queue_name(struct vmtrace_name *n, struct workqueue_struct *wq,
		       struct work_struct *work)
{
	lockdep_assert_held(&names_lock);
	n->works += queue_work(wq, work);
}

static struct proc_dir_entry *make_entry(const struct vmtrace_name *n, struct proc_dir_entry *dir)
{
	struct proc_dir_entry *pde;
	char text[12];

	snprintf(text, sizeof(text), "%d", n->nr);
	pde = proc_create_data(text, 0444, dir, names_ops, (void *)(long)n->nr);
	if (!pde)
		pr_warn_ratelimited("no memory for /proc/" KBUILD_MODNAME "/%d\n", n->nr);
	return pde;
}

/* Bring the entry in line with its users; only who @may_remove removes it. */
static void settle(struct vmtrace_name *n, bool may_remove)
{
	struct proc_dir_entry *pde, *dir;

	lockdep_assert_held(&names_lock);
	if (n->busy)
		return;
	n->busy = true;
	nr_busy++;
	/* Who closes waits for us before it removes the directory. */
	while ((dir = names_dir)) {
		if (n->users && !n->pde) {
			spin_unlock(&names_lock);
			pde = make_entry(n, dir);
			spin_lock(&names_lock);
			n->pde = pde;
			if (!pde)
				break;
		} else if (!n->users && n->pde && may_remove) {
			pde = n->pde;
			n->pde = NULL;
			spin_unlock(&names_lock);
			proc_remove(pde);
			spin_lock(&names_lock);
		} else {
			break;
		}
	}
	n->busy = false;
	if (!--nr_busy)
		wake_up_var(&nr_busy);
	if (!n->users && !may_remove && names_dir)
		queue_name(n, removals, &n->removal);
}

/* At the end of a work: whether the name is to be freed, without the lock. */
static bool work_done(struct vmtrace_name *n)
{
	bool unused;

	lockdep_assert_held(&names_lock);
	/* Once closed, vmtrace_names_exit() frees them all. */
	unused = !--n->works && names_dir && !n->users && !n->busy;
	if (unused)
		hash_del(&n->node);
	return unused;
}

static void removal_work(struct work_struct *work)
{
	struct vmtrace_name *n = container_of(work, struct vmtrace_name, removal);
	bool unused;

	spin_lock(&names_lock);
	settle(n, true);
	unused = work_done(n);
	spin_unlock(&names_lock);
	if (unused)
		kfree(n);
}

static void debugfs_work(struct work_struct *work)
{
	struct vmtrace_name *n = container_of(work, struct vmtrace_name, debugfs);
	bool open, wanted, unused;

	spin_lock(&names_lock);
	open = names_dir;
	wanted = n->root_users;
	spin_unlock(&names_lock);
	if (open && wanted && !n->dir) {
		n->dir = vmtrace_debugfs_add(n->nr);
	} else if (open && !wanted && n->dir) {
		vmtrace_debugfs_remove(n->dir);
		n->dir = NULL;
	}
	spin_lock(&names_lock);
	unused = work_done(n);
	spin_unlock(&names_lock);
	if (unused)
		kfree(n);
}

static struct vmtrace_name *name_find(pid_t nr)
{
	struct vmtrace_name *n;

	hash_for_each_possible(names, n, node, nr)
		if (n->nr == nr)
			return n;
	return NULL;
}

/* The first namespace that sees a process is the initial one. */
static bool is_root_link(const struct vmtrace_link *link)
{
	return link == &link->process->links[0];
}

static void publish_link(struct vmtrace_link *link)
{
	struct vmtrace_name *spare = kzalloc(sizeof(*spare), GFP_KERNEL), *n;

	spin_lock(&names_lock);
	n = name_find(link->nr);
	if (!n && spare) {
		n = spare;
		spare = NULL;
		n->nr = link->nr;
		INIT_WORK(&n->removal, removal_work);
		INIT_WORK(&n->debugfs, debugfs_work);
		hash_add(names, &n->node, n->nr);
	}
	if (n && !link->process->withdrawn) {
		n->users++;
		link->name = n;
		if (is_root_link(link) && n->root_users++ == 0 && names_dir)
			queue_name(n, directories, &n->debugfs);
		settle(n, false);
	}
	spin_unlock(&names_lock);
	kfree(spare);
}

void vmtrace_names_publish(struct vmtrace_process *p)
{
	unsigned int i;
	bool mine;

	spin_lock(&names_lock);
	mine = names_dir && !p->published;
	p->published |= mine;
	spin_unlock(&names_lock);
	for (i = 0; mine && i < p->nr_links; i++)
		publish_link(&p->links[i]);
}

void vmtrace_names_withdraw(struct vmtrace_process *p)
{
	struct vmtrace_name *n;
	unsigned int i;

	spin_lock(&names_lock);
	p->withdrawn = true;
	for (i = 0; i < p->nr_links; i++) {
		n = p->links[i].name;
		p->links[i].name = NULL;
		if (!n)
			continue;
		if (is_root_link(&p->links[i]) && --n->root_users == 0 && names_dir)
			queue_name(n, directories, &n->debugfs);
		if (--n->users == 0 && names_dir)
			queue_name(n, removals, &n->removal);
	}
	spin_unlock(&names_lock);
}

int vmtrace_names_init(void)
{
	removals = alloc_workqueue("vmtrace_removals", WQ_UNBOUND, WQ_MAX_ACTIVE);
	if (!removals)
		return -ENOMEM;
	directories = alloc_ordered_workqueue("vmtrace_debugfs", 0);
	if (directories)
		return 0;
	destroy_workqueue(removals);
	return -ENOMEM;
}

void vmtrace_names_open(struct proc_dir_entry *dir, const struct proc_ops *ops)
{
	spin_lock(&names_lock);
	names_dir = dir;
	names_ops = ops;
	spin_unlock(&names_lock);
}

static bool names_idle(void)
{
	bool idle;

	spin_lock(&names_lock);
	idle = !nr_busy;
	spin_unlock(&names_lock);
	return idle;
}

void vmtrace_names_close(void)
{
	spin_lock(&names_lock);
	names_dir = NULL;
	spin_unlock(&names_lock);
	wait_var_event(&nr_busy, names_idle());
	flush_workqueue(directories);
}

void vmtrace_names_exit(void)
{
	struct vmtrace_name *n;
	struct hlist_node *next;
	unsigned int i;

	destroy_workqueue(removals);
	destroy_workqueue(directories);
	hash_for_each_safe(names, i, next, n, node)
		kfree(n);
	hash_init(names);
}
