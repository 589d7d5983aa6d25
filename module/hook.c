// SPDX-License-Identifier: GPL-2.0
/* hook.c - the probe on handle_mm_fault; see hook.h */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/ptrace.h>

#include "fault.h"
#include "hook.h"

/*
 * The kernel's default is twice the number of CPUs, at least 10, and a thread
 * that sleeps in a fault holds one: 300 of them made it lose 97 % of the rest.
 */
int vmtrace_hook_maxactive __read_mostly = 4096;

/* handle_mm_fault(vma, address, flags, regs), mm/memory.c. */
static int on_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	lockdep_assert_preemption_disabled();
	vmtrace_attempt_begin((struct vmtrace_attempt *)ri->data,
			      (u32)regs_get_kernel_argument(regs, 2));
	return 0;
}

NOKPROBE_SYMBOL(on_entry);

static int on_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	lockdep_assert_preemption_disabled();
	vmtrace_attempt_end((struct vmtrace_attempt *)ri->data,
			    (__force vm_fault_t)(u32)regs_return_value(regs));
	return 0;
}

NOKPROBE_SYMBOL(on_return);

static struct kretprobe probe = {
	.kp.symbol_name = "handle_mm_fault",
	.entry_handler = on_entry,
	.handler = on_return,
	.data_size = sizeof(struct vmtrace_attempt),
};

int vmtrace_hook_init(void)
{
	int err;

	probe.maxactive = vmtrace_hook_maxactive;
	err = register_kretprobe(&probe);
	if (err)
		pr_err("cannot hook %s with a kretprobe: error %d\n", probe.kp.symbol_name, err);
	return err;
}

void vmtrace_hook_exit(void)
{
	unregister_kretprobe(&probe);
}

u64 vmtrace_hook_missed(void)
{
	return (u64)READ_ONCE(probe.nmissed) + READ_ONCE(probe.kp.nmissed);
}

const char *vmtrace_hook_name(void)
{
	return "kretprobe";
}
