/* SPDX-License-Identifier: GPL-2.0 */
/*
 * checks.h - what vmtrace needs of a machine, and of a kernel, to work and to be exact
 */
#ifndef VMTRACE_SOURCES_CHECKS_H
#define VMTRACE_SOURCES_CHECKS_H

#include <stddef.h>

#include "sources/finding.h"

/* X(name), in the order in which problems should be fixed. */
#define CHECKS(X)          \
	X(kernel)          \
	X(preempt_rt)      \
	X(kprobes)         \
	X(handle_mm_fault) \
	X(lockdown)        \
	X(secure_boot)     \
	X(signatures)      \
	X(headers)         \
	X(btf)             \
	X(debugfs)         \
	X(module)          \
	X(hook)            \
	X(kprobes_enabled) \
	X(ftrace_enabled)  \
	X(enabled)         \
	X(missed)          \
	X(dropped)         \
	X(unobserved)      \
	X(clock)           \
	X(access)

#define CHECK_DECLARE(name) struct finding check_##name(const struct machine_facts *facts);
CHECKS(CHECK_DECLARE)
#undef CHECK_DECLARE

struct check {
	const char *name;
	struct finding (*run)(const struct machine_facts *facts);
};

extern const struct check checks[];
extern const size_t checks_count;

/* Read the facts that more than one check needs. */
void checks_gather(struct machine_facts *facts);

#endif /* VMTRACE_SOURCES_CHECKS_H */
