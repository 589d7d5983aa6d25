/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hist.h - a log-linear histogram of times; pure, also built in user space for tests
 *
 * Eight buckets for each power of two, and one for each value below eight. What a
 * bucket is represented by is off by at most 1/17 of a value in it (5.9 %).
 */
#ifndef VMTRACE_HIST_H
#define VMTRACE_HIST_H

#include <linux/types.h>

#define VMTRACE_HIST_SUB_BITS 3
/* 2^36 ns are 68 s: what is longer is in the last bucket. */
#define VMTRACE_HIST_MAX_BITS 36
#define VMTRACE_HIST_BUCKETS \
	((VMTRACE_HIST_MAX_BITS - VMTRACE_HIST_SUB_BITS + 1) << VMTRACE_HIST_SUB_BITS)

/* The bucket of a value that is less than 2^VMTRACE_HIST_MAX_BITS. */
static inline unsigned int vmtrace_hist_bucket_of_short(__u64 value)
{
	/* Of a value below eight, 0. */
	unsigned int shift =
		63 - __builtin_clzll(value | 1 << VMTRACE_HIST_SUB_BITS) - VMTRACE_HIST_SUB_BITS;

	return (shift << VMTRACE_HIST_SUB_BITS) + (unsigned int)(value >> shift);
}

/* The bucket of any. */
static inline unsigned int vmtrace_hist_bucket(__u64 value)
{
	return value >> VMTRACE_HIST_MAX_BITS ? VMTRACE_HIST_BUCKETS - 1 :
						vmtrace_hist_bucket_of_short(value);
}

/* The least value of a bucket; of the one beyond the last, the first that is too long. */
__u64 vmtrace_hist_low(unsigned int bucket);

/**
 * vmtrace_hist_quantile() - the value below or at which a share of all values lie
 * @count: VMTRACE_HIST_BUCKETS numbers
 * @per_mille: the share, 1 to 1000
 * @max: the greatest value, which is known exactly and is never exceeded
 *
 * Return: what represents the bucket of the value of that rank (rounded up); 0
 *	if there is none.
 */
__u64 vmtrace_hist_quantile(const __u64 *count, unsigned int per_mille, __u64 max);

/**
 * vmtrace_hist_max() - a maximum that may be that of more values than there are
 * @count: VMTRACE_HIST_BUCKETS numbers
 * @max: no value is greater
 *
 * Return: @max, unless it is beyond the last bucket that has a value: then the end of
 *	that bucket; 0 if there is none.
 */
__u64 vmtrace_hist_max(const __u64 *count, __u64 max);

#endif /* VMTRACE_HIST_H */
