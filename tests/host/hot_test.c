// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hot.h"
#include "unit.h"
#include "util.h"

#define SETS	(1 << VMTRACE_HOT_BITS)
#define ENTRIES (SETS * VMTRACE_HOT_WAYS)
#define KIND	VMTRACE_HOT_PAGE

static struct vmtrace_hot_table table;
static struct vmtrace_hot hot;

/* Begin with an empty table; as the kernel's, a thread's luck is that of all threads. */
static void begin(void)
{
	memset(&table, 0, sizeof(table));
	memset(&hot, 0, sizeof(hot));
	vmtrace_hot_begin(&hot, &table);
}

static void fault(uint64_t key)
{
	vmtrace_hot_count(&hot, KIND, key);
}

static void faults(uint64_t key, unsigned int times)
{
	while (times--)
		fault(key);
}

/* What the table says of a key; 0 if it is not there. It must not be there twice. */
static uint64_t counted_in(const struct vmtrace_hot_table *t, uint64_t key)
{
	const struct vmtrace_hot_entry *e = t->set[KIND][0].way;
	uint64_t count = 0;

	for (unsigned int i = 0; i < ENTRIES; i++)
		if (e[i].count && e[i].key == key) {
			CHECK(!count);
			CHECK_EQUAL(i / VMTRACE_HOT_WAYS, vmtrace_hot_set(key, VMTRACE_HOT_BITS));
			count = e[i].count;
		}
	return count;
}

static uint64_t counted(uint64_t key)
{
	return counted_in(&table, key);
}

static uint64_t sum_of(const struct vmtrace_hot_table *t)
{
	const struct vmtrace_hot_entry *e = t->set[KIND][0].way;
	uint64_t sum = 0;

	for (unsigned int i = 0; i < ENTRIES; i++)
		sum += e[i].count;
	return sum;
}

static void check_free(void)
{
	const struct vmtrace_hot_entry *e = table.set[KIND][0].way;

	for (unsigned int i = 0; i < ENTRIES; i++)
		CHECK(e[i].count || !e[i].key);
}

/* The hottest so many together, by the table. */
static uint64_t top(unsigned int n)
{
	struct vmtrace_hot_entry e[ENTRIES];
	uint64_t sum = 0;

	n = vmtrace_hot_top(table.set[KIND], VMTRACE_HOT_BITS, e, n);
	while (n--)
		sum += e[n].count;
	return sum;
}

/* The next key of this set that nobody had. */
static uint64_t fresh_of(unsigned int set)
{
	static uint64_t next = 1ULL << 40;

	while (vmtrace_hot_set(++next, VMTRACE_HOT_BITS) != set)
		;
	return next;
}

static uint64_t fresh(void)
{
	static uint64_t next = 1ULL << 50;

	return ++next;
}

static uint64_t pick(uint64_t limit)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

/* What every process does first: a hundred pages, once or twice. */
static void start_up(void)
{
	for (uint64_t i = 0; i < 100; i++)
		faults(0x55500 + i, 1 + (pick(3) == 0));
}

#define SMALL 6
#define STEPS 7

/* All sequences of so many faults on so many keys of one set. */
static void whoever_comes_is_in_and_never_too_often(void)
{
	uint64_t key[SMALL], is;
	unsigned int truth[SMALL], at[STEPS] = { 0 }, i;

	key[0] = 0;
	for (i = 1; i < SMALL; i++)
		key[i] = fresh_of(vmtrace_hot_set(0, VMTRACE_HOT_BITS));
	do {
		begin();
		memset(truth, 0, sizeof(truth));
		for (unsigned int step = 0; step < STEPS; step++) {
			uint64_t before = counted(key[at[step]]);

			fault(key[at[step]]);
			truth[at[step]]++;
			CHECK_EQUAL(counted(key[at[step]]), before + 1);
		}
		for (i = 0; i < SMALL; i++) {
			is = counted(key[i]);
			CHECK(is <= truth[i]);
		}
		CHECK_EQUAL(hot.faults[KIND], STEPS);
		for (i = 0; i < STEPS && ++at[i] == SMALL; i++)
			at[i] = 0;
	} while (i < STEPS);
}

