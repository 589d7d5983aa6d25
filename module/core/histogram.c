// SPDX-License-Identifier: GPL-2.0
/* histogram.c - a log-linear histogram of times; see histogram.h */
#include "core/histogram.h"

__u64 vmtrace_histogram_low(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < 2 << VMTRACE_HIST_SUB_BITS)
		return bucket;
	shift = (bucket >> VMTRACE_HIST_SUB_BITS) - 1;
	return (__u64)(bucket - (shift << VMTRACE_HIST_SUB_BITS)) << shift;
}

/* The harmonic mean of the bucket's ends: the relative error is the same at both. */
static __u64 middle(unsigned int bucket)
{
	__u64 low = vmtrace_histogram_low(bucket), width = vmtrace_histogram_low(bucket + 1) - low;
	__u64 steps = low / width;

	/* The ends are s = steps and s + 1 widths: 2 s (s + 1) / (2 s + 1) = s + s / (2 s + 1). */
	return low + width * steps / (2 * steps + 1);
}

__u64 vmtrace_histogram_quantile(const __u64 *count, unsigned int per_mille, __u64 max)
{
	__u64 all = 0, rank, seen = 0, value;
	unsigned int i;

	for (i = 0; i < VMTRACE_HIST_BUCKETS; i++)
		all += count[i];
	if (!all)
		return 0;
	/* Not all * per_mille, which may overflow. */
	rank = all / 1000 * per_mille + (all % 1000 * per_mille + 999) / 1000;
	for (i = 0; i < VMTRACE_HIST_BUCKETS - 1; i++) {
		seen += count[i];
		if (seen >= rank)
			break;
	}
	value = i == VMTRACE_HIST_BUCKETS - 1 ? max : middle(i);
	return value < max ? value : max;
}

__u64 vmtrace_histogram_max(const __u64 *count, __u64 max)
{
	unsigned int i = VMTRACE_HIST_BUCKETS;
	__u64 end;

	while (i && !count[i - 1])
		i--;
	if (i == VMTRACE_HIST_BUCKETS)
		return max;
	end = i ? vmtrace_histogram_low(i) - 1 : 0;
	return max < end ? max : end;
}
