/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock.h - how long faults take, by a clock that costs next to nothing to read
 *
 * It is the CPU's own counter where the kernel's clock is that, too, when the module is loaded: it
 * goes on at the same rate, and is the same on all CPUs but for what the caller has to expect.
 * Elsewhere it is the kernel's monotonic clock. Readings are to be subtracted from each other;
 * only then they are ns.
 */
#ifndef VMTRACE_CLOCK_H
#define VMTRACE_CLOCK_H

#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>

DECLARE_STATIC_KEY_FALSE(vmtrace_clock_is_counter);

/* Nanoseconds of a tick, times 2^32. */
extern u64 vmtrace_clock_scale;

/* Now. Context: any. */
static __always_inline u64 vmtrace_clock(void)
{
	if (static_branch_likely(&vmtrace_clock_is_counter))
		return get_cycles();
	return ktime_get_mono_fast_ns();
}

/* From one reading to a later one, in ns; 0 if the later one is less, as on another CPU it may be.
 */
static inline u64 vmtrace_clock_ns(u64 from, u64 to)
{
	return likely((s64)(to - from) > 0) ? mul_u64_u64_shr(to - from, vmtrace_clock_scale, 32) :
					      0;
}

/*
 * The same if it is short, as it nearly always is: up to a quarter of a second, or more. False if
 * not; then *@ns is nothing. If so, it is less than 2^32.
 */
static __always_inline bool vmtrace_clock_short_ns(u64 from, u64 to, u64 *ns)
{
	*ns = (to - from) * vmtrace_clock_scale >> 32;
	return likely(!((to - from) >> 30));
}

/*
 * A reading as ktime_get_mono_fast_ns() would have it, or a moment later: as long as it takes to
 * read both clocks. Again if a hypervisor had other things to do in between. Context: any.
 */
static inline u64 vmtrace_clock_mono(u64 reading)
{
	unsigned int tries = 4;
	u64 now, mono;

	do {
		now = vmtrace_clock();
		mono = ktime_get_mono_fast_ns();
	} while (vmtrace_clock_ns(now, vmtrace_clock()) > 10 * NSEC_PER_USEC && --tries);
	return mono - vmtrace_clock_ns(reading, now);
}

/* Before the hook is there. May sleep. */
void vmtrace_clock_init(void);

#endif /* VMTRACE_CLOCK_H */
