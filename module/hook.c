// SPDX-License-Identifier: GPL-2.0
/* hook.c - which probe is on handle_mm_fault, and why; see hook.h */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/string.h>

#include "compat.h"
#include "hook.h"

char *vmtrace_hook_param = "auto";

/*
 * The kernel's default is twice the number of CPUs, at least 10, and a thread
 * that sleeps in a fault holds one: 300 of them made it lose 97 % of the rest.
 */
int vmtrace_hook_maxactive __read_mostly = 4096;

static u64 none_missed(void)
{
	return 0;
}

/* The files can be read before the hook is there. */
static const struct vmtrace_hook none = { .name = "none", .missed = none_missed };

static const struct vmtrace_hook *hook = &none;
static const char *reason = "loading";

static const struct vmtrace_hook *find(const char *name)
{
	static const struct vmtrace_hook *const known[] = { &vmtrace_hook_kretprobe,
							    &vmtrace_hook_fprobe };
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (sysfs_streq(name, known[i]->name))
			return known[i];
	return NULL;
}

/*
 * The kretprobe, until an fprobe is better in every way (tests/bench/run prints
 * the costs): on rethook it costs the same and has the same limit; on fgraph it
 * has none, but costs more on amd64, and it is the first user of fgraph as a
 * rule: then the function_graph tracer's returns are handed to it as well, and
 * it warns of them (function_graph_enter_regs(), kernel/trace/fgraph.c, sets
 * bit 0 for all; fprobe_return() wants its data).
 */
static const struct vmtrace_hook *best(const char **why)
{
	*why = VMTRACE_FPROBE_UNLIMITED ? "auto: fprobe warns if function_graph traces" :
	       VMTRACE_HAVE_FPROBE	? "auto: fprobe is no better here" :
					  "auto: this kernel has no fprobe";
	return &vmtrace_hook_kretprobe;
}

int vmtrace_hook_init(void)
{
	const char *why = "asked for";
	bool automatic = sysfs_streq(vmtrace_hook_param, "auto");
	const struct vmtrace_hook *which = automatic ? best(&why) : find(vmtrace_hook_param);
	int err;

	if (!which) {
		pr_err("parameter hook=%s is none of auto, kretprobe, fprobe\n",
		       vmtrace_hook_param);
		return -EINVAL;
	}
	err = which->start();
	if (err) {
		pr_err("cannot hook " VMTRACE_HOOK_SYMBOL " with a %s: %s (error %d)%s\n",
		       which->name,
		       err == -EOPNOTSUPP ? "this kernel has none that fits" : "refused", err,
		       automatic ? "" : "; try hook=auto");
		return err;
	}
	if (which == &vmtrace_hook_fprobe && VMTRACE_FPROBE_UNLIMITED)
		pr_warn("hook=fprobe: tracing with function_graph makes this kernel warn, once\n");
	WRITE_ONCE(reason, why);
	WRITE_ONCE(hook, which);
	return 0;
}

void vmtrace_hook_exit(void)
{
	hook->stop();
}

/* The kernel counts them since the hook is there. */
static u64 missed_before;

u64 vmtrace_missed(void)
{
	return vmtrace_hook()->missed() - READ_ONCE(missed_before);
}

void vmtrace_missed_reset(void)
{
	WRITE_ONCE(missed_before, vmtrace_hook()->missed());
}

const struct vmtrace_hook *vmtrace_hook(void)
{
	return READ_ONCE(hook);
}

const char *vmtrace_hook_reason(void)
{
	return READ_ONCE(reason);
}
