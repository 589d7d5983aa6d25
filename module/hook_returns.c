// SPDX-License-Identifier: GPL-2.0
/*
 * hook_returns.c - ftrace at the entry of handle_mm_fault, a kprobe at each of its returns; see
 * hook.h
 *
 * This is a third of what a kretprobe costs, and any number of threads may sleep in faults: what
 * a thread returns through is the function's own code. But the kernel does not tell where a
 * function returns, so it is looked for: see find_returns(). x86 only, where such a kprobe
 * becomes a jump (kernel/kprobes.c, "optimized"), and not an exception.
 */
#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/irqflags.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/sched.h>

#include "hook_ftrace.h"
#include "lane.h"

/* Where all functions return through a thunk, which 6.9 renamed the option of. */
#if defined(CONFIG_X86_64) && defined(vmtrace_ftrace_argument) && \
	(defined(CONFIG_RETHUNK) || defined(CONFIG_MITIGATION_RETHUNK))
#define HAVE_RETURNS

#define MAX_RETURNS 16
#define JUMP	    5 /* bytes of the jump that a kprobe is turned into */

/**
 * struct place - where the probe of a return goes
 * @at: what the kernel's jump replaces
 * @code: what is there
 */
struct place {
	const u8 *at;
	u8 code[JUMP];
};

static struct place places[MAX_RETURNS];
static struct kprobe returns[MAX_RETURNS];
static struct kprobe *pointers[MAX_RETURNS];
static unsigned int count;

/*
 * What a return has to know of an entry is in the thread's record. Of those without one, for which
 * the table had no room: that it was seen, and how often their process had been reset. Two of them
 * may want the same slot, then the fault of the first is unobserved, not dropped.
 */
#define SLOT_BITS   8
#define RESETS_BITS 16

static u64 dropped[1 << SLOT_BITS];

static u64 *slot_of_current(void)
{
	return &dropped[hash_ptr(current, SLOT_BITS)];
}

/* Both in one word: what all addresses of the kernel begin with is left out. */
static u64 drop_of_current(unsigned int resets)
{
	return (u64)current << RESETS_BITS | (resets & GENMASK(RESETS_BITS - 1, 0));
}

static void end_dropped(vm_fault_t ret)
{
	struct vmtrace_process *p = vmtrace_process_of(current);
	unsigned int resets = p ? READ_ONCE(p->resets) : 0;
	u64 *slot = slot_of_current();

	if (READ_ONCE(*slot) != drop_of_current(resets))
		return;
	WRITE_ONCE(*slot, 0);
	vmtrace_end_dropped(p, resets, ret);
}

/* Of who is not at hand. */
static noinline void end_absent(vm_fault_t ret, u64 now)
{
	struct vmtrace_thread *t = vmtrace_thread_fetch();

	if (t)
		vmtrace_current_end_slowly(t, ret, now);
	else
		end_dropped(ret);
}

/* Likewise; apart, since what it keeps on the stack has its price. */
static noinline void begin_first(struct ftrace_regs *fregs)
{
	struct vmtrace_attempt a;

	vmtrace_attempt_first(&a, (struct vm_area_struct *)vmtrace_ftrace_argument(fregs, 0),
			      vmtrace_ftrace_argument(fregs, 1),
			      (u32)vmtrace_ftrace_argument(fregs, 2),
			      (const struct pt_regs *)vmtrace_ftrace_argument(fregs, 3));
	if (!a.thread)
		WRITE_ONCE(*slot_of_current(), drop_of_current(a.resets));
}

static __always_inline void begin(struct vmtrace_thread *t, const struct task_struct *task,
				  struct ftrace_regs *fregs)
{
	vmtrace_thread_begin(t, task, (struct vm_area_struct *)vmtrace_ftrace_argument(fregs, 0),
			     vmtrace_ftrace_argument(fregs, 1),
			     (u32)vmtrace_ftrace_argument(fregs, 2),
			     (const struct pt_regs *)vmtrace_ftrace_argument(fregs, 3), false);
}

