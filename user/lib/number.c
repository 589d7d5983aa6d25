// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "lib/number.h"

int parse_digits(const char *text, size_t length, unsigned long long max, unsigned long long *value)
{
	unsigned long long number = 0;
	bool too_large = false;

	if (length == 0)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		unsigned int digit = (unsigned char)text[i] - (unsigned int)'0';

		if (digit > 9)
			return -EINVAL;
		if (number > (ULLONG_MAX - digit) / 10)
			too_large = true;
		number = number * 10 + digit;
	}
	if (too_large || number > max)
		return -ERANGE;
	*value = number;
	return 0;
}

int parse_number(const char *text, unsigned long long max, unsigned long long *value)
{
	return parse_digits(text, strlen(text), max, value);
}

int parse_hex_digits(const char *text, size_t length, unsigned long long *value)
{
	static const char digits[] = "0123456789abcdef";
	unsigned long long number = 0;

	if (length == 0)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		const char *digit = memchr(digits, text[i], sizeof(digits) - 1);

		if (!digit)
			return -EINVAL;
		if (number >> 60)
			return -ERANGE;
		number = number << 4 | (unsigned long long)(digit - digits);
	}
	*value = number;
	return 0;
}

int parse_hex(const char *text, size_t length, unsigned long long *value)
{
	if (length < 3 || memcmp(text, "0x", 2) != 0)
		return -EINVAL;
	return parse_hex_digits(text + 2, length - 2, value);
}

int parse_size(const char *text, unsigned long long max, unsigned long long *value)
{
	static const char suffixes[] = "KMG";
	unsigned int shift = 0;
	size_t length = strlen(text);
	int err;

	for (unsigned int i = 0; length && suffixes[i]; i++)
		if (text[length - 1] == suffixes[i])
			shift = 10 * (i + 1);
	err = parse_digits(text, length - (shift != 0), max >> shift, value);
	if (!err)
		*value <<= shift;
	return err;
}