/* As many as there are places for: the same, but all are exact. */
static void as_many_as_there_are_places_for_are_exact(void)
{
	uint64_t key[VMTRACE_HOT_WAYS];
	unsigned int truth[VMTRACE_HOT_WAYS], at[STEPS] = { 0 }, i;

	key[0] = 0;
	for (i = 1; i < VMTRACE_HOT_WAYS; i++)
		key[i] = fresh_of(vmtrace_hot_set(0, VMTRACE_HOT_BITS));
	do {
		begin();
		memset(truth, 0, sizeof(truth));
		for (unsigned int step = 0; step < STEPS; step++) {
			fault(key[at[step]]);
			truth[at[step]]++;
		}
		for (i = 0; i < VMTRACE_HOT_WAYS; i++)
			CHECK_EQUAL(counted(key[i]), truth[i]);
		for (i = 0; i < STEPS && ++at[i] == VMTRACE_HOT_WAYS; i++)
			at[i] = 0;
	} while (i < STEPS);
}

#define KEYS 3000

static void counts_are_lower_bounds(void)
{
	static uint64_t truth[KEYS];

	for (int round = 0; round < 200; round++) {
		uint64_t keys = 1 + pick(round % 2 ? 100 : KEYS), n = 1 + pick(5000);

		begin();
		memset(truth, 0, sizeof(truth));
		for (uint64_t i = 0; i < n; i++) {
			/* The product of two: small ones more often. */
			uint64_t key = pick(1 + pick(keys)), times = 1 + pick(1 + pick(20));

			faults(key, times);
			truth[key] += times;
		}
		for (uint64_t key = 0; key < keys; key++)
			CHECK(counted(key) <= truth[key]);
		CHECK(sum_of(&table) <= hot.faults[KIND]);
		check_free();
	}
}

static void a_flood_takes_from_the_coldest_only(void)
{
	for (unsigned int set = 0; set < SETS; set++) {
		uint64_t a = fresh_of(set), b = fresh_of(set), c = fresh_of(set);

		begin();
		faults(b, 12);
		faults(a, 10);
		faults(c, 11);
		for (int i = 0; i < 10000; i++)
			fault(fresh_of(set));
		CHECK_EQUAL(counted(b), 12);
		CHECK_EQUAL(counted(c), 11);
		/* This makes room for what comes next. */
		CHECK_EQUAL(counted(a), 0);
	}
}

/* Whatever was there before it. */
static void a_hot_page_is_exact_in_a_flood(void)
{
	static const unsigned int times[] = { 2, 10, 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		for (int round = 0; round < 50; round++) {
			uint64_t key = fresh();

			begin();
			start_up();
			/* Hotter than whatever was warmed up where it has to go. */
			faults(key, 3 + times[i]);
			for (int n = 0; n < 10000; n++)
				fault(fresh());
			CHECK_EQUAL(counted(key), 3 + times[i]);
		}
}

/* One comes again and again, the others between are all new. */
static void a_share_is_enough(void)
{
	static const unsigned int others[] = { 1, 3, 7, 8, 15, 16, 31, 100 };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		uint64_t sum = 0;

		for (int round = 0; round < 20; round++) {
			uint64_t key = fresh();

			begin();
			start_up();
			for (int n = 0; n < 2000; n++) {
				fault(key);
				for (unsigned int o = 0; o < others[i]; o++)
					fault(fresh());
			}
			sum += counted(key);
		}
		CHECK(sum > 20 * 2000 * 95 / 100);
	}
}

/* Up to eight for each place. */
static void some_of_those_in_a_circle_are_counted(void)
{
	static const unsigned int lengths[] = { 16, 48, 64, 100, 128, 256, 512 };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		uint64_t first = 0x7f0000000 + pick(100000);

		begin();
		start_up();
		for (int round = 0; round < 500; round++)
			for (unsigned int n = 0; n < lengths[i]; n++)
				fault(first + n);
		CHECK(top(16) > 16 * 500 * 9 / 10);
	}
}

