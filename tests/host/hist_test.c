// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/histogram.h"
#include "lib/array.h"
#include "unit.h"

#define LAST  (VMTRACE_HIST_BUCKETS - 1)
#define LIMIT (1ULL << VMTRACE_HIST_MAX_BITS)

static __u64 count[VMTRACE_HIST_BUCKETS];

static uint64_t pick(uint64_t limit)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

/* Of any length, as short ones are as interesting as long ones. */
static uint64_t pick_value(unsigned int bits)
{
	return pick(1ULL << (1 + pick(bits)));
}

/* What a bucket is represented by. */
static uint64_t middle_of(unsigned int bucket)
{
	static __u64 alone[VMTRACE_HIST_BUCKETS];
	uint64_t middle;

	alone[bucket] = 1;
	middle = vmtrace_histogram_quantile(alone, 1000, UINT64_MAX);
	alone[bucket] = 0;
	return middle;
}

static void buckets_follow_each_other(void)
{
	CHECK_EQUAL(VMTRACE_HIST_BUCKETS, 272);
	CHECK_EQUAL(vmtrace_histogram_low(0), 0);
	for (unsigned int i = 0; i < VMTRACE_HIST_BUCKETS; i++) {
		uint64_t low = vmtrace_histogram_low(i), next = vmtrace_histogram_low(i + 1);

		CHECK(low < next);
		CHECK_EQUAL(vmtrace_histogram_bucket(low), i);
		CHECK_EQUAL(vmtrace_histogram_bucket(low + (next - low) / 2), i);
		CHECK_EQUAL(vmtrace_histogram_bucket(next - 1), i);
		CHECK_EQUAL(vmtrace_histogram_bucket(next), i < LAST ? i + 1 : LAST);
	}
	CHECK_EQUAL(vmtrace_histogram_low(VMTRACE_HIST_BUCKETS), LIMIT);
}

/* Each number by hand, so that no mistake is made twice. */
static void some_buckets_are_known(void)
{
	static const struct {
		uint64_t value;	     /* cppcheck-suppress unusedStructMember */
		unsigned int bucket; /* cppcheck-suppress unusedStructMember */
	} known[] = {
		{ 0, 0 },
		{ 1, 1 },
		{ 7, 7 },
		{ 8, 8 },
		{ 15, 15 },
		{ 16, 16 },
		{ 17, 16 },
		{ 18, 17 },
		{ 31, 23 },
		{ 32, 24 },
		{ 35, 24 },
		{ 36, 25 },
		{ 1000, 63 },
		{ 1023, 63 },
		{ 1024, 64 },
		{ 1151, 64 },
		{ 1152, 65 },
		{ 1000000, 143 },
		{ 1ULL << 35, 264 },
		{ LIMIT - 1, 271 },
		{ LIMIT, 271 },
		{ UINT64_MAX, 271 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		CHECK_EQUAL(vmtrace_histogram_bucket(known[i].value), known[i].bucket);
}

static void buckets_below_sixteen_are_exact(void)
{
	for (unsigned int i = 0; i < 16; i++)
		CHECK_EQUAL(middle_of(i), i);
}

static void check_error(uint64_t value)
{
	uint64_t middle = middle_of(vmtrace_histogram_bucket(value));
	uint64_t off = middle > value ? middle - value : value - middle;

	if (off * 17 > value) {
		printf("# %llu is represented by %llu\n", (unsigned long long)value,
		       (unsigned long long)middle);
		unit_failures++;
	}
}

/* 1/17 are 5.9 %. The last bucket has no end, so it has no middle. */
static void the_error_is_at_most_a_seventeenth(void)
{
	for (unsigned int i = 0; i < LAST; i++) {
		check_error(vmtrace_histogram_low(i));
		check_error(vmtrace_histogram_low(i + 1) - 1);
	}
	for (uint64_t value = 0; value < 100000; value++)
		check_error(value);
	for (int i = 0; i < 100000; i++) {
		uint64_t value = pick_value(VMTRACE_HIST_MAX_BITS - 1);

		if (value < vmtrace_histogram_low(LAST))
			check_error(value);
	}
}

static int by_size(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static void check_quantile(const uint64_t *sorted, size_t values, unsigned int per_mille)
{
	uint64_t max = sorted[values - 1], middle;
	size_t rank = 1;

	while (rank * 1000 < values * per_mille)
		rank++;
	/* What represents the bucket of the value at that rank; the last one's is max. */
	middle = middle_of(vmtrace_histogram_bucket(sorted[rank - 1]));
	CHECK_EQUAL(vmtrace_histogram_quantile(count, per_mille, max), middle < max ? middle : max);
}

static void quantiles_are_those_of_the_sorted_data(void)
{
	static const unsigned int shares[] = { 1, 250, 500, 501, 900, 990, 999, 1000 };
	uint64_t data[1500];

	for (int round = 0; round < 2000; round++) {
		size_t values = 1 + pick(round < 200 ? 12 : ARRAY_SIZE(data));
		/* Of one length, of many, or with some that are too long. */
		unsigned int bits = 1 + (unsigned int)pick(VMTRACE_HIST_MAX_BITS + 3);

		memset(count, 0, sizeof(count));
		for (size_t i = 0; i < values; i++) {
			data[i] = pick_value(bits);
			count[vmtrace_histogram_bucket(data[i])]++;
		}
		qsort(data, values, sizeof(data[0]), by_size);
		for (size_t i = 0; i < ARRAY_SIZE(shares); i++)
			check_quantile(data, values, shares[i]);
		check_quantile(data, values, 1 + (unsigned int)pick(1000));
	}
	memset(count, 0, sizeof(count));
}

static void the_rank_is_rounded_up(void)
{
	memset(count, 0, sizeof(count));
	count[1] = 1;
	count[2] = 1;
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 2), 1);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 501, 2), 2);
	count[3] = 1;
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 333, 3), 1);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 334, 3), 2);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 1, 3), 1);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 1000, 3), 3);
	/* 990 of a thousand are the first 990, not one more. */
	count[1] = 990;
	count[2] = 10;
	count[3] = 0;
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 990, 2), 1);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 991, 2), 2);
	memset(count, 0, sizeof(count));
}

