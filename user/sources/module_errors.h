/* SPDX-License-Identifier: GPL-2.0 */
/*
 * module_errors.h - why the module cannot be read, and what to do about it
 *
 * Each fills in error and returns the negative errno to go on with.
 */
#ifndef VMTRACE_SOURCES_MODULE_ERRORS_H
#define VMTRACE_SOURCES_MODULE_ERRORS_H

#include <stdbool.h>

#include "lib/error.h"

/* Is there a directory of the module in /proc? */
bool module_is_loaded(void);

/* Its files are not there, since the module is not. */
int module_not_loaded(struct error *error);

/* A file of the module is not as this version of the tool expects it, and what is wrong with it. */
int module_mismatch(struct error *error, int err, const char *path, const char *what);

/* Why a file of /proc/vmtrace, named by a number or a word, cannot be opened or read. */
int module_explain_proc(struct error *error, int err, const char *file);

#endif /* VMTRACE_SOURCES_MODULE_ERRORS_H */
