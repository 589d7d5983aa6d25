/* SPDX-License-Identifier: GPL-2.0 */
/*
 * text.h - make text safe for a terminal and for JSON
 *
 * A process can give itself and its files any name. What vmtrace prints is UTF-8 without control
 * characters.
 */
#ifndef VMTRACE_LIB_TEXT_H
#define VMTRACE_LIB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the UTF-8 character at text, of which left bytes can be read; 0 if it is not valid. */
size_t utf8_length(const char *text, size_t left);

/* Is this character, which is valid UTF-8 of that length, a control character (C0, DEL or C1)? */
bool is_control(const char *text, size_t length);

/*
 * Replace each byte that is not valid UTF-8, and each control character, by '?'. The text never
 * grows.
 */
void make_printable(char *text);

/* Replace each byte that is not valid UTF-8 by '?'. Control characters stay: JSON escapes them. */
void make_utf8(char *text);

/* Replace newlines and tabs by '?', so that the text stays on one line. */
void make_one_line(char *text);

/* Length in bytes of the character at text, which is valid UTF-8. */
size_t character_length(const char *text);

/* Width in columns: the number of characters, since each counts as one column. */
int text_width(const char *text);

#endif /* VMTRACE_LIB_TEXT_H */
