// SPDX-License-Identifier: GPL-2.0
/* reset.c - begin to count anew; see reset.h */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "counts.h"
#include "history.h"
#include "hook.h"
#include "process.h"
#include "reset.h"

static u64 last_ns;

static int reset_process(struct vmtrace_process *p, void *scratch)
{
	return vmtrace_process_reset(p, scratch);
}

static int reset_all(void)
{
	struct vmtrace_times *scratch;
	int err;

	scratch = kvmalloc_array(VMTRACE_CLASS_COUNT, sizeof(*scratch), GFP_KERNEL);
	if (!scratch)
		return -ENOMEM;
	WRITE_ONCE(vmtrace_resetting, true);
	smp_wmb(); /* pairs with vmtrace_process_generation(): this one first */
	WRITE_ONCE(vmtrace_generation, vmtrace_generation + 1);
	/* Whoever finds out about a fault now, and did not know yet, is done before we guess. */
	if (vmtrace_hook()->blind)
		synchronize_rcu();
	err = vmtrace_process_visit_each(reset_process, scratch);
	smp_store_release(&vmtrace_resetting, false); /* likewise: last of all */
	kvfree(scratch);
	if (err)
		return err;
	vmtrace_missed_reset();
	WRITE_ONCE(last_ns, ktime_get_boottime_ns());
	return 0;
}

int vmtrace_reset(void)
{
	return vmtrace_history_reset(reset_all);
}

u64 vmtrace_reset_ns(void)
{
	return READ_ONCE(last_ns);
}
