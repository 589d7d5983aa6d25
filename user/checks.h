/* SPDX-License-Identifier: GPL-2.0 */
/*
 * checks.h - what vmtrace needs of a machine; the table of checks is in checks.c
 */
#ifndef VMTRACE_CHECKS_H
#define VMTRACE_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "source.h"

enum check_status {
	CHECK_OMITTED, /* does not apply: there is no module to ask */
	CHECK_OK,
	CHECK_WARN, /* less than could be, or it cannot be seen */
	CHECK_FAIL, /* vmtrace cannot work, or not exactly */
};

struct finding {
	enum check_status status;
	char found[512];
	char remedy[256]; /* a command or a sentence; "" if there is no need */
};

/* What more than one check asks. */
struct machine_facts {
	char release[128]; /* uname -r; "" if unknown, as the next */
	char architecture[128];
	int err; /* of reading the module's summary, and then error */
	struct summary_stats summary;
	struct source_error error;
	bool loaded;
};

struct check {
	const char *name;
	struct finding (*run)(const struct machine_facts *facts);
};

extern const struct check checks[];
extern const size_t checks_count;

void checks_gather(struct machine_facts *facts);

#endif /* VMTRACE_CHECKS_H */
