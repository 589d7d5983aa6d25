// SPDX-License-Identifier: GPL-2.0
/* hist.c - a log-linear histogram of times; pure, see hist.h */
#include "hist.h"

__u64 vmtrace_hist_low(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < 2 << VMTRACE_HIST_SUB_BITS)
		return bucket;
	shift = (bucket >> VMTRACE_HIST_SUB_BITS) - 1;
	return (__u64)(bucket - (shift << VMTRACE_HIST_SUB_BITS)) << shift;
}

/* As far, in proportion, from the least value of the bucket as from the next one's. */
static __u64 middle(unsigned int bucket)
{
	__u64 low = vmtrace_hist_low(bucket), width = vmtrace_hist_low(bucket + 1) - low;
	__u64 steps = low / width;

	/* 2 a b / (a + b) of a = steps and b = steps + 1, in units of width. */
	return low + width * steps / (2 * steps + 1);
}

__u64 vmtrace_hist_quantile(const __u64 *count, unsigned int per_mille, __u64 max)
{
	__u64 all = 0, rank, seen = 0, value;
	unsigned int i;

	for (i = 0; i < VMTRACE_HIST_BUCKETS; i++)
		all += count[i];
	if (!all)
		return 0;
	/* In two parts: all * per_mille may overflow. */
	rank = all / 1000 * per_mille + (all % 1000 * per_mille + 999) / 1000;
	for (i = 0; i < VMTRACE_HIST_BUCKETS - 1; i++) {
		seen += count[i];
		if (seen >= rank)
			break;
	}
	value = i == VMTRACE_HIST_BUCKETS - 1 ? max : middle(i);
	return value < max ? value : max;
}

__u64 vmtrace_hist_max(const __u64 *count, __u64 max)
{
	unsigned int i = VMTRACE_HIST_BUCKETS;
	__u64 end;

	while (i && !count[i - 1])
		i--;
	if (i == VMTRACE_HIST_BUCKETS)
		return max;
	end = i ? vmtrace_hist_low(i) - 1 : 0;
	return max < end ? max : end;
}
