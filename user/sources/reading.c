// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/error.h"
#include "lib/file.h"
#include "sources/reading.h"
#include "sources/source.h"

/* A process of a recording (below $VMTRACE_ROOT) has no CPU clock on this machine. */
static double cpu_ns_of(int pid)
{
	struct timespec time;
	clockid_t clock;

	if (*root_prefix() || clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &time) != 0)
		return NAN;
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

void reading_problem(char text[CAVEAT_MAX], int err, const struct error *error)
{
	if (err == -EACCES)
		strcpy(text, "only root may read debugfs");
	else if (err == -EPERM)
		strcpy(text, "the kernel is locked down, so debugfs cannot be read");
	else
		snprintf(text, CAVEAT_MAX, "%.*s", CAVEAT_MAX - 1, error->text);
}

int reading_take(int pid, struct reading *reading, struct error *error)
{
	struct error unread;
	int err;

	/* While a thread is inside a fault, the two counts may differ for a moment. */
	for (int tries = 0; tries < 16; tries++) {
		err = source_process(pid, &reading->stats, error);
		if (err || !reading->stats.in_flight || !reading->stats.unobserved)
			break;
	}
	if (err)
		return err;
	reading->no_latency[0] = '\0';
	reading->latency.classes = 0;
	err = source_latency(pid, &reading->latency, &unread);
	if (err)
		reading_problem(reading->no_latency, err, &unread);
	reading->cpu_ns = cpu_ns_of(pid);
	return 0;
}
