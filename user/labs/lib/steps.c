// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/format.h"
#include "core/record.h"
#include "labs/lib/blocks.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"
#include "lib/array.h"
#include "lib/error.h"
#include "lib/message.h"
#include "sources/names.h"
#include "sources/source.h"
#include "sources/stats.h"

static struct lab_count difference(struct lab_count from, struct lab_count to)
{
	return (struct lab_count){ to.minor - from.minor, to.major - from.major };
}

static struct lab_count rusage_count(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (struct lab_count){ usage.ru_minflt, usage.ru_majflt };
}

static struct lab_count vmtrace_count(const struct process_stats *stats)
{
	return (struct lab_count){ stats->minor, stats->major };
}

/* A class that this tool does not know is "other". */
static enum vmtrace_class known_class(const char *name)
{
	enum vmtrace_class class = class_by_name(name);

	return class == VMTRACE_CLASS_COUNT ? VMTRACE_CLASS_OTHER : class;
}

/* Count the faults between two readings by class and origin. */
static void count_kinds(struct lab_kinds *kinds, const struct process_stats *from,
			const struct process_stats *to)
{
	memset(kinds, 0, sizeof(*kinds));
	for (size_t i = 0; i < to->classes; i++)
		kinds->class[known_class(to->class[i].name)] += to->class[i].faults;
	for (size_t i = 0; i < from->classes; i++)
		kinds->class[known_class(from->class[i].name)] -= from->class[i].faults;
	kinds->origin[VMTRACE_ORIGIN_USER] = to->origin_user - from->origin_user;
	kinds->origin[VMTRACE_ORIGIN_KERNEL] = to->origin_kernel - from->origin_kernel;
	kinds->origin[VMTRACE_ORIGIN_GUP] = to->origin_gup - from->origin_gup;
	kinds->origin[VMTRACE_ORIGIN_REMOTE] = to->origin_remote - from->origin_remote;
}

void lab_vmtrace_failed(struct lab *lab, const struct error *error)
{
	lab->vmtrace = false;
	message("%s", error->text);
}

/*
 * Read both counts at one point: if getrusage() returns the same before and after vmtrace was read,
 * there was no fault in between, and both counts are of the same faults. Otherwise the reading
 * itself has faulted: add that to noise, and read again.
 */
static void take_sample(struct lab *lab, struct lab_sample *sample)
{
	struct lab_count before = rusage_count();
	struct error error;

	for (int tries = 0; tries < 8; tries++) {
		if (lab->vmtrace && source_process(SOURCE_SELF, &sample->vmtrace, &error) != 0)
			lab_vmtrace_failed(lab, &error);
		sample->rusage = rusage_count();
		if (lab_count_same(before, sample->rusage))
			return;
		lab->noise += lab_count_total(difference(before, sample->rusage));
		before = sample->rusage;
	}
}

static struct lab_step *next_step(struct lab *lab, const char *name)
{
	struct lab_step *step = &lab->step[lab->steps];

	if (lab->steps == LAB_STEPS)
		abort();
	memset(step, 0, sizeof(*step));
	snprintf(step->name, sizeof(step->name), "%s", name);
	return step;
}

void lab_start(struct lab *lab)
{
	struct lab_step *step = next_step(lab, "start");

	take_sample(lab, &lab->after);
	step->vmtrace_known = lab->vmtrace;
	step->rusage = lab->after.rusage;
	step->vmtrace = vmtrace_count(&lab->after.vmtrace);
	lab->steps++;
	lab_explain(lab,
		    "All faults of this process so far: it was loaded, and prepared this lab.");
}

void lab_begin(struct lab *lab, const char *name)
{
	next_step(lab, name);
	take_sample(lab, &lab->before);
}

void lab_end(struct lab *lab)
{
	struct lab_step *step = &lab->step[lab->steps];
	const struct process_stats *from = &lab->before.vmtrace, *to = &lab->after.vmtrace;

	take_sample(lab, &lab->after);
	lab->steps++;
	step->vmtrace_known = lab->vmtrace;
	step->rusage = difference(lab->before.rusage, lab->after.rusage);
	if (!lab->vmtrace)
		return;
	step->vmtrace = difference(vmtrace_count(from), vmtrace_count(to));
	count_kinds(&step->kinds, from, to);
	step->kinds_known = true;
	lab->unobserved += to->unobserved - from->unobserved;
	lab->missed += to->missed - from->missed;
	lab->dropped += to->dropped - from->dropped;
}

void lab_forget(struct lab *lab)
{
	lab->steps--;
}

