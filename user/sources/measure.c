// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/format.h"
#include "lib/error.h"
#include "lib/exit_code.h"
#include "lib/file.h"
#include "lib/units.h"
#include "sources/child.h"
#include "sources/difference.h"
#include "sources/measure.h"
#include "sources/reading.h"
#include "sources/source.h"
#include "sources/stat_run.h"
#include "sources/stats.h"
#include "sources/task_stat.h"

/* Errors that do not come from the source begin with the verb. */
#define VERB "stat"

struct subject {
	int pid, fd; /* fd: a pidfd, or -1 */
	bool ended;
	struct reading before, after;
};

static void judge(struct stat_run *run)
{
	const double *number = run->number;

	run->exact = number[STAT_minor] + number[STAT_before_minor] == number[STAT_kernel_minor] &&
		     number[STAT_major] + number[STAT_before_major] == number[STAT_kernel_major] &&
		     number[STAT_unobserved] == 0 && number[STAT_dropped] == 0;
}

static void add_residency(int pid, struct stat_run *run)
{
	struct error error;
	struct maps_stats maps;
	double page;
	int err;

	err = source_residency(pid, &maps, &error);
	if (err) {
		reading_problem(run->no_residency, err, &error);
		return;
	}
	page = (double)maps.page_bytes;
	run->number[STAT_reserved_bytes] += (double)maps.reserved * page;
	run->number[STAT_untouched_bytes] += (double)maps.untouched * page;
	maps_free(&maps);
}

static void drop_residency(struct stat_run *run, const char *why)
{
	if (!run->no_residency[0])
		snprintf(run->no_residency, CAVEAT_MAX, "%s", why);
	run->number[STAT_reserved_bytes] = NAN;
	run->number[STAT_untouched_bytes] = NAN;
}

static int no_memory(struct error *error)
{
	return error_set(error, -ENOMEM, VERB ": out of memory: free some and try again");
}

/* Sum up the subjects; false with error filled in if the numbers contradict each other. */
static bool sum_up(struct stat_run *run, const struct subject *subject, size_t count,
		   const struct summary_stats *before, struct error *error)
{
	struct difference *difference = calloc(1, sizeof(*difference));
	struct summary_stats after;
	bool backwards;

	if (!difference) {
		no_memory(error);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		difference_add(difference, run, &subject[i].before, &subject[i].after);
	difference_finish(difference, run);
	backwards = difference->backwards;
	free(difference);
	if (source_summary(&after, error) != 0)
		return false;
	if (backwards || after.missed < before->missed) {
		error_set(error, -EAGAIN,
			  VERB ": the counts were reset meanwhile: vmtrace was loaded again, or "
			       "another process has the pid: try again");
		return false;
	}
	run->number[STAT_missed] = (double)(after.missed - before->missed);
	return true;
}

/* The command has taken faults, in exec. Did vmtrace see all of them? */
static bool is_tracked(int pid, const char *name, struct reading *reading, struct error *error)
{
	if (reading_take(pid, reading, error) != 0)
		return false;
	if (reading->stats.unobserved == 0 && reading->stats.dropped == 0 &&
	    reading->stats.minor + reading->stats.major > 0)
		return true;
	error_set(error, -ENODATA,
		  VERB ": %s: was not run: vmtrace saw %lld of the %lld faults before its first "
		       "instruction: try: sudo vmtrace doctor",
		  name, reading->stats.minor + reading->stats.major,
		  reading->stats.kernel_minor + reading->stats.kernel_major);
	return false;
}

/* child_start(), with the verb before its error. */
static int start_command(struct child *child, char **argv, struct error *error)
{
	struct error reason;
	int code = child_start(child, argv, &reason);

	if (code)
		error_set(error, -ECHILD, VERB ": %.1000s", reason.text);
	return code;
}

/* Run the command from its first instruction to its end. Returns how long that took, in ns. */
static double run_command(struct child *child, struct stat_run *run)
{
	static const char not_seen[] = "its first thread exited before the others, or it executed "
				       "another program";
	bool watched, seen = false;
	double start, paused = 0;

	/* If its residency cannot be read, there is no need to hold it at its exit. */
	add_residency(child->pid, run);
	watched = !run->no_residency[0];
	run->number[STAT_reserved_bytes] = run->number[STAT_untouched_bytes] = 0;
	start = monotonic_ns();
	child_release(child, watched);
	while (child_wait(child) == CHILD_EXITING) {
		double from = monotonic_ns();

		if (child_is_last(child)) {
			add_residency(child->pid, run);
			seen = true;
		}
		child_release(child, false);
		paused += monotonic_ns() - from;
	}
	if (!seen || run->no_residency[0])
		drop_residency(run, not_seen);
	return monotonic_ns() - start - paused;
}

/* The kernel's counts of the command are available until it is reaped. */
static void compare_with_rusage(struct stat_run *run, struct child *child, int *code)
{
	unsigned long long minor, major;
	bool known = task_children(child->pid, &minor, &major);
	struct rusage usage;

	*code = child_reap(child, &usage);
	run->number[STAT_children_minor] = known ? (double)minor : NAN;
	run->number[STAT_children_major] = known ? (double)major : NAN;
	run->number[STAT_kernel_minor] = (double)usage.ru_minflt - run->number[STAT_children_minor];
	run->number[STAT_kernel_major] = (double)usage.ru_majflt - run->number[STAT_children_major];
}

static bool measure_child(struct child *child, struct subject *subject,
			  const struct summary_stats *before, struct stat_run *run, int *code,
			  struct error *error)
{
	double wall = run_command(child, run);
	bool known = reading_take(child->pid, &subject->after, error) == 0 &&
		     sum_up(run, subject, 1, before, error);

	run->number[STAT_wall_ns] = wall;
	run->number[STAT_before_minor] = (double)subject->before.stats.minor;
	run->number[STAT_before_major] = (double)subject->before.stats.major;
	compare_with_rusage(run, child, code);
	judge(run);
	return known;
}

bool measure_command(char **argv, struct stat_run *run, int *code, struct error *error)
{
	struct subject *subject = calloc(1, sizeof(*subject));
	struct summary_stats before;
	struct child child;
	bool known = false;

	memset(run, 0, sizeof(*run));
	*code = EXIT_FAILED;
	if (!subject)
		no_memory(error);
	else if (source_summary(&before, error) == 0)
		*code = start_command(&child, argv, error);
	if (*code == 0) {
		if (is_tracked(child.pid, argv[0], &subject->before, error)) {
			known = measure_child(&child, subject, &before, run, code, error);
		} else {
			child_kill(&child);
			*code = EXIT_FAILED;
		}
	}
	free(subject);
	return known;
}

/* A pidfd, which is readable once the process has ended; -1 for a process of a recording. */
static int watch(int pid)
{
	return *root_prefix() ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
}

static bool begin(struct subject *subject, const int *pids, size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		subject[i].pid = pids[i];
		/* Open the pidfd first, so that the end of the process is not missed. */
		subject[i].fd = watch(pids[i]);
		if (reading_take(pids[i], &subject[i].before, error) != 0)
			return false;
		subject[i].ended = strcmp(subject[i].before.stats.state, VMTRACE_STATE_EXITED) == 0;
	}
	return true;
}

