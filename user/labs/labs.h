/* SPDX-License-Identifier: GPL-2.0 */
/*
 * labs.h - the labs, in the order in which to read them
 */
#ifndef VMTRACE_LABS_LABS_H
#define VMTRACE_LABS_LABS_H

#include "labs/lib/harness.h"
#include "labs/lib/lab.h"

#define LABS(X)       \
	X(lazy)       \
	X(zero)       \
	X(space)      \
	X(walk)       \
	X(tables)     \
	X(alloc)      \
	X(major)      \
	X(mapping)    \
	X(fork)       \
	X(isolation)  \
	X(sharing)    \
	X(protection) \
	X(sigbus)     \
	X(kernel)     \
	X(stack)      \
	X(huge)       \
	X(swap)       \
	X(readahead)  \
	X(thrash)     \
	X(locking)    \
	X(userfault)  \
	X(observer)

#define LAB_DECLARE(name) extern const struct lab_info lab_##name;
LABS(LAB_DECLARE)
#undef LAB_DECLARE

#endif /* VMTRACE_LABS_LABS_H */
