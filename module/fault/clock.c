// SPDX-License-Identifier: GPL-2.0
/* clock.c - a clock for the time of faults; see clock.h */
#include <linux/kernel.h>

#include "fault/clock.h"

#ifdef CONFIG_X86_64
#include <asm/tsc.h>

#include "compat.h"

/*
 * Is the TSC the kernel's clocksource? Then the kernel has found that it agrees between CPUs, and
 * keeps watching it. Paravirtual clocksources return other values than the TSC.
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
 * Ticks of get_cycles() per second; 0 if get_cycles() cannot be used. On arm64 only the kernel
 * knows the rate, as a device tree may correct it.
 */
static u64 frequency(void)
{
#ifdef CONFIG_X86_64
	if (is_clocksource())
		return tsc_khz * 1000ULL;
#endif
	return 0;
}

bool vmtrace_clock_is_unstable(void)
{
#ifdef CONFIG_X86_64
	return static_key_enabled(&vmtrace_clock_is_counter) && check_tsc_unstable();
#else
	return false;
#endif
}

void vmtrace_clock_store(u64 *to)
{
	*to = vmtrace_clock();
}

int vmtrace_clock_init(void)
{
	u64 hz = frequency();

	/* A slower counter would overflow vmtrace_clock_short(). */
	if (hz < NSEC_PER_SEC / 2)
		return 0;
	vmtrace_clock_scale = div64_u64((u64)NSEC_PER_SEC << 32, hz);
	static_branch_enable(&vmtrace_clock_is_counter);
	return 0;
}