void lab_write_step(struct lab *lab, const char *step, char *block, size_t pages)
{
	lab_begin(lab, step);
	lab_write(block, pages, (size_t)lab->page_size);
	lab_end(lab);
}

void lab_read_step(struct lab *lab, const char *step, const char *block, size_t pages)
{
	lab_begin(lab, step);
	lab_read(block, pages, (size_t)lab->page_size);
	lab_end(lab);
}

static struct lab_step *last_step(struct lab *lab)
{
	return &lab->step[lab->steps - 1];
}

void lab_predict_none(struct lab *lab)
{
	last_step(lab)->predicted = true;
}

static bool is_failure(enum vmtrace_class class)
{
	return class == VMTRACE_CLASS_SIGSEGV || class == VMTRACE_CLASS_SIGBUS ||
	       class == VMTRACE_CLASS_OOM || class == VMTRACE_CLASS_HWPOISON;
}

void lab_predict(struct lab *lab, enum vmtrace_class class, long long faults)
{
	struct lab_step *step = last_step(lab);

	step->predicted = true;
	step->due_kinds.class[class] += faults;
	step->due_kinds.origin[VMTRACE_ORIGIN_USER] += faults;
	if (!is_failure(class))
		step->due.minor += faults;
}

void lab_predict_major(struct lab *lab, enum vmtrace_class class, long long faults)
{
	struct lab_step *step = last_step(lab);

	lab_predict(lab, class, faults);
	step->due.minor -= faults;
	step->due.major += faults;
}

void lab_predict_origin(struct lab *lab, enum vmtrace_origin origin, long long faults)
{
	struct lab_step *step = last_step(lab);

	step->due_kinds.origin[VMTRACE_ORIGIN_USER] -= faults;
	step->due_kinds.origin[origin] += faults;
}

void lab_explain(struct lab *lab, const char *format, ...)
{
	struct lab_step *step = last_step(lab);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(step->explanation, sizeof(step->explanation), format, arguments);
	va_end(arguments);
}

long long lab_cost(const struct lab *lab)
{
	return lab_count_total(lab->step[lab->steps - 1].rusage);
}

long long lab_faults(void)
{
	return lab_count_total(rusage_count());
}

long long lab_retried(const struct lab *lab)
{
	return lab->after.vmtrace.retried - lab->before.vmtrace.retried;
}

long long lab_asleep_ns(const struct lab *lab)
{
	const struct process_stats *from = &lab->before.vmtrace, *to = &lab->after.vmtrace;
	long long asleep = 0;

	for (size_t i = 0; i < to->classes; i++)
		asleep += to->class[i].asleep_ns;
	for (size_t i = 0; i < from->classes; i++)
		asleep -= from->class[i].asleep_ns;
	return asleep;
}

void lab_fact(struct lab *lab, const char *name, const char *predicted, const char *measured)
{
	struct lab_fact *fact = &lab->fact[lab->facts++];

	if (lab->facts > LAB_FACTS)
		abort();
	fact->step = lab->steps - 1;
	snprintf(fact->name, sizeof(fact->name), "%s", name);
	snprintf(fact->predicted, sizeof(fact->predicted), "%s", predicted);
	snprintf(fact->measured, sizeof(fact->measured), "%s", measured);
}

void lab_number(struct lab *lab, const char *name, const char *unit, long long predicted,
		long long measured)
{
	char due[LAB_WORDS], is[LAB_WORDS];

	snprintf(due, sizeof(due), "%lld%s%s", predicted, *unit ? " " : "", unit);
	snprintf(is, sizeof(is), "%lld%s%s", measured, *unit ? " " : "", unit);
	lab_fact(lab, name, due, is);
}

void lab_note(struct lab *lab, const char *name, const char *format, ...)
{
	char text[LAB_WORDS];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	lab_fact(lab, name, "", text);
}

int lab_skip(struct lab *lab, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(lab->reason, sizeof(lab->reason), format, arguments);
	va_end(arguments);
	lab->skipped = true;
	return LAB_SKIPPED;
}

int lab_skip_threads(struct lab *lab, int err)
{
	return lab_skip(lab, "no thread can be started (%s): is there a limit (ulimit -u, -v)?",
			strerror(err));
}

const char *lab_count_of(unsigned long long count, const char *singular, const char *plural)
{
	static char texts[8][48];
	static unsigned int next;
	char *text = texts[next++ % ARRAY_SIZE(texts)];

	snprintf(text, sizeof(texts[0]), "%llu %s", count, count == 1 ? singular : plural);
	return text;
}
