/* SPDX-License-Identifier: GPL-2.0 */
/*
 * predict.h - predict the next access to an address; pure
 *
 * The class of a fault comes from classify.h, which the module uses, too. What cannot be seen from
 * outside (whether a swapped page is still in memory, whether a huge page is free) is not guessed:
 * there are two predictions then.
 */
#ifndef VMTRACE_REPORT_PREDICT_H
#define VMTRACE_REPORT_PREDICT_H

#include <stdbool.h>

#include "core/format.h"
#include "sources/thp.h"
#include "sources/walk_stats.h"

enum predict_end {
	PREDICT_NONE,	 /* no fault */
	PREDICT_MINOR,	 /* a fault that the kernel counts as minor */
	PREDICT_MAJOR,	 /* as major */
	PREDICT_EITHER,	 /* as one of the two */
	PREDICT_FAILED,	 /* a fault that fails, and is counted as failed */
	PREDICT_REFUSED, /* SIGSEGV without a fault; nothing counts it */
};

/* The class is set if there is a fault. */
struct prediction {
	enum predict_end end;
	enum vmtrace_class class;
};

/**
 * struct predictions - what an access would do
 * @first: what happens
 * @why: the reason; NULL if the meaning of the class says it
 * @second: what happens instead if @unless holds
 * @unless: a condition in words; NULL if @first is the only possibility
 */
struct predictions {
	struct prediction first;
	const char *why;
	struct prediction second;
	const char *unless;
};

struct predictions predict(const struct walk_stats *walk, enum thp_mode thp, bool write);

#endif /* VMTRACE_REPORT_PREDICT_H */
