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
	CHECK_OMITTED, /* does not apply: the module is not loaded */
	CHECK_OK,
	CHECK_WARN, /* something is limited, or could not be read */
	CHECK_FAIL, /* vmtrace does not work, or its counts are not exact */
};

struct finding {
	enum check_status status;
	char found[512];
	char remedy[256]; /* a command or a sentence; "" if nothing need be done */
};

/* Facts that more than one check needs. */
struct machine_facts {
	char release[128];	/* uname -r, "" if unknown */
	char architecture[128]; /* uname -m, "" if unknown */
	int err;		/* of reading the module's summary; if not 0, error is filled in */
	struct summary_stats summary;
	struct error error;
	bool loaded;
};

__attribute__((format(printf, 3, 4))) struct finding
finding_of(enum check_status status, const char *remedy, const char *format, ...);

/* After the remedy comes what was found, a printf format with its arguments. */
#define found_ok(...)		finding_of(CHECK_OK, "", __VA_ARGS__)
#define found_warn(remedy, ...) finding_of(CHECK_WARN, remedy, __VA_ARGS__)
#define found_fail(remedy, ...) finding_of(CHECK_FAIL, remedy, __VA_ARGS__)

/* The check does not apply: the module is not loaded. */
struct finding omitted(void);

/* A warning: place could not be read. err is a negative errno as in machine.h. */
struct finding unreadable(int err, const char *place);

/* A warning: file, relative to debugfs, could not be read. debugfs may not be mounted. */
struct finding unreadable_debugfs(int err, const char *file);

#endif /* VMTRACE_SOURCES_FINDING_H */
