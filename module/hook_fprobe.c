// SPDX-License-Identifier: GPL-2.0
/* hook_fprobe.c - an fprobe on handle_mm_fault; see hook.h */
#include <linux/kprobes.h>
#include <linux/random.h>
#include <linux/rcupdate.h>

#include "compat.h"
#include "hook.h"
#include "lane.h"

#if VMTRACE_HAVE_FPROBE

/*
 * What goes from entry to return. @start tells whether it was written since this
 * start: an fprobe on fgraph keeps it on the task's shadow stack and finds the
 * fprobe again by its address. A thread that slept in a fault while the module
 * was unloaded and loaded again at the same place, or the hook stopped and
 * started, would bring back what was written before (fprobe_return(),
 * kernel/trace/fprobe.c).
 */
struct carried {
	u64 start;
	struct vmtrace_attempt attempt;
};

static u64 this_start;
static unsigned long missed_at_start;

/* handle_mm_fault(vma, address, flags, regs), mm/memory.c. */
static notrace int fprobe_entry(struct fprobe *fp, unsigned long ip, unsigned long ret_ip,
				struct vmtrace_fprobe_regs *regs, void *data)
{
	struct carried *c = data;

	lockdep_assert_preemption_disabled();
	c->start = this_start;
	vmtrace_attempt_begin(&c->attempt,
			      (struct vm_area_struct *)vmtrace_fprobe_argument(regs, 0),
			      vmtrace_fprobe_argument(regs, 1),
			      (u32)vmtrace_fprobe_argument(regs, 2),
			      (const struct pt_regs *)vmtrace_fprobe_argument(regs, 3));
	return 0;
}

NOKPROBE_SYMBOL(fprobe_entry);

static notrace void fprobe_return(struct fprobe *fp, unsigned long ip, unsigned long ret_ip,
				  struct vmtrace_fprobe_regs *regs, void *data)
{
	const struct carried *c = data;

	lockdep_assert_preemption_disabled();
	if (likely(c->start == this_start))
		vmtrace_attempt_end(&c->attempt,
				    (__force vm_fault_t)(u32)vmtrace_fprobe_return_value(regs));
}

NOKPROBE_SYMBOL(fprobe_return);

static struct fprobe probe;

static int start(void)
{
	const char *symbol = VMTRACE_HOOK_SYMBOL;
	int err;

	this_start = get_random_u64();
	/* All of it: up to 6.12 it still points to what was freed (ftrace_free_filter()). */
	probe = (struct fprobe){
		.entry_handler = fprobe_entry,
		.exit_handler = fprobe_return,
		.entry_data_size = sizeof(struct carried),
	};
	vmtrace_fprobe_limit(&probe, vmtrace_hook_maxactive);
	err = register_fprobe_syms(&probe, &symbol, 1);
	if (err)
		return err;
	/* On fgraph, who entered while the probe was put in its list may count as a miss. */
	synchronize_rcu();
	missed_at_start = READ_ONCE(probe.nmissed);
	return 0;
}

static void stop(void)
{
	unregister_fprobe(&probe);
	/* With ftrace switched off by sysctl, 6.12 does not wait for a handler that still runs. */
	synchronize_rcu();
}

/* For want of an instance, or in recursion. Not where fgraph itself gives up. */
static u64 missed(void)
{
	return READ_ONCE(probe.nmissed) - missed_at_start;
}

#endif

const struct vmtrace_hook vmtrace_hook_fprobe = {
	.name = "fprobe",
#if VMTRACE_HAVE_FPROBE
	.start = start,
	.stop = stop,
	.missed = missed,
	.limited = !VMTRACE_FPROBE_UNLIMITED,
#endif
};