static void the_head_of_a_zipf_is_found(void)
{
	static uint64_t weight[1000], all;

	for (size_t i = 0; i < ARRAY_SIZE(weight); i++)
		weight[i] = all += 1000000 / (i + 1);
	for (int round = 0; round < 10; round++) {
		uint64_t first = fresh(), truth = 0, is = 0;

		begin();
		start_up();
		for (int n = 0; n < 100000; n++) {
			uint64_t x = pick(all), i = 0;

			while (weight[i] <= x)
				i++;
			fault(first + i * 7);
			truth += i < 16;
		}
		for (uint64_t i = 0; i < 16; i++)
			is += counted(first + i * 7);
		CHECK(is <= truth && is > truth * 9 / 10);
	}
}

static void what_was_hot_gives_way(void)
{
	for (int round = 0; round < 20; round++) {
		uint64_t key = fresh();

		begin();
		for (int n = 0; n < 100; n++)
			for (uint64_t i = 0; i < ENTRIES; i++)
				fault(0x7f0000000 + i);
		for (int n = 0; n < 20000; n++) {
			fault(key);
			fault(fresh());
			fault(fresh());
		}
		CHECK(counted(key) > 20000 * 9 / 10);
	}
}

/* Neighbours are spread: of so many in a row or at some distance, no set has too many. */
static void sets_are_of_the_same_size(void)
{
	for (uint64_t step = 1; step <= 4096; step *= 2) {
		unsigned int of[SETS] = { 0 };

		for (uint64_t i = 0; i < 64 * SETS; i++)
			of[vmtrace_hot_set(0x7f0000000 + i * step, VMTRACE_HOT_BITS)]++;
		for (unsigned int i = 0; i < SETS; i++)
			CHECK(of[i] > 32 && of[i] < 128);
	}
}

/* Instructions come again and again, so the last one is looked for first. */
static void instructions_are_counted_in_any_order(void)
{
	const struct vmtrace_hot_entry *e = table.set[VMTRACE_HOT_IP][0].way;
	uint64_t count[4] = { 0 }, last = 0;

	begin();
	for (unsigned int i = 0; i < 4000; i++) {
		last = i % 7 < 3 ? last : (i * 2654435761u >> 16) % 4;
		vmtrace_hot_count(&hot, VMTRACE_HOT_IP, 0x401000 + last * 64);
		count[last]++;
	}
	CHECK_EQUAL(hot.faults[VMTRACE_HOT_IP], 4000);
	for (uint64_t ip = 0; ip < 4; ip++) {
		uint64_t counted = 0;

		for (unsigned int i = 0; i < ENTRIES; i++)
			if (e[i].count && e[i].key == 0x401000 + ip * 64)
				counted += e[i].count;
		CHECK(count[ip] > 0);
		CHECK_EQUAL(counted, count[ip]);
	}
	/* What is forgotten is not counted on. */
	vmtrace_hot_clear(&hot, 1);
	vmtrace_hot_count(&hot, VMTRACE_HOT_IP, 0x401000 + last * 64);
	CHECK_EQUAL(hot.faults[VMTRACE_HOT_IP], 1);
	for (unsigned int i = 0; i < ENTRIES; i++)
		CHECK_EQUAL(e[i].count, e[i].key == 0x401000 + last * 64 ? 1 : 0);
}

static void without_memory_there_is_a_total(void)
{
	begin();
	hot.table = NULL;
	faults(1, 5);
	vmtrace_hot_count(&hot, VMTRACE_HOT_IP, 1);
	CHECK_EQUAL(hot.faults[KIND], 5);
	CHECK_EQUAL(hot.faults[VMTRACE_HOT_IP], 1);
	vmtrace_hot_clear(&hot, 3);
	CHECK_EQUAL(hot.faults[KIND], 0);
	CHECK_EQUAL(hot.faults[VMTRACE_HOT_IP], 0);
	CHECK_EQUAL(hot.generation, 3);
}

static void kinds_are_apart(void)
{
	begin();
	faults(5, 3);
	vmtrace_hot_count(&hot, VMTRACE_HOT_IP, 5);
	CHECK_EQUAL(counted(5), 3);
	CHECK_EQUAL(hot.faults[KIND], 3);
	CHECK_EQUAL(hot.faults[VMTRACE_HOT_IP], 1);
}

