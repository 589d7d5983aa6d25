/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unit.h - a C unit test is a program of functions, each of which CHECKs things
 *
 * It prints "ok NAME" or "not ok NAME" for each; tests/host/run numbers them. To
 * add a program, add one line to tests/host/units.
 */
#ifndef VMTRACE_UNIT_H
#define VMTRACE_UNIT_H

#include <stdio.h>

static int unit_failures;

#define CHECK(condition)                                                                 \
	do {                                                                             \
		if (!(condition)) {                                                      \
			printf("# %s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			unit_failures++;                                                 \
		}                                                                        \
	} while (0)

/* For numbers, so that a failure shows both. */
#define CHECK_EQUAL(is, should)                                                                 \
	do {                                                                                    \
		long long is_ = (long long)(is), should_ = (long long)(should);                 \
		if (is_ != should_) {                                                           \
			printf("# %s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #is, is_, \
			       should_);                                                        \
			unit_failures++;                                                        \
		}                                                                               \
	} while (0)

#define RUN(function) unit_run(#function, function)

static inline void unit_run(const char *name, void (*function)(void))
{
	unit_failures = 0;
	function();
	printf("%s %s\n", unit_failures ? "not ok" : "ok", name);
	fflush(stdout);
}

#endif /* VMTRACE_UNIT_H */
