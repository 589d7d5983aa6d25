// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "lib/array.h"
#include "lib/number.h"
#include "lib/options.h"
#include "lib/units.h"
#include "unit.h"

static void numbers_are_digits_only(void)
{
	static const char *const bad[] = { "",
					   " 1",
					   "1 ",
					   "+1",
					   "-1",
					   "1x",
					   "x",
					   "0x1",
					   "1.0",
					   "1\n",
					   "1e3",
					   "\xb2",
					   "18446744073709551616x" };
	unsigned long long value = 77;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQUAL(parse_number(bad[i], ULLONG_MAX, &value), -EINVAL);
		CHECK_EQUAL(value, 77);
	}
	CHECK_EQUAL(parse_number("0", ULLONG_MAX, &value), 0);
	CHECK_EQUAL(value, 0);
	CHECK_EQUAL(parse_number("007", ULLONG_MAX, &value), 0);
	CHECK_EQUAL(value, 7);
}

static void numbers_do_not_overflow(void)
{
	unsigned long long value = 77;

	CHECK_EQUAL(parse_number("18446744073709551616", ULLONG_MAX, &value), -ERANGE);
	CHECK_EQUAL(parse_number("18446744073709551620", ULLONG_MAX, &value), -ERANGE);
	CHECK_EQUAL(parse_number("99999999999999999999999999", ULLONG_MAX, &value), -ERANGE);
	CHECK_EQUAL(parse_number("101", 100, &value), -ERANGE);
	CHECK_EQUAL(value, 77);
	CHECK_EQUAL(parse_number("100", 100, &value), 0);
	CHECK_EQUAL(value, 100);
	CHECK_EQUAL(parse_number("18446744073709551615", ULLONG_MAX, &value), 0);
	CHECK(value == ULLONG_MAX);
}

static void digits_end_where_they_are_told(void)
{
	unsigned long long value;

	CHECK_EQUAL(parse_digits("123456", 3, ULLONG_MAX, &value), 0);
	CHECK_EQUAL(value, 123);
}

static void sizes_have_suffixes(void)
{
	static const char *const bad[] = { "",	  "K",	 "1KK", "1k", "1T",
					   "1KB", "-1K", "1 K", "K1", "M1M" };
	unsigned long long value = 77;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQUAL(parse_size(bad[i], ULLONG_MAX, &value), -EINVAL);
	CHECK_EQUAL(parse_size("17179869184G", ULLONG_MAX, &value), -ERANGE);
	CHECK_EQUAL(parse_size("2K", 2047, &value), -ERANGE);
	CHECK_EQUAL(value, 77);
	CHECK_EQUAL(parse_size("12", ULLONG_MAX, &value), 0);
	CHECK_EQUAL(value, 12);
	CHECK_EQUAL(parse_size("2K", 2048, &value), 0);
	CHECK_EQUAL(value, 2048);
	CHECK_EQUAL(parse_size("3M", ULLONG_MAX, &value), 0);
	CHECK_EQUAL(value, 3 << 20);
	CHECK_EQUAL(parse_size("5G", ULLONG_MAX, &value), 0);
	CHECK_EQUAL(value, 5LL << 30);
}

static void words_may_be_shortened_if_unique(void)
{
	static const struct {
		const char *name; /* cppcheck-suppress unusedStructMember */
		int other;	  /* cppcheck-suppress unusedStructMember */
	} table[] = { { "show", 0 }, { "shut", 0 }, { "lab", 0 }, { "label", 0 } };
	const size_t size = sizeof(table[0]);

	CHECK_EQUAL(find_word("shut", table, 4, size), 1);
	CHECK_EQUAL(find_word("sho", table, 4, size), 0);
	CHECK_EQUAL(find_word("lab", table, 4, size), 2);
	CHECK_EQUAL(find_word("labe", table, 4, size), 3);
	CHECK_EQUAL(find_word("sh", table, 4, size), WORD_AMBIGUOUS);
	CHECK_EQUAL(find_word("", table, 4, size), WORD_AMBIGUOUS);
	CHECK_EQUAL(find_word("showy", table, 4, size), WORD_UNKNOWN);
	CHECK_EQUAL(find_word("x", table, 4, size), WORD_UNKNOWN);
}

static void times_have_three_digits(void)
{
	static const struct {
		double ns;	  /* cppcheck-suppress unusedStructMember */
		const char *text; /* cppcheck-suppress unusedStructMember */
	} times[] = {
		{ 0, "0ns" },
		{ 7, "7ns" },
		{ 999, "999ns" },
		{ 1000, "1.00µs" },
		{ 9994, "9.99µs" },
		{ 9996, "10.0µs" },
		{ 99940, "99.9µs" },
		{ 99960, "100µs" },
		{ 999400, "999µs" },
		{ 999600, "1.00ms" },
		{ 12345678, "12.3ms" },
		{ 999.4e6, "999ms" },
		{ 999.6e6, "1.00s" },
		{ 123.4e9, "123s" },
		{ 999.6e9, "1000s" },
		{ 12345.4e9, "12345s" },
		{ (double)LLONG_MAX, "9223372037s" },
		{ 64 * (double)LLONG_MAX, "590295810359s" },
	};
	char text[TIME_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		if (strcmp(format_time(text, times[i].ns), times[i].text) != 0) {
			printf("# %.0f is %s, not %s\n", times[i].ns, text, times[i].text);
			unit_failures++;
		}
}

int main(void)
{
	RUN(numbers_are_digits_only);
	RUN(numbers_do_not_overflow);
	RUN(digits_end_where_they_are_told);
	RUN(sizes_have_suffixes);
	RUN(times_have_three_digits);
	RUN(words_may_be_shortened_if_unique);
	return 0;
}
