/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace_options.h - the command line of "vmtrace trace"
 */
#ifndef VMTRACE_VERBS_TRACE_OPTIONS_H
#define VMTRACE_VERBS_TRACE_OPTIONS_H

#include <stdbool.h>

#include "lib/options.h"
#include "sources/stream.h"

struct trace_options {
	struct option_list pids;
	int pid[OPTION_VALUES];
	bool all;
	struct stream_options stream;
	const char *output;
	char **command; /* NULL-terminated; may be empty */
};

/* Fill in options, which the caller has zeroed. Returns OPTIONS_READ, or an exit code. */
int trace_parse_options(int argc, char **argv, struct trace_options *options);

#endif /* VMTRACE_VERBS_TRACE_OPTIONS_H */
