/* SPDX-License-Identifier: GPL-2.0 */
/*
 * finding.h - what a check of "vmtrace doctor" found, and what to do about it
 */
#ifndef VMTRACE_SOURCES_FINDING_H
#define VMTRACE_SOURCES_FINDING_H

#include <stdbool.h>

#include "lib/error.h"
#include "sources/stats.h"

#define DEBUGFS		"/sys/kernel/debug"
#define MOUNT(at, type) "sudo mount -t " type " " type " " at

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
	char release[128];	/* uname -r, "" if unknown */
	char architecture[128]; /* uname -m, "" if unknown */
	int err;		/* of reading the module's summary; then error is filled in */
	struct summary_stats summary;
	struct error error;
	bool loaded;
};

__attribute__((format(printf, 3, 4))) struct finding
finding_of(enum check_status status, const char *remedy, const char *format, ...);

/* What was found is a printf format with its arguments. */
#define found_ok(...)		finding_of(CHECK_OK, "", __VA_ARGS__)
#define found_warn(remedy, ...) finding_of(CHECK_WARN, remedy, __VA_ARGS__)
#define found_fail(remedy, ...) finding_of(CHECK_FAIL, remedy, __VA_ARGS__)

/* The check does not apply: there is no module to ask. */
struct finding omitted(void);

/* Place could not be read, for a negative errno of machine.h. A warning: nothing is guessed. */
struct finding unseen(int err, const char *place);

/* The same for a file below debugfs, which may not be mounted. */
struct finding unseen_debugfs(int err, const char *file);

#endif /* VMTRACE_SOURCES_FINDING_H */
