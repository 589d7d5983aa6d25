/* SPDX-License-Identifier: GPL-2.0 */
/*
 * steps.h - measure a step of a lab, and predict its faults
 */
#ifndef VMTRACE_LABS_LIB_STEPS_H
#define VMTRACE_LABS_LIB_STEPS_H

#include <stddef.h>

#include "core/format.h"
#include "core/record.h"
#include "labs/lib/lab.h"
#include "lib/error.h"

/* An optional first step: all faults of this process until now. */
void lab_start(struct lab *lab);

void lab_begin(struct lab *lab, const char *step);
void lab_end(struct lab *lab);

/* Measure a step that only writes to each page, or reads it. */
void lab_write_step(struct lab *lab, const char *step, char *block, size_t pages);
void lab_read_step(struct lab *lab, const char *step, const char *block, size_t pages);

/* vmtrace cannot be read: print why. From now on only getrusage() counts. */
void lab_vmtrace_failed(struct lab *lab, const struct error *error);

/* Remove the last step, which was a warm-up. */
void lab_forget(struct lab *lab);

/*
 * Predict the last step: so many minor, or major, faults of a class, and none of a class that is
 * not predicted. Their origin is user; lab_predict_origin() gives so many of them another one.
 */
void lab_predict(struct lab *lab, enum vmtrace_class class, long long faults);
void lab_predict_major(struct lab *lab, enum vmtrace_class class, long long faults);
void lab_predict_none(struct lab *lab);
void lab_predict_origin(struct lab *lab, enum vmtrace_origin origin, long long faults);
__attribute__((format(printf, 2, 3))) void lab_explain(struct lab *lab, const char *format, ...);

/* All faults of the last step, by getrusage(). */
long long lab_cost(const struct lab *lab);

/* All faults of this process until now, by getrusage(). */
long long lab_faults(void);

/* By vmtrace, in the last step: attempts that were retried, and the time asleep in faults. */
long long lab_retried(const struct lab *lab);
long long lab_asleep_ns(const struct lab *lab);

/* Add a fact to the last step: words, or a number and its unit, which may be "". */
void lab_fact(struct lab *lab, const char *name, const char *predicted, const char *measured);
void lab_number(struct lab *lab, const char *name, const char *unit, long long predicted,
		long long measured);
/* Add a fact without a prediction. */
__attribute__((format(printf, 3, 4))) void lab_note(struct lab *lab, const char *name,
						    const char *format, ...);

/* Skip the lab: say why this machine cannot run it, and what to do. Returns LAB_SKIPPED. */
__attribute__((format(printf, 2, 3))) int lab_skip(struct lab *lab, const char *format, ...);

/* Skip the lab because pthread_create() returned err. */
int lab_skip_threads(struct lab *lab, int err);

/* "1 page", "2 pages". The last eight results stay valid. */
const char *lab_count_of(unsigned long long count, const char *singular, const char *plural);

#endif /* VMTRACE_LABS_LIB_STEPS_H */
