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

/* What is less is short, as it nearly always is: a quarter of a second, or more. */
#define VMTRACE_CLOCK_SHORT BIT_ULL(30)

/* So many ticks in ns, less than 2^32, if they are short. */
static __always_inline u64 vmtrace_clock_short(u64 ticks)
{
	return ticks * vmtrace_clock_scale >> 32;
}

/* The most ticks that are short, and are no more than so many ns. */
static inline u64 vmtrace_clock_ticks(u64 ns)
{
	u64 most = VMTRACE_CLOCK_SHORT - 1;

	return min(div64_u64(min(ns, most) << 32, vmtrace_clock_scale), most);
}

/* vmtrace_clock(), to where it is kept. */
void vmtrace_clock_store(u64 *to);

static __always_inline void vmtrace_clock_read(u64 *to)
{
	/* Nothing has to be kept over the call. */
	if (static_branch_likely(&vmtrace_clock_is_counter))
		*to = get_cycles();
	else
		vmtrace_clock_store(to);
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
