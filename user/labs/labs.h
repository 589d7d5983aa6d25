/* SPDX-License-Identifier: GPL-2.0 */
/*
 * labs.h - the labs, in the order in which to read them
 */
#ifndef VMTRACE_LABS_H
#define VMTRACE_LABS_H

#include "harness.h"

#define LABS(X)   \
	X(lazy)   \
	X(zero)   \
	X(kernel) \
	X(huge)   \
	X(swap)   \
	X(thrash) \
	X(observer)

#define LAB_DECLARE(name) extern const struct lab_info lab_##name;
LABS(LAB_DECLARE)
#undef LAB_DECLARE

#endif /* VMTRACE_LABS_H */