static void no_values_have_no_quantile(void)
{
	memset(count, 0, sizeof(count));
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 1, UINT64_MAX), 0);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 1000, UINT64_MAX), 0);
}

/* As many as 64 bits can count, of which rank * 1000 would be too many. */
static void large_counts_do_not_overflow(void)
{
	memset(count, 0, sizeof(count));
	count[3] = 1ULL << 63;
	count[5] = (1ULL << 63) - 1;
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 1, 5), 3);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 5), 3);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 501, 5), 5);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 1000, 5), 5);
	count[3] = 1;
	count[5] = UINT64_MAX - 1;
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 1, 5), 5);
	count[3] = 500ULL * 10000000000000000;
	count[5] = 500ULL * 10000000000000000;
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 5), 3);
	count[3]--;
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 5), 5);
	memset(count, 0, sizeof(count));
}

static void what_is_too_long_is_the_longest(void)
{
	memset(count, 0, sizeof(count));
	count[vmtrace_histogram_bucket(100 * LIMIT)] = 1;
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 100 * LIMIT), 100 * LIMIT);
	CHECK(vmtrace_histogram_quantile(count, 500, UINT64_MAX) == UINT64_MAX);
	memset(count, 0, sizeof(count));
}

/* The middle of 96 to 103 is 99: nothing that exceeds what was measured is shown. */
static void no_quantile_exceeds_the_longest(void)
{
	memset(count, 0, sizeof(count));
	count[vmtrace_histogram_bucket(97)] = 1;
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 103), 99);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 99), 99);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 98), 98);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 97), 97);
	CHECK_EQUAL(vmtrace_histogram_quantile(count, 500, 0), 0);
	memset(count, 0, sizeof(count));
}

static void a_maximum_is_that_of_the_values(void)
{
	memset(count, 0, sizeof(count));
	CHECK_EQUAL(vmtrace_histogram_max(count, 1000), 0);
	count[0] = 1;
	CHECK_EQUAL(vmtrace_histogram_max(count, 1000), 0);
	count[vmtrace_histogram_bucket(97)] = 1;
	CHECK_EQUAL(vmtrace_histogram_max(count, 97), 97);
	CHECK_EQUAL(vmtrace_histogram_max(count, 103), 103);
	CHECK_EQUAL(vmtrace_histogram_max(count, 104), 103);
	CHECK_EQUAL(vmtrace_histogram_max(count, 100 * LIMIT), 103);
	count[VMTRACE_HIST_BUCKETS - 2] = 1;
	CHECK_EQUAL(vmtrace_histogram_max(count, 100 * LIMIT), LIMIT - LIMIT / 16 - 1);
	count[VMTRACE_HIST_BUCKETS - 1] = 1;
	CHECK_EQUAL(vmtrace_histogram_max(count, 100 * LIMIT), 100 * LIMIT);
	memset(count, 0, sizeof(count));
}

int main(void)
{
	RUN(buckets_follow_each_other);
	RUN(some_buckets_are_known);
	RUN(buckets_below_sixteen_are_exact);
	RUN(the_error_is_at_most_a_seventeenth);
	RUN(quantiles_are_those_of_the_sorted_data);
	RUN(the_rank_is_rounded_up);
	RUN(no_values_have_no_quantile);
	RUN(large_counts_do_not_overflow);
	RUN(what_is_too_long_is_the_longest);
	RUN(no_quantile_exceeds_the_longest);
	RUN(a_maximum_is_that_of_the_values);
	return 0;
}
