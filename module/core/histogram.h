/* SPDX-License-Identifier: GPL-2.0 */
/*
 * histogram.h - a log-linear histogram of times
 *
 * Eight buckets for each power of two, and one for each value below eight. A quantile is the middle
 * of a bucket, which differs from every value in it by at most 1/17 of that value (5.9 %).
 */
#ifndef VMTRACE_CORE_HISTOGRAM_H
#define VMTRACE_CORE_HISTOGRAM_H

#include <linux/types.h>

#define VMTRACE_HIST_SUB_BITS 3
/* 2^36 ns is 68 s. The last bucket also holds all longer times. */
#define VMTRACE_HIST_MAX_BITS 36
#define VMTRACE_HIST_BUCKETS \
	((VMTRACE_HIST_MAX_BITS - VMTRACE_HIST_SUB_BITS + 1) << VMTRACE_HIST_SUB_BITS)

/* The bucket of a value below 2^VMTRACE_HIST_MAX_BITS. */
static inline unsigned int vmtrace_histogram_bucket_in_range(__u64 value)
{
	/* 0 for a value below 2 << VMTRACE_HIST_SUB_BITS */
	unsigned int shift =
		63 - __builtin_clzll(value | 1 << VMTRACE_HIST_SUB_BITS) - VMTRACE_HIST_SUB_BITS;

	return (shift << VMTRACE_HIST_SUB_BITS) + (unsigned int)(value >> shift);
}

/* The bucket of any value. */
static inline unsigned int vmtrace_histogram_bucket(__u64 value)
{
	return value >> VMTRACE_HIST_MAX_BITS ? VMTRACE_HIST_BUCKETS - 1 :
						vmtrace_histogram_bucket_in_range(value);
}

/* The least value of a bucket; for VMTRACE_HIST_BUCKETS, 2^VMTRACE_HIST_MAX_BITS. */
__u64 vmtrace_histogram_low(unsigned int bucket);

/**
 * vmtrace_histogram_quantile() - a quantile of the values in a histogram
 * @count: values in each of the VMTRACE_HIST_BUCKETS buckets
 * @per_mille: the share, 1 to 1000
 * @max: the greatest value; the result is not greater
 *
 * Return: the middle of the bucket that holds the value of that rank (rounded up), or @max if that
 *	is the last bucket; 0 if all buckets are empty.
 */
__u64 vmtrace_histogram_quantile(const __u64 *count, unsigned int per_mille, __u64 max);

/**
 * vmtrace_histogram_max() - limit a maximum to what the histogram holds
 * @count: values in each of the VMTRACE_HIST_BUCKETS buckets
 * @max: the maximum of these values and possibly of others
 *
 * Return: @max, or the end of the last bucket that is not empty if that is less; 0 if all buckets
 *	are empty.
 */
__u64 vmtrace_histogram_max(const __u64 *count, __u64 max);

#endif /* VMTRACE_CORE_HISTOGRAM_H */
