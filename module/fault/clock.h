/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock.h - a clock for the time of faults
 *
 * If the kernel's clocksource is the CPU's own counter when the module is loaded, it is that
 * counter, whose rate is constant, and which agrees between CPUs up to what the kernel tolerates.
 * Otherwise it is the kernel's monotonic clock. A reading is in ticks; only differences can be
 * converted to ns.
 */
#ifndef VMTRACE_FAULT_CLOCK_H
#define VMTRACE_FAULT_CLOCK_H

#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>

DECLARE_STATIC_KEY_FALSE(vmtrace_clock_is_counter);

/* Nanoseconds per tick, times 2^32. */
extern u64 vmtrace_clock_scale;

/* The time now, in ticks. Context: any. */
static __always_inline u64 vmtrace_clock(void)
{
	if (static_branch_likely(&vmtrace_clock_is_counter))
		return get_cycles();
	return ktime_get_mono_fast_ns();
}

/* From one reading to a later one, in ns; 0 if the later one is less, as may be on another CPU. */
static inline u64 vmtrace_clock_ns(u64 from, u64 to)
{
	return likely((s64)(to - from) > 0) ? mul_u64_u64_shr(to - from, vmtrace_clock_scale, 32) :
					      0;
}

/* A difference of fewer ticks is short. They are 0.25 s at 4.3 GHz. */
#define VMTRACE_CLOCK_SHORT BIT_ULL(30)

/* Short ticks in ns: less than 2^32. */
static __always_inline u64 vmtrace_clock_short(u64 ticks)
{
	return ticks * vmtrace_clock_scale >> 32;
}

/* The largest short number of ticks that is not longer than @ns. */
static inline u64 vmtrace_clock_ticks(u64 ns)
{
	u64 most = VMTRACE_CLOCK_SHORT - 1;

	return min(div64_u64(min(ns, most) << 32, vmtrace_clock_scale), most);
}

/* vmtrace_clock_read(), out of line. */
void vmtrace_clock_store(u64 *to);

static __always_inline void vmtrace_clock_read(u64 *to)
{
	/* A function that returns nothing: fewer registers are saved around the call. */
	if (static_branch_likely(&vmtrace_clock_is_counter))
		*to = get_cycles();
	else
		vmtrace_clock_store(to);
}

/*
 * Has the kernel found, since the module was loaded, that the counter does not run at a constant
 * rate, or not at the same one on all CPUs? Then no time is to be trusted.
 */
bool vmtrace_clock_is_unstable(void);

/* Call before the hook starts. May sleep. */
int vmtrace_clock_init(void);

#endif /* VMTRACE_FAULT_CLOCK_H */