/* Read the processes that have ended now: the module may evict them later. */
static bool read_ended(struct subject *subject, const struct pollfd *fds, size_t count,
		       struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		if (subject[i].ended || !(fds[i].revents & POLLIN))
			continue;
		subject[i].ended = true;
		if (reading_take(subject[i].pid, &subject[i].after, error) != 0)
			return false;
	}
	return true;
}

static size_t count_alive(const struct subject *subject, size_t count)
{
	size_t alive = 0;

	for (size_t i = 0; i < count; i++)
		alive += !subject[i].ended;
	return alive;
}

/*
 * Wait until all processes or the command have ended, or a signal was caught. Returns false with
 * error filled in on failure.
 */
static bool await(struct subject *subject, size_t count, struct child *child, struct error *error)
{
	struct pollfd *fds = calloc(count + 1, sizeof(*fds));
	bool well = fds != NULL;
	int got = 0;

	if (!fds) {
		no_memory(error);
		return false;
	}
	fds[count] = (struct pollfd){ -1, POLLIN, 0 };
	if (child->pid)
		fds[count].fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	while (well && count_alive(subject, count) && got >= 0 && !(fds[count].revents & POLLIN)) {
		for (size_t i = 0; i < count; i++)
			fds[i] =
				(struct pollfd){ subject[i].ended ? -1 : subject[i].fd, POLLIN, 0 };
		got = child_poll(fds, count + 1);
		if (got > 0)
			well = read_ended(subject, fds, count, error);
	}
	if (fds[count].fd >= 0)
		close(fds[count].fd);
	free(fds);
	return well;
}

/* Take the readings of the processes that have not ended, and read the residency of all. */
static bool finish(struct subject *subject, size_t count, struct stat_run *run, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (!subject[i].after.stats.pid &&
		    reading_take(subject[i].pid, &subject[i].after, error) != 0)
			return false;
	for (size_t i = 0; i < count && !run->no_residency[0]; i++)
		add_residency(subject[i].pid, run);
	if (run->no_residency[0])
		drop_residency(run, "");
	return true;
}

static bool measure_subjects(struct subject *subject, const int *pids, size_t count, char **argv,
			     struct stat_run *run, int *code, struct error *error)
{
	struct child child = { 0 };
	struct summary_stats before;
	bool known = source_summary(&before, error) == 0 && begin(subject, pids, count, error);
	double start;

	if (known && *argv) {
		*code = start_command(&child, argv, error);
		known = *code == 0;
		if (known)
			child_release(&child, false);
	}
	start = monotonic_ns();
	known = known && await(subject, count, &child, error);
	run->number[STAT_wall_ns] = monotonic_ns() - start;
	known = known && finish(subject, count, run, error) &&
		sum_up(run, subject, count, &before, error);
	if (child.pid && child_signal())
		child_kill(&child);
	else if (child.pid)
		*code = child_wait(&child) == CHILD_ENDED ? child_reap(&child, NULL) : EXIT_FAILED;
	run->number[STAT_children_minor] = run->number[STAT_children_major] = NAN;
	judge(run);
	return known;
}

bool measure_processes(const int *pids, size_t count, char **argv, struct stat_run *run, int *code,
		       struct error *error)
{
	struct subject *subject = calloc(count, sizeof(*subject));
	bool known = false;

	memset(run, 0, sizeof(*run));
	*code = EXIT_DONE;
	for (size_t i = 0; subject && i < count; i++)
		subject[i].fd = -1;
	if (subject)
		known = measure_subjects(subject, pids, count, argv, run, code, error);
	else
		no_memory(error);
	for (size_t i = 0; subject && i < count; i++)
		if (subject[i].fd >= 0)
			close(subject[i].fd);
	free(subject);
	if (!known && *code == EXIT_DONE)
		*code = EXIT_FAILED;
	return known;
}
