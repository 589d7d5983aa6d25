// SPDX-License-Identifier: GPL-2.0
/* hook.c - which hook is in use, and why; see hook.h */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "hook/hook.h"
#include "stats/process.h"
#include "stats/task.h"
#include "stats/thread.h"

char *vmtrace_hook_param = "auto";

/*
 * Each pending attempt needs a kretprobe instance, also while its thread sleeps. By the kernel's
 * default, twice the number of CPUs and at least 10, 300 threads that slept in faults made a
 * kretprobe miss 97 % of all other faults.
 */
int vmtrace_hook_maxactive __read_mostly = 4096;

/* Returned by vmtrace_hook() before vmtrace_hook_init(). */
static const struct vmtrace_hook none = { .name = "none" };

static const struct vmtrace_hook *hook = &none;
static const char *reason = "loading";

static const struct vmtrace_hook *find(const char *name)
{
	static const struct vmtrace_hook *const known[] = {
		&vmtrace_hook_kretprobe,
		&vmtrace_hook_returns,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (sysfs_streq(name, known[i]->name))
			return known[i];
	return NULL;
}

static DEFINE_SPINLOCK(missed_lock); /* protects running and missed_before */
static bool running;
static u64 missed_before; /* sum of missed() over earlier starts */

static int start(const struct vmtrace_hook *h)
{
	int err;

	WRITE_ONCE(hook, h);
	err = h->start ? h->start() : -EOPNOTSUPP;
	if (err)
		return err;
	spin_lock(&missed_lock);
	running = true;
	spin_unlock(&missed_lock);
	return 0;
}

static void cancel_pending(struct vmtrace_task *k, void *unused)
{
	if (k->thread)
		vmtrace_thread_leave(k->thread);
}

static int cancel_pending_of(struct vmtrace_process *p, void *unused)
{
	return vmtrace_process_iterate(p, cancel_pending, NULL);
}

static void stop(void)
{
	const struct vmtrace_hook *h = vmtrace_hook();

	if (!running)
		return;
	spin_lock(&missed_lock);
	missed_before += h->missed();
	running = false;
	spin_unlock(&missed_lock);
	h->stop();
	/* The returns of pending attempts will not be seen. */
	vmtrace_process_for_each(cancel_pending_of, NULL);
}

/*
 * Is a fault that current takes seen from its entry to its return? Not on a function that has been
 * replaced by a livepatch, or if this kernel has changed in a way that nobody foresaw. Takes three
 * faults: the first may be the first one of current that the hook sees.
 */
static bool sees_faults(void)
{
	unsigned long at = vm_mmap(NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, 0);
	u8 __user *page = (u8 __user *)at;
	struct vmtrace_sum before, after;
	bool seen = true;
	u8 byte;

	if (IS_ERR_VALUE(at))
		return true;
	if (!put_user(0, page)) {
		vmtrace_task_read_current(&before);
		page += PAGE_SIZE;
		if (!get_user(byte, page) && !put_user(byte, page)) {
			vmtrace_task_read_current(&after);
			seen = vmtrace_unobserved(&after) == vmtrace_unobserved(&before);
		}
	}
	vm_munmap(at, 2 * PAGE_SIZE);
	return seen;
}

/* Start @h, unless it does not see a fault of current. */
static int start_tested(const struct vmtrace_hook *h)
{
	int err = start(h);

	if (err || sees_faults())
		return err;
	stop();
	return -EOPNOTSUPP;
}

/*
 * hook=auto: kprobes at the returns if all of these are found, since they cost least and do not
 * limit the number of pending attempts; else the kretprobe.
 */
static int start_best(const struct vmtrace_hook **which, const char **why)
{
	*which = &vmtrace_hook_returns;
	*why = "auto: the cheapest hook";
	if (!start_tested(*which))
		return 0;
	*which = &vmtrace_hook_kretprobe;
	*why = "auto: the returns cannot be probed here";
	return start(*which);
}

int vmtrace_hook_init(void)
{
	const char *why = "requested by hook=";
	bool automatic = sysfs_streq(vmtrace_hook_param, "auto");
	const struct vmtrace_hook *which = automatic ? NULL : find(vmtrace_hook_param);
	int err;

	if (!which && !automatic) {
		pr_err("parameter hook=%s is none of auto, returns, kretprobe\n",
		       vmtrace_hook_param);
		return -EINVAL;
	}
	if (automatic)
		err = start_best(&which, &why);
	else
		err = which == &vmtrace_hook_returns ? start_tested(which) : start(which);
	if (err) {
		WRITE_ONCE(hook, &none);
		pr_err("cannot hook " VMTRACE_HOOK_SYMBOL " with %s: %s (error %d)%s\n",
		       which->name, err == -EOPNOTSUPP ? "not supported by this kernel" : "refused",
		       err, automatic ? "" : "; try hook=auto");
		return err;
	}
	WRITE_ONCE(reason, why);
	return 0;
}

void vmtrace_hook_exit(void)
{
	stop();
}

int vmtrace_hook_set(bool on)
{
	if (on)
		return start(vmtrace_hook());
	stop();
	return 0;
}

u64 vmtrace_missed(void)
{
	u64 missed;

	spin_lock(&missed_lock);
	missed = missed_before + (running ? vmtrace_hook()->missed() : 0);
	spin_unlock(&missed_lock);
	return missed;
}

const struct vmtrace_hook *vmtrace_hook(void)
{
	return READ_ONCE(hook);
}

const char *vmtrace_hook_reason(void)
{
	return READ_ONCE(reason);
}
