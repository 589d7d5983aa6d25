// SPDX-License-Identifier: GPL-2.0
/*
 * returns.c - the hook `returns`: ftrace at the entry of handle_mm_fault, a kprobe at each return
 *
 * It costs a third of a kretprobe and, as it replaces no return address, does not limit the number
 * of threads that sleep in faults. x86 only: see return_sites.h.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/sched.h>

#include "compat.h"
#include "fault/fast.h"
#include "hook/hook.h"
#include "hook/return_sites.h"

/* Every function returns through a thunk: CONFIG_RETHUNK, since 6.9 CONFIG_MITIGATION_RETHUNK. */
#if defined(CONFIG_X86_64) && defined(vmtrace_ftrace_argument) && \
	(defined(CONFIG_RETHUNK) || defined(CONFIG_MITIGATION_RETHUNK))
#define HAVE_RETURNS

static struct vmtrace_return_sites sites;
static struct kprobe returns[VMTRACE_RETURN_SITES];
static struct kprobe *pointers[VMTRACE_RETURN_SITES];

/*
 * The entry of a thread whose record this CPU has not cached. noinline: its variables would enlarge
 * the stack frame of every entry.
 */
static noinline void begin_uncached(struct ftrace_regs *fregs)
{
	vmtrace_begin_uncached((struct vm_area_struct *)vmtrace_ftrace_argument(fregs, 0),
			       vmtrace_ftrace_argument(fregs, 1),
			       (u32)vmtrace_ftrace_argument(fregs, 2),
			       (const struct pt_regs *)vmtrace_ftrace_argument(fregs, 3));
}

static __always_inline void begin(struct vmtrace_thread *t, const struct task_struct *task,
				  struct ftrace_regs *fregs)
{
	vmtrace_thread_begin(t, task, (struct vm_area_struct *)vmtrace_ftrace_argument(fregs, 0),
			     vmtrace_ftrace_argument(fregs, 1),
			     (u32)vmtrace_ftrace_argument(fregs, 2),
			     (const struct pt_regs *)vmtrace_ftrace_argument(fregs, 3));
}

/* handle_mm_fault(vma, address, flags, regs), mm/memory.c. */
static void notrace returns_entry(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				  struct ftrace_regs *fregs)
{
	const struct task_struct *task = current;
	struct vmtrace_thread *t;

	lockdep_assert_irqs_enabled(); /* handle_mm_fault may sleep */
	local_irq_disable();
	if (likely(vmtrace_thread_is_cached(task, &t)))
		begin(t, task, fregs);
	else
		begin_uncached(fregs);
	local_irq_enable();
}

NOKPROBE_SYMBOL(returns_entry);

/*
 * Until the kernel has optimized the probe into a jump, and while something prevents that, the
 * probe is an exception, and the kernel treats it as an NMI (irqentry_nmi_enter(),
 * kernel/entry/common.c). In an NMI, lockdep assumes that the interrupted code may hold any lock.
 * The interrupted code is the end of handle_mm_fault, which may sleep, so it holds no spinlock that
 * we take.
 */
static __always_inline void lockdep_pause(int by)
{
#ifdef CONFIG_PROVE_LOCKING
	if (in_nmi())
		__this_cpu_add(lockdep_recursion, by);
#endif
}

/*
 * A breakpoint exception runs this with interrupts off, and they must stay off. An optimized probe
 * runs it with interrupts on, as in the rest of handle_mm_fault.
 */
static __always_inline void end_at(vm_fault_t ret, u64 now)
{
	lockdep_pause(1);
	local_irq_disable();
	vmtrace_current_end(ret, now);
	if (likely(!in_nmi()))
		local_irq_enable();
	lockdep_pause(-1);
}

/* For clocks whose reading is a function call. */
static noinline void end_slow(vm_fault_t ret)
{
	end_at(ret, vmtrace_clock());
}

/* Only pops of other registers and the return follow, so the return value is in its register. */
static notrace int returns_return(struct kprobe *p, struct pt_regs *regs)
{
	vm_fault_t ret = (__force vm_fault_t)(u32)regs_return_value(regs);

	/* Reading the counter is one instruction. */
	if (static_branch_likely(&vmtrace_clock_is_counter))
		end_at(ret, get_cycles());
	else
		end_slow(ret);
	return 0;
}

NOKPROBE_SYMBOL(returns_return);

static struct ftrace_ops entry;

/*
 * Have ftrace call returns_entry(), which does not need FTRACE_OPS_FL_RECURSION: nothing that it
 * calls enters handle_mm_fault. May sleep. Returns 0 or the kernel's error.
 */
static int start_entry(void)
{
	unsigned char symbol[] = VMTRACE_HOOK_SYMBOL;
	int err;

	/* All members: up to 6.12, ftrace_free_filter() leaves pointers to freed memory. */
	entry = (struct ftrace_ops){ .func = returns_entry };
	err = ftrace_set_filter(&entry, symbol, sizeof(symbol) - 1, 1) ?:
		      register_ftrace_function(&entry);
	if (err)
		ftrace_free_filter(&entry);
	return err;
}

static void stop_entry(void)
{
	unregister_ftrace_function(&entry);
	ftrace_free_filter(&entry);
}

/*
 * The kernel restores the code of an optimized probe some time after unregistering the probe. Until
 * then vmtrace_return_sites_find() would not recognize the return. Wait, but at most one second,
 * since another probe may be at the same place.
 */
static void remove_returns(unsigned int n)
{
	unsigned int i, tries = 0;

	unregister_kprobes(pointers, n);
	for (i = 0; i < n; i++)
		for (; tries < 50 && !vmtrace_return_site_is_restored(&sites.site[i]); tries++)
			msleep(20);
}

static int place_returns(void)
{
	unsigned int n;
	int err;

	for (n = 0; n < sites.count; n++) {
		returns[n] = (struct kprobe){
			.addr = (kprobe_opcode_t *)sites.site[n].at,
			.pre_handler = returns_return,
		};
		pointers[n] = &returns[n];
		err = register_kprobe(&returns[n]);
		if (err) {
			remove_returns(n);
			return err == -EILSEQ ? -EOPNOTSUPP : err;
		}
	}
	return 0;
}

/* The entry last: a return without an entry is ignored, an entry without a return stays pending. */
static int start(void)
{
	int err = (sites.count ? 0 : vmtrace_return_sites_find(&sites)) ?: place_returns();

	if (err)
		return err;
	err = start_entry();
	if (err)
		remove_returns(sites.count);
	return err;
}

static void stop(void)
{
	stop_entry();
	remove_returns(sites.count);
}

/* The kernel skips a kprobe that is hit inside the handler of another one. */
static u64 missed(void)
{
	unsigned int n;
	u64 sum = 0;

	for (n = 0; n < sites.count; n++)
		sum += READ_ONCE(returns[n].nmissed);
	return sum;
}

#endif

const struct vmtrace_hook vmtrace_hook_returns = {
	.name = "returns",
#ifdef HAVE_RETURNS
	.start = start,
	.stop = stop,
	.missed = missed,
#endif
};