/* handle_mm_fault(vma, address, flags, regs), mm/memory.c. */
static void notrace returns_entry(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				  struct ftrace_regs *fregs)
{
	const struct task_struct *task = current;
	struct vmtrace_thread *t;

	lockdep_assert_irqs_enabled(); /* who handles faults may sleep */
	local_irq_disable();
	if (likely(vmtrace_thread_is_at_hand(task, &t)))
		begin(t, task, fregs);
	else
		begin_first(fregs);
	local_irq_enable();
}

NOKPROBE_SYMBOL(returns_entry);

/*
 * Until the kernel has turned it into a jump, and whenever somebody keeps it from being one, the
 * probe is an exception, which counts as an NMI (irqentry_nmi_enter(), kernel/entry/common.c).
 * lockdep then takes each lock for one that the interrupted code may hold. But that is the end of
 * handle_mm_fault, which holds none that an account of its fault takes: it could have slept.
 */
static __always_inline void lockdep_pause(int by)
{
#ifdef CONFIG_PROVE_LOCKING
	if (in_nmi())
		__this_cpu_add(lockdep_recursion, by);
#endif
}

/* Such an exception has interrupts off; else they are on, as in all of handle_mm_fault. */
static __always_inline void end_at(vm_fault_t ret, u64 now)
{
	const struct task_struct *task = current;
	struct vmtrace_thread *t;

	lockdep_pause(1);
	local_irq_disable();
	if (likely(vmtrace_thread_is_at_hand(task, &t)))
		vmtrace_current_end(t, task, ret, now);
	else
		end_absent(ret, now);
	if (likely(!in_nmi()))
		local_irq_enable();
	lockdep_pause(-1);
}

/* When the clock is a call. */
static noinline void end_slowly(vm_fault_t ret)
{
	end_at(ret, vmtrace_clock());
}

/* The result is in its register, and what follows restores other ones and returns. */
static notrace int returns_return(struct kprobe *p, struct pt_regs *regs)
{
	vm_fault_t ret = (__force vm_fault_t)(u32)regs_return_value(regs);

	/* What is to be kept over a call would cost all. */
	if (static_branch_likely(&vmtrace_clock_is_counter))
		end_at(ret, get_cycles());
	else
		end_slowly(ret);
	return 0;
}

NOKPROBE_SYMBOL(returns_return);

static struct ftrace_ops entry;

/* Where a function is: its first byte, and its size. 0, or -ENOENT if there is none. */
static int find_function(const char *name, const u8 **code, unsigned long *size)
{
	struct kprobe probe = { .symbol_name = name };
	char text[KSYM_SYMBOL_LEN], *plus;
	unsigned long offset;
	int err = register_kprobe(&probe);

	if (err)
		return err;
	*code = (const u8 *)probe.addr;
	unregister_kprobe(&probe);
	/* "name+0x4/0x2d0": behind what marks the target of an indirect jump. */
	sprint_symbol(text, (unsigned long)*code);
	plus = strrchr(text, '+');
	if (!plus || sscanf(plus, "+0x%lx/0x%lx", &offset, size) != 2)
		return -EINVAL;
	*code -= offset;
	return 0;
}

/* Where a jump goes whose distance is there. */
static const u8 *target_of(const u8 *code)
{
	s32 distance;

	memcpy(&distance, code, sizeof(distance));
	return code + sizeof(distance) + distance;
}

/*
 * The 5 bytes of a return: a jump to the kernel's return thunk, or what apply_returns()
 * (arch/x86/kernel/alternative.c) makes of it where none is needed.
 */
static bool is_return(const u8 *code)
{
	static const u8 plain[JUMP] = { 0xc3, 0xcc, 0xcc, 0xcc, 0xcc };
	char text[KSYM_SYMBOL_LEN];

	if (!memcmp(code, plain, JUMP))
		return true;
	if (*code != 0xe9)
		return false;
	sprint_symbol(text, (unsigned long)target_of(code + 1));
	return strstr(text, "return_thunk");
}

