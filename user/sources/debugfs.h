/* SPDX-License-Identifier: GPL-2.0 */
/*
 * debugfs.h - ask a file of the module in debugfs (module/files/query.h)
 */
#ifndef VMTRACE_SOURCES_DEBUGFS_H
#define VMTRACE_SOURCES_DEBUGFS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

struct debugfs_answer {
	char path[PATH_MAX]; /* of the file, for messages */
	char *text;	     /* the caller frees it if there was no error */
	size_t length;
	bool refused; /* the error is about the question, not about the file */
};

/*
 * Write a question into the file of a topic, and read the answer. Returns 0, or a negative errno
 * with error filled in: -ENODEV the module is not loaded, -EACCES or -EPERM not permitted, or
 * what open, write and read say.
 */
int debugfs_ask(const char *topic, const char *question, struct debugfs_answer *answer,
		struct error *error);

#endif /* VMTRACE_SOURCES_DEBUGFS_H */
