// SPDX-License-Identifier: GPL-2.0
/* clock.c - how long faults take; see clock.h */
#include <linux/kernel.h>

#include "clock.h"

#ifdef CONFIG_X86_64
#include <asm/tsc.h>

#include "compat.h"

/*
 * Is it what the kernel's clock is made of? Then the kernel has found it to be the same on all
 * CPUs, and watches it. The clocks of hypervisors are not.
 */
static bool is_clocksource(void)
{
	u64 before = rdtsc_ordered(), cycles = vmtrace_clocksource_cycles();

	return cycles >= before && cycles <= rdtsc_ordered();
}
#endif

DEFINE_STATIC_KEY_FALSE(vmtrace_clock_is_counter);
u64 vmtrace_clock_scale __read_mostly = 1ULL << 32;

/*
 * Ticks of get_cycles() in a second; 0 if they are not to be relied on. arm64's rate is known to
 * the kernel alone, as a device tree may correct it.
 */
static u64 frequency(void)
{
#ifdef CONFIG_X86_64
	if (is_clocksource())
		return tsc_khz * 1000ULL;
#endif
	return 0;
}

void vmtrace_clock_store(u64 *to)
{
	*to = vmtrace_clock();
}

void vmtrace_clock_init(void)
{
	u64 hz = frequency();

	/* What is slower would overflow vmtrace_clock_short(). */
	if (hz < NSEC_PER_SEC / 2)
		return;
	vmtrace_clock_scale = div64_u64((u64)NSEC_PER_SEC << 32, hz);
	static_branch_enable(&vmtrace_clock_is_counter);
}
