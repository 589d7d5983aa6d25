/* SPDX-License-Identifier: GPL-2.0 */
/*
 * steps.h - measure a step of a lab, and say what was predicted of it
 */
#ifndef VMTRACE_LABS_LIB_STEPS_H
#define VMTRACE_LABS_LIB_STEPS_H

#include <stddef.h>

#include "core/format.h"
#include "core/record.h"
#include "labs/lib/lab.h"
#include "lib/error.h"

/* The first row, if a lab wants it: all faults of this process until now. */
void lab_start(struct lab *lab);

void lab_begin(struct lab *lab, const char *step);
void lab_end(struct lab *lab);

/* A step that does nothing but write to each page, or read it. */
void lab_write_step(struct lab *lab, const char *step, char *block, size_t pages);
void lab_read_step(struct lab *lab, const char *step, const char *block, size_t pages);

/* vmtrace cannot be read, and why: from now on getrusage() is the only witness. */
void lab_lose_vmtrace(struct lab *lab, const struct error *error);

/* Forget the last step: it was a warm-up. */
void lab_forget(struct lab *lab);

/*
 * About the last step: so many faults of a class are due, minor ones or major ones, and none
 * of any class that is not named. All are user code's, unless lab_predict_origin() says so of
 * all, or of some of them.
 */
void lab_predict(struct lab *lab, enum vmtrace_class class, long long faults);
void lab_predict_major(struct lab *lab, enum vmtrace_class class, long long faults);
void lab_predict_none(struct lab *lab);
void lab_predict_origin(struct lab *lab, enum vmtrace_origin origin, long long faults);
__attribute__((format(printf, 2, 3))) void lab_explain(struct lab *lab, const char *format, ...);

/* All the last step cost, by getrusage(). */
long long lab_cost(const struct lab *lab);

/* All faults of this process until now, by getrusage(). */
long long lab_faults(void);

/* Of the last step, by vmtrace: attempts that were repeated, and time asleep in faults. */
long long lab_retried(const struct lab *lab);
long long lab_asleep_ns(const struct lab *lab);

/* Something else, behind the last step: words, or a number and what it counts, or "". */
void lab_fact(struct lab *lab, const char *name, const char *predicted, const char *measured);
void lab_number(struct lab *lab, const char *name, const char *unit, long long predicted,
		long long measured);
/* The same without a prediction. */
__attribute__((format(printf, 3, 4))) void lab_note(struct lab *lab, const char *name,
						    const char *format, ...);

/* This machine cannot show it: why, and what to do about it. Returns LAB_SKIPPED. */
__attribute__((format(printf, 2, 3))) int lab_skip(struct lab *lab, const char *format, ...);

/* As lab_skip(), because pthread_create() returned err. */
int lab_skip_threads(struct lab *lab, int err);

/* "1 page", "2 pages": a few results may be used at once. */
const char *lab_count_of(unsigned long long count, const char *singular, const char *plural);

#endif /* VMTRACE_LABS_LIB_STEPS_H */
