/* SPDX-License-Identifier: GPL-2.0 */
/*
 * message.h - messages to the user, on stderr
 */
#ifndef VMTRACE_LIB_MESSAGE_H
#define VMTRACE_LIB_MESSAGE_H

/*
 * Print one line on stderr, "vmtrace: WHAT: why: next step", and a newline. The text may contain
 * any bytes: it is made printable, and cut if it is very long.
 */
__attribute__((format(printf, 1, 2))) void message(const char *format, ...);

/* Like message(), and add where to find help on "vmtrace <verb>". Returns EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int usage_error(const char *verb, const char *format, ...);

#endif /* VMTRACE_LIB_MESSAGE_H */
