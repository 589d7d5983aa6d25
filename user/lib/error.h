/* SPDX-License-Identifier: GPL-2.0 */
/*
 * error.h - why something failed, in a sentence that the caller prints or drops
 */
#ifndef VMTRACE_LIB_ERROR_H
#define VMTRACE_LIB_ERROR_H

/* One line for message(): what, why and the next step. */
struct error {
	char text[1024];
};

/* Fill in error, cut to fit. Returns err, a negative errno. */
__attribute__((format(printf, 3, 4))) int error_set(struct error *error, int err,
						    const char *format, ...);

#endif /* VMTRACE_LIB_ERROR_H */
