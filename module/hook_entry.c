// SPDX-License-Identifier: GPL-2.0
/*
 * hook_entry.c - ftrace at the entry of handle_mm_fault, and nothing at its return; see hook.h
 *
 * The cheapest of all, for who wants no times: what a fault became is read off the kernel's own
 * count and the page tables when the thread's next one begins (lane.h).
 */
#include <linux/irqflags.h>
#include <linux/kprobes.h>

#include "hook_ftrace.h"
#include "lane.h"

#ifdef vmtrace_ftrace_argument

/* handle_mm_fault(vma, address, flags, regs), mm/memory.c. */
static void notrace entry_entry(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				struct ftrace_regs *fregs)
{
	lockdep_assert_irqs_enabled(); /* who handles faults may sleep */
	local_irq_disable();
	vmtrace_current_begin((struct vm_area_struct *)vmtrace_ftrace_argument(fregs, 0),
			      vmtrace_ftrace_argument(fregs, 1),
			      (u32)vmtrace_ftrace_argument(fregs, 2),
			      (const struct pt_regs *)vmtrace_ftrace_argument(fregs, 3));
	local_irq_enable();
}

NOKPROBE_SYMBOL(entry_entry);

static struct ftrace_ops entry;

static int start(void)
{
	return vmtrace_ftrace_start(&entry, entry_entry);
}

static void stop(void)
{
	vmtrace_ftrace_stop(&entry);
}

#endif

const struct vmtrace_hook vmtrace_hook_entry = {
	.name = "entry",
#ifdef vmtrace_ftrace_argument
	.start = start,
	.stop = stop,
	.blind = true,
#endif
};
