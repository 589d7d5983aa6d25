/* SPDX-License-Identifier: GPL-2.0 */
/*
 * text.h - text from anywhere, made fit for a terminal and for JSON
 *
 * A process may name itself and its files anything. Whatever is printed is UTF-8 without
 * control characters.
 */
#ifndef VMTRACE_LIB_TEXT_H
#define VMTRACE_LIB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the UTF-8 character at text, of which left bytes can be read; 0 if there is none. */
size_t utf8_length(const char *text, size_t left);

/* A control character of ASCII, or of Latin-1, which is two bytes in UTF-8. */
bool is_control(const char *text, size_t length);

/* Each byte that is no UTF-8, and each control character, becomes '?'. The text never grows. */
void make_printable(char *text);

/* The same, but control characters stay: what JSON wants, which escapes them. */
void make_utf8(char *text);

/* Newlines and tabs become '?': a line ends where its printer says. */
void make_one_line(char *text);

/* Bytes of the character at text, which is UTF-8. */
size_t character_length(const char *text);

/* Columns on a terminal: all bytes but those that continue a UTF-8 character. */
int text_width(const char *text);

#endif /* VMTRACE_LIB_TEXT_H */
