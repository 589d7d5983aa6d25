// SPDX-License-Identifier: GPL-2.0
/* kretprobe.c - a kretprobe on handle_mm_fault; see hook.h */
#include <linux/kprobes.h>
#include <linux/ptrace.h>

#include "fault/fast.h"
#include "hook/hook.h"

/* handle_mm_fault(vma, address, flags, regs), mm/memory.c. */
static notrace int kretprobe_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	lockdep_assert_preemption_disabled();
	vmtrace_attempt_begin((struct vmtrace_attempt *)ri->data,
			      (struct vm_area_struct *)regs_get_kernel_argument(regs, 0),
			      regs_get_kernel_argument(regs, 1),
			      (u32)regs_get_kernel_argument(regs, 2),
			      (const struct pt_regs *)regs_get_kernel_argument(regs, 3));
	return 0;
}

NOKPROBE_SYMBOL(kretprobe_entry);

static notrace int kretprobe_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	lockdep_assert_preemption_disabled();
	vmtrace_attempt_end((struct vmtrace_attempt *)ri->data,
			    (__force vm_fault_t)(u32)regs_return_value(regs));
	return 0;
}

NOKPROBE_SYMBOL(kretprobe_return);

static struct kretprobe probe;

/* vmtrace_irq_off() relies on ftrace, which leaves interrupts on; a breakpoint disables them. */
static int check_ftrace_based(void)
{
	struct kprobe entry = { .symbol_name = VMTRACE_HOOK_SYMBOL };
	bool ftrace;
	int err;

	if (!IS_ENABLED(CONFIG_X86_64))
		return 0;
	err = register_kprobe(&entry);
	if (err)
		return err;
	ftrace = kprobe_ftrace(&entry);
	unregister_kprobe(&entry);
	return ftrace ? 0 : -EOPNOTSUPP;
}

static int start(void)
{
	int err = check_ftrace_based();

	if (err)
		return err;
	/* All members: register_kretprobe() resolves the symbol only if kp.addr is NULL. */
	probe = (struct kretprobe){
		.kp.symbol_name = VMTRACE_HOOK_SYMBOL,
		.entry_handler = kretprobe_entry,
		.handler = kretprobe_return,
		.data_size = sizeof(struct vmtrace_attempt),
		.maxactive = vmtrace_hook_maxactive,
	};
	return register_kretprobe(&probe);
}

static void stop(void)
{
	unregister_kretprobe(&probe);
}

/* nmissed: no instance was free. kp.nmissed: hit inside the handler of another kprobe. */
static u64 missed(void)
{
	return (u64)READ_ONCE(probe.nmissed) + READ_ONCE(probe.kp.nmissed);
}

const struct vmtrace_hook vmtrace_hook_kretprobe = {
	.name = "kretprobe",
	.start = start,
	.stop = stop,
	.missed = missed,
	.limited = true,
};