/* Does a pop of a register, but not of the result's, end here? Its length, or 0. */
static unsigned int pop_before(const u8 *start, const u8 *end)
{
	if (end - start < 2 || end[-1] < 0x58 || end[-1] > 0x5f)
		return 0;
	if (end[-2] == 0x41)
		return 2;
	return end[-1] == 0x58 ? 0 : 1;
}

/* Where to put the probe of a return: pops are before it, which leave room for the jump. */
static const u8 *place_before(const u8 *start, const u8 *at)
{
	const u8 *place = at;
	unsigned int length;

	while (at - place < JUMP) {
		length = pop_before(start, place);
		if (!length)
			return NULL;
		place -= length;
	}
	return place;
}

static int add_place(const u8 *function, const u8 *at)
{
	const u8 *place = place_before(function, at);

	if (!place || count == MAX_RETURNS)
		return -EOPNOTSUPP;
	places[count].at = place;
	memcpy(places[count].code, place, JUMP);
	count++;
	return 0;
}

/* Into one of the jumps to be, other than to its begin? */
static bool is_inside(const u8 *target)
{
	unsigned int n;

	for (n = 0; n < count; n++)
		if (target > places[n].at && target < places[n].at + JUMP)
			return true;
	return false;
}

/*
 * The part of the function that is hardly ever executed. It must have no returns, and no jumps to
 * what is to be replaced: of those the kernel looks for in the function itself when it turns a
 * probe into a jump (can_optimize(), arch/x86/kernel/kprobes/opt.c), it would not find these.
 */
static int check_cold_part(void)
{
	unsigned long size, i;
	const u8 *code;
	int err = find_function(VMTRACE_HOOK_SYMBOL ".cold", &code, &size);

	if (err)
		return err == -ENOENT ? 0 : -EOPNOTSUPP;
	for (i = 0; i + JUMP <= size; i++)
		if (is_return(code + i) || is_inside(target_of(code + i + 1)))
			return -EOPNOTSUPP;
	return 0;
}

/*
 * All returns, or none: a fault whose return is not seen is not counted. That what looks like a
 * return is no part of another instruction is checked by register_kprobe(). A way out that jumps
 * over the begin of the pops would not be seen, and its faults be unobserved: the tests know none.
 */
static int find_returns(void)
{
	unsigned long size, i;
	const u8 *code;
	int err = find_function(VMTRACE_HOOK_SYMBOL, &code, &size);

	for (i = 0, count = 0; !err && i + JUMP <= size; i++)
		if (is_return(code + i))
			err = add_place(code, code + i);
	if (!err)
		err = count ? check_cold_part() : -EOPNOTSUPP;
	if (err)
		count = 0;
	return err;
}

static bool is_as_before(const struct place *p)
{
	return !memcmp(p->at, p->code, JUMP);
}

/*
 * The kernel gives back what it replaced a moment after the probe is gone. Who looks for the
 * returns again waits for that; longer only if somebody else has a probe there.
 */
static void remove_returns(unsigned int n)
{
	unsigned int i, tries;

	unregister_kprobes(pointers, n);
	for (i = 0; i < n; i++)
		for (tries = 0; tries < 50 && !is_as_before(&places[i]); tries++)
			msleep(20);
}

static int place_returns(void)
{
	unsigned int n;
	int err;

	for (n = 0; n < count; n++) {
		returns[n] = (struct kprobe){
			.addr = (kprobe_opcode_t *)places[n].at,
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

/* The entry last: a return without an entry is none of ours, but not the other way round. */
static int start(void)
{
	int err = (count ? 0 : find_returns()) ?: place_returns();

	if (err)
		return err;
	err = vmtrace_ftrace_start(&entry, returns_entry);
	if (err)
		remove_returns(count);
	return err;
}

static void stop(void)
{
	vmtrace_ftrace_stop(&entry);
	remove_returns(count);
}

/* In another probe's handler. */
static u64 missed(void)
{
	unsigned int n;
	u64 sum = 0;

	for (n = 0; n < count; n++)
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
