// SPDX-License-Identifier: GPL-2.0
/*
 * names.c - the numbers that appear in /proc/vmtrace; see names.h
 *
 * Removing an entry waits for whoever is inside read(), and that can be for as
 * long as a reader's buffer takes to be paged in. So removal is left to a
 * workqueue, one work item an entry, without the mutex: one stuck reader holds
 * up one number and nothing else.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "names.h"
#include "process.h"

/**
 * struct vmtrace_name - an entry of /proc/vmtrace
 * @nr: its number
 * @users: links of processes that bear it
 * @pde: the entry, NULL if it is not there
 * @removing: @removal is taking @pde away; if @users came back, it makes another
 * @removal: brings @pde in line with @users
 */
struct vmtrace_name {
	pid_t nr;
	unsigned int users;
	struct proc_dir_entry *pde;
	bool removing;
	struct work_struct removal;
};

static DEFINE_MUTEX(lock);	   /* all of this file's state, and vmtrace_process.published */
static DEFINE_XARRAY(names);	   /* by number */
static struct proc_dir_entry *dir; /* NULL while closed */
static const struct proc_ops *ops;

static void make(struct vmtrace_name *n)
{
	char text[12];

	lockdep_assert_held(&lock);
	if (!dir || n->pde || n->removing)
		return;
	snprintf(text, sizeof(text), "%d", n->nr);
	n->pde = proc_create_data(text, 0444, dir, ops, (void *)(long)n->nr);
	if (!n->pde)
		pr_warn_ratelimited("no memory for /proc/vmtrace/%d\n", n->nr);
}

static void removal(struct work_struct *work)
{
	struct vmtrace_name *n = container_of(work, struct vmtrace_name, removal);
	struct proc_dir_entry *pde;

	mutex_lock(&lock);
	if (!dir || n->users) {
		mutex_unlock(&lock);
		return;
	}
	pde = n->pde;
	n->pde = NULL;
	n->removing = true;
	mutex_unlock(&lock);

	if (pde)
		proc_remove(pde);

	mutex_lock(&lock);
	n->removing = false;
	if (n->users) {
		make(n);
		n = NULL;
	} else if (!work_pending(&n->removal)) {
		xa_erase(&names, n->nr);
	} else {
		n = NULL;
	}
	mutex_unlock(&lock);
	kfree(n);
}

static struct vmtrace_name *get(pid_t nr)
{
	struct vmtrace_name *n = xa_load(&names, nr);

	lockdep_assert_held(&lock);
	if (!n) {
		n = kzalloc(sizeof(*n), GFP_KERNEL);
		if (!n)
			return NULL;
		n->nr = nr;
		INIT_WORK(&n->removal, removal);
		if (xa_err(xa_store(&names, nr, n, GFP_KERNEL))) {
			kfree(n);
			return NULL;
		}
	}
	n->users++;
	make(n);
	return n;
}

void vmtrace_names_publish(struct vmtrace_process *p)
{
	unsigned int i;

	mutex_lock(&lock);
	if (dir && !p->published) {
		p->published = true;
		for (i = 0; i < p->nr_links; i++)
			p->links[i].name = get(p->links[i].nr);
	}
	mutex_unlock(&lock);
}

void vmtrace_names_withdraw(struct vmtrace_process *p)
{
	struct vmtrace_name *n;
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; p->published && i < p->nr_links; i++) {
		n = p->links[i].name;
		if (n && --n->users == 0)
			vmtrace_process_queue(&n->removal);
	}
	/* A callback that is still to come must not bring the entries back. */
	p->published = true;
	for (i = 0; i < p->nr_links; i++)
		p->links[i].name = NULL;
	mutex_unlock(&lock);
}

void vmtrace_names_open(struct proc_dir_entry *where, const struct proc_ops *how)
{
	mutex_lock(&lock);
	dir = where;
	ops = how;
	mutex_unlock(&lock);
}

void vmtrace_names_close(void)
{
	mutex_lock(&lock);
	dir = NULL;
	mutex_unlock(&lock);
	vmtrace_process_flush();
}

void vmtrace_names_exit(void)
{
	struct vmtrace_name *n;
	unsigned long nr;

	xa_for_each(&names, nr, n)
		kfree(n);
	xa_destroy(&names);
}
