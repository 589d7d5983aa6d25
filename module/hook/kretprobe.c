// SPDX-License-Identifier: GPL-2.0
/* kretprobe.c - a kretprobe on handle_mm_fault; see hook.h */
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>

#include "fault/fast.h"
#include "hook/hook.h"

/*
 * handle_mm_fault may sleep, so it is called with interrupts on. On x86 the handlers are called
 * through ftrace, which leaves interrupts on: not to save flags is cheaper. On other architectures
 * the probe may be an exception, which runs with interrupts off.
 */
static __always_inline unsigned long irq_off(void)
{
	unsigned long irq = 0;

	if (IS_ENABLED(CONFIG_X86_64)) {
		lockdep_assert_irqs_enabled();
		local_irq_disable();
	} else {
		local_irq_save(irq);
	}
	return irq;
}

static __always_inline void irq_on(unsigned long irq)
{
	if (IS_ENABLED(CONFIG_X86_64))
		local_irq_enable();
	else
		local_irq_restore(irq);
}

/* handle_mm_fault(vma, address, flags, regs), mm/memory.c. */
static notrace int kretprobe_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct vm_area_struct *vma = (struct vm_area_struct *)regs_get_kernel_argument(regs, 0);
	unsigned long address = regs_get_kernel_argument(regs, 1);
	u32 flags = regs_get_kernel_argument(regs, 2);
	const struct pt_regs *user = (const struct pt_regs *)regs_get_kernel_argument(regs, 3);
	const struct task_struct *task = current;
	struct vmtrace_thread *t;
	unsigned long irq;

	lockdep_assert_preemption_disabled();
	irq = irq_off();
	if (likely(vmtrace_thread_is_cached(task, &t)))
		vmtrace_thread_begin(t, task, vma, address, flags, user);
	else
		vmtrace_begin_uncached(vma, address, flags, user);
	irq_on(irq);
	return 0;
}

NOKPROBE_SYMBOL(kretprobe_entry);

static __always_inline void end_at(vm_fault_t ret, u64 now)
{
	unsigned long irq = irq_off();

	vmtrace_current_end(ret, now);
	irq_on(irq);
}

/* For clocks whose reading is a function call. */
static noinline void end_slow(vm_fault_t ret)
{
	end_at(ret, vmtrace_clock());
}

static notrace int kretprobe_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	vm_fault_t ret = (__force vm_fault_t)(u32)regs_return_value(regs);

	lockdep_assert_preemption_disabled();
	/* Reading the counter is one instruction. */
	if (static_branch_likely(&vmtrace_clock_is_counter))
		end_at(ret, get_cycles());
	else
		end_slow(ret);
	return 0;
}

NOKPROBE_SYMBOL(kretprobe_return);

static struct kretprobe probe;

/* irq_off() relies on ftrace, which leaves interrupts on; a breakpoint disables them. */
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
