// SPDX-License-Identifier: GPL-2.0
/* hook.c - which probe is on handle_mm_fault, and why; see hook.h */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "compat.h"
#include "hook.h"
#include "process.h"

char *vmtrace_hook_param = "auto";

/*
 * The kernel's default is twice the number of CPUs, at least 10, and a thread
 * that sleeps in a fault holds one: 300 of them made it lose 97 % of the rest.
 */
int vmtrace_hook_maxactive __read_mostly = 4096;

/* The files can be read before the hook is there. */
static const struct vmtrace_hook none = { .name = "none" };

static const struct vmtrace_hook *hook = &none;
static const char *reason = "loading";

static const struct vmtrace_hook *find(const char *name)
{
	static const struct vmtrace_hook *const known[] = {
		&vmtrace_hook_kretprobe,
		&vmtrace_hook_fprobe,
		&vmtrace_hook_returns,
		&vmtrace_hook_entry,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (sysfs_streq(name, known[i]->name))
			return known[i];
	return NULL;
}

static DEFINE_SPINLOCK(missed_lock); /* the three below */
static bool counts;		     /* the hook is there, and missed() of its start */
static u64 missed_before;	     /* of former starts */
static u64 missed_at_reset;

/* The handlers run at once, and ask which hook it is. */
static int start(const struct vmtrace_hook *h)
{
	int err;

	WRITE_ONCE(hook, h);
	err = h->start ? h->start() : -EOPNOTSUPP;
	if (err)
		return err;
	spin_lock(&missed_lock);
	counts = true;
	spin_unlock(&missed_lock);
	return 0;
}

static void abandon(struct vmtrace_process *p, void *data)
{
	vmtrace_process_abandon(p);
}

static void stop(void)
{
	const struct vmtrace_hook *h = vmtrace_hook();

	if (!counts)
		return;
	/* Before: up to 6.12, an fprobe that is taken away skips all until it is gone. */
	spin_lock(&missed_lock);
	missed_before += h->missed ? h->missed() : 0;
	counts = false;
	spin_unlock(&missed_lock);
	h->stop();
	/* Whoever is in a fault now ends it unseen, and what is known of it is void by then. */
	if (!h->blind)
		vmtrace_process_for_each(abandon, NULL);
}

/*
 * Without being asked: probes on the returns, where they are found, which cost least and have no
 * limit; else the kretprobe. An fprobe on rethook is no better, and on fgraph it costs more on
 * amd64, and is the first user of fgraph as a rule: then the function_graph tracer's returns are
 * handed to it as well, and it warns of them (function_graph_enter_regs(), kernel/trace/fgraph.c,
 * sets bit 0 for all; fprobe_return() wants its data).
 */
static int start_best(const struct vmtrace_hook **which, const char **why)
{
	*which = &vmtrace_hook_returns;
	*why = "auto: the cheapest that sees times";
	if (!start(*which))
		return 0;
	*which = &vmtrace_hook_kretprobe;
	*why = "auto: the returns cannot be probed here";
	return start(*which);
}

int vmtrace_hook_init(void)
{
	const char *why = "asked for";
	bool automatic = sysfs_streq(vmtrace_hook_param, "auto");
	const struct vmtrace_hook *which = automatic ? NULL : find(vmtrace_hook_param);
	int err;

	if (!which && !automatic) {
		pr_err("parameter hook=%s is none of auto, returns, kretprobe, fprobe, entry\n",
		       vmtrace_hook_param);
		return -EINVAL;
	}
	err = automatic ? start_best(&which, &why) : start(which);
	if (err) {
		WRITE_ONCE(hook, &none);
		pr_err("cannot hook " VMTRACE_HOOK_SYMBOL " with a %s: %s (error %d)%s\n",
		       which->name,
		       err == -EOPNOTSUPP ? "this kernel has none that fits" : "refused", err,
		       automatic ? "" : "; try hook=auto");
		return err;
	}
	if (which == &vmtrace_hook_fprobe && VMTRACE_FPROBE_UNLIMITED)
		pr_warn("hook=fprobe: tracing with function_graph makes this kernel warn, once\n");
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

static u64 missed_since_load(void)
{
	const struct vmtrace_hook *h = vmtrace_hook();

	lockdep_assert_held(&missed_lock);
	return missed_before + (counts && h->missed ? h->missed() : 0);
}

u64 vmtrace_missed(void)
{
	u64 missed;

	spin_lock(&missed_lock);
	missed = missed_since_load() - missed_at_reset;
	spin_unlock(&missed_lock);
	return missed;
}

void vmtrace_missed_reset(void)
{
	spin_lock(&missed_lock);
	missed_at_reset = missed_since_load();
	spin_unlock(&missed_lock);
}

const struct vmtrace_hook *vmtrace_hook(void)
{
	return READ_ONCE(hook);
}

const char *vmtrace_hook_reason(void)
{
	return READ_ONCE(reason);
}
