/* SPDX-License-Identifier: GPL-2.0 */
/*
 * number.h - parse numbers
 *
 * All return 0, -EINVAL if the text is not such a number, or -ERANGE if the number is too large.
 * *value is written on success only.
 */
#ifndef VMTRACE_LIB_NUMBER_H
#define VMTRACE_LIB_NUMBER_H

#include <stddef.h>

/* Decimal digits only, no sign, blank, prefix or trailing junk; at most max. */
int parse_digits(const char *text, size_t length, unsigned long long max,
		 unsigned long long *value);
int parse_number(const char *text, unsigned long long max, unsigned long long *value);

/* Hexadecimal digits, lower case, without a prefix: as the kernel prints them. */
int parse_hex_digits(const char *text, size_t length, unsigned long long *value);

/* "0x" and hexadecimal digits, lower case. */
int parse_hex(const char *text, size_t length, unsigned long long *value);

/* Decimal digits with an optional K, M or G (powers of 1024): a size in bytes, at most max. */
int parse_size(const char *text, unsigned long long max, unsigned long long *value);

#endif /* VMTRACE_LIB_NUMBER_H */