static void a_new_generation_begins_at_zero(void)
{
	begin();
	faults(5, 3);
	vmtrace_hot_count(&hot, VMTRACE_HOT_IP, 6);
	vmtrace_hot_clear(&hot, 1);
	CHECK_EQUAL(hot.generation, 1);
	CHECK_EQUAL(hot.faults[KIND], 0);
	CHECK_EQUAL(hot.faults[VMTRACE_HOT_IP], 0);
	CHECK(hot.table == &table);
	for (unsigned int i = 0; i < sizeof(table); i++)
		CHECK(!((const char *)&table)[i]);
}

/* Another one, with a table of its own. */
static struct vmtrace_hot_table other_table;
static struct vmtrace_hot other;

static void begin_other(uint32_t generation)
{
	memset(&other_table, 0, sizeof(other_table));
	other = (struct vmtrace_hot){ .generation = generation };
	vmtrace_hot_begin(&other, &other_table);
}

static void the_first_to_end_hands_over_its_table(void)
{
	begin();
	faults(5, 3);
	begin_other(0);
	other.table = NULL;
	vmtrace_hot_fold(&other, &hot, 0);
	CHECK(!hot.table && other.table == &table);
	CHECK_EQUAL(other.faults[KIND], 3);
}

static void weights_are_kept(void)
{
	begin();
	faults(5, 3);
	faults(6, 100);
	vmtrace_hot_count(&hot, VMTRACE_HOT_IP, 7);
	begin_other(0);
	vmtrace_hot_count(&other, KIND, 5);
	vmtrace_hot_count(&other, KIND, 7);
	vmtrace_hot_count(&other, VMTRACE_HOT_IP, 7);
	vmtrace_hot_fold(&other, &hot, 0);
	/* The one that ended still has its own, to be freed. */
	CHECK(hot.table == &table && other.table == &other_table);
	CHECK_EQUAL(counted_in(&other_table, 5), 4);
	CHECK_EQUAL(counted_in(&other_table, 6), 100);
	CHECK_EQUAL(counted_in(&other_table, 7), 1);
	CHECK_EQUAL(sum_of(&other_table), 105);
	CHECK_EQUAL(other.faults[KIND], 105);
	CHECK_EQUAL(other.faults[VMTRACE_HOT_IP], 2);
	CHECK_EQUAL(
		other_table.set[VMTRACE_HOT_IP][vmtrace_hot_set(7, VMTRACE_HOT_BITS)].way[0].count,
		2);
}

static void what_has_no_table_is_in_the_total(void)
{
	begin();
	hot.table = NULL;
	faults(5, 3);
	begin_other(0);
	vmtrace_hot_count(&other, KIND, 5);
	vmtrace_hot_fold(&other, &hot, 0);
	CHECK_EQUAL(other.faults[KIND], 4);
	CHECK_EQUAL(counted_in(&other_table, 5), 1);
}

static void only_the_present_generation_is_folded(void)
{
	begin();
	faults(5, 3);
	hot.generation = 7;
	begin_other(7);
	vmtrace_hot_count(&other, KIND, 6);
	vmtrace_hot_fold(&other, &hot, 8);
	CHECK_EQUAL(other.faults[KIND], 1);
	CHECK_EQUAL(sum_of(&other_table), 1);
	/* What the process has of an old one makes room. */
	other.generation = 6;
	vmtrace_hot_fold(&other, &hot, 7);
	CHECK_EQUAL(other.generation, 7);
	CHECK_EQUAL(other.faults[KIND], 3);
	CHECK_EQUAL(counted_in(&other_table, 5), 3);
	CHECK_EQUAL(counted_in(&other_table, 6), 0);
}

/* What is warm in each of many threads is hot in the process, between what is not. */
static void many_short_threads_add_up(void)
{
	uint64_t key = fresh(), truth = 0;

	begin_other(0);
	for (int i = 0; i < 1000; i++) {
		begin();
		faults(key, 5);
		for (int n = 0; n < 100; n++)
			fault(fresh());
		truth += counted(key);
		vmtrace_hot_fold(&other, &hot, 0);
	}
	CHECK_EQUAL(truth, 5000);
	CHECK(counted_in(&other_table, key) <= truth);
	CHECK(counted_in(&other_table, key) > 4900);
	CHECK_EQUAL(other.faults[KIND], 105000);
	CHECK(sum_of(&other_table) <= 105000);
}

