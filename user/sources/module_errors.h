/* SPDX-License-Identifier: GPL-2.0 */
/*
 * module_errors.h - why the module cannot be read, and what to do about it
 *
 * All that take an error fill it in and return a negative errno.
 */
#ifndef VMTRACE_SOURCES_MODULE_ERRORS_H
#define VMTRACE_SOURCES_MODULE_ERRORS_H

#include <stdbool.h>

#include "lib/error.h"

/* Does /proc/vmtrace exist? */
bool module_is_loaded(void);

/* The module is not loaded, so its files do not exist. */
int module_not_loaded(struct error *error);

/* A file of the module is not as this version of the tool expects; what says what is wrong. */
int module_mismatch(struct error *error, int err, const char *path, const char *what);

/* Say why a file of /proc/vmtrace cannot be opened or read. */
int module_explain_proc(struct error *error, int err, const char *file);

#endif /* VMTRACE_SOURCES_MODULE_ERRORS_H */