/* And what was hot long ago gives way there, too. */
static void sums_are_lower_bounds(void)
{
	static uint64_t truth[KEYS];

	begin_other(0);
	memset(truth, 0, sizeof(truth));
	for (int i = 0; i < 200; i++) {
		begin();
		for (int n = 0; n < 500; n++) {
			uint64_t key = pick(1 + pick(KEYS));

			fault(key);
			truth[key]++;
		}
		vmtrace_hot_fold(&other, &hot, 0);
	}
	for (uint64_t key = 0; key < KEYS; key++)
		CHECK(counted_in(&other_table, key) <= truth[key]);
	CHECK(sum_of(&other_table) <= other.faults[KIND]);
}

static void the_hottest_come_first(void)
{
	struct vmtrace_hot_entry e[ENTRIES + 1];
	unsigned int n;

	begin();
	CHECK_EQUAL(vmtrace_hot_top(table.set[KIND], VMTRACE_HOT_BITS, e, 3), 0);
	faults(40, 2);
	faults(30, 7);
	faults(20, 2);
	faults(10, 5);
	n = vmtrace_hot_top(table.set[KIND], VMTRACE_HOT_BITS, e, ENTRIES);
	CHECK_EQUAL(n, 4);
	CHECK(e[0].key == 30 && e[0].count == 7);
	CHECK(e[1].key == 10 && e[1].count == 5);
	/* The lower one of equals. */
	CHECK(e[2].key == 20 && e[2].count == 2);
	CHECK(e[3].key == 40 && e[3].count == 2);
	e[2].key = e[3].key = 99;
	CHECK_EQUAL(vmtrace_hot_top(table.set[KIND], VMTRACE_HOT_BITS, e, 3), 3);
	CHECK(e[0].key == 30 && e[1].key == 10 && e[2].key == 20);
	CHECK_EQUAL(e[3].key, 99);
}

static void every_length_is_sorted(void)
{
	struct vmtrace_hot_entry all[ENTRIES], e[ENTRIES + 1];

	begin();
	for (int i = 0; i < 400; i++)
		faults(pick(60), 1 + pick(9));
	CHECK_EQUAL(vmtrace_hot_top(table.set[KIND], VMTRACE_HOT_BITS, all, ENTRIES),
		    vmtrace_hot_top(table.set[KIND], VMTRACE_HOT_BITS, e, ENTRIES + 1));
	for (unsigned int max = 1; max < 40; max++) {
		CHECK_EQUAL(vmtrace_hot_top(table.set[KIND], VMTRACE_HOT_BITS, e, max), max);
		CHECK(!memcmp(e, all, max * sizeof(e[0])));
		CHECK(all[max - 1].count > all[max].count ||
		      (all[max - 1].count == all[max].count && all[max - 1].key < all[max].key));
	}
}

int main(void)
{
	RUN(whoever_comes_is_in_and_never_too_often);
	RUN(as_many_as_there_are_places_for_are_exact);
	RUN(counts_are_lower_bounds);
	RUN(a_flood_takes_from_the_coldest_only);
	RUN(a_hot_page_is_exact_in_a_flood);
	RUN(a_share_is_enough);
	RUN(some_of_those_in_a_circle_are_counted);
	RUN(the_head_of_a_zipf_is_found);
	RUN(what_was_hot_gives_way);
	RUN(sets_are_of_the_same_size);
	RUN(instructions_are_counted_in_any_order);
	RUN(without_memory_there_is_a_total);
	RUN(kinds_are_apart);
	RUN(a_new_generation_begins_at_zero);
	RUN(the_first_to_end_hands_over_its_table);
	RUN(weights_are_kept);
	RUN(what_has_no_table_is_in_the_total);
	RUN(only_the_present_generation_is_folded);
	RUN(many_short_threads_add_up);
	RUN(sums_are_lower_bounds);
	RUN(the_hottest_come_first);
	RUN(every_length_is_sorted);
	return 0;
}
