// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "latency.h"
#include "measure.h"
#include "util.h"

#define VERB "stat"

/* What is known of a process at one moment. */
struct reading {
	struct process_stats stats;
	struct latency_stats latency;
	char no_latency[CAVEAT_MAX]; /* why that is not known, or "" */
	double cpu_ns;
};

struct subject {
	int pid, fd; /* the fd tells when it ends; -1 once it has, or if nothing does */
	bool ended;
	struct reading before, after;
};

/* A sum over processes, of what came between their two readings. */
struct growth {
	struct class_growth {
		char name[SOURCE_CLASS_MAX];
		long long number[CLASS_NUMBERS];
		unsigned long long count[VMTRACE_HIST_BUCKETS];
		bool max_known, quantiles_known;
	} class[SOURCE_CLASSES];
	size_t classes;
	bool backwards; /* a number fell */
};

/* A process of another machine, which $VMTRACE_ROOT may show, has no clock here. */
static double cpu_ns_of(int pid)
{
	struct timespec time;
	clockid_t clock;

	if (*root_prefix() || clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &time) != 0)
		return NAN;
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* debugfs knows processes by their numbers there, which may be of others here. */
static bool in_first_pid_namespace(void)
{
	static const char first[] = "pid:[4026531836]";
	char link[sizeof(first)] = "";

	return *root_prefix() ||
	       (readlink("/proc/self/ns/pid", link, sizeof(link)) == sizeof(first) - 1 &&
		memcmp(link, first, sizeof(first) - 1) == 0);
}

/* Why something in debugfs cannot be read, for people. */
static void explain_debugfs(char reason[CAVEAT_MAX], int err, const struct source_error *error)
{
	if (err == -EACCES || err == -EPERM)
		strcpy(reason, "only root may read debugfs");
	else
		snprintf(reason, CAVEAT_MAX, "%.*s", CAVEAT_MAX - 1, error->text);
}

static int open_debugfs_of(char reason[CAVEAT_MAX])
{
	if (in_first_pid_namespace())
		return 0;
	strcpy(reason, "debugfs is for the first pid namespace, and this is another one");
	return -ENOENT;
}

static int take_reading(int pid, struct reading *reading, struct source_error *error)
{
	struct source_error unread;
	int err;

	/* In the midst of a fault, the two counts may be apart for a moment. */
	for (int tries = 0; tries < 16; tries++) {
		err = source_process(pid, &reading->stats, error);
		if (err || !reading->stats.in_flight || !reading->stats.unobserved)
			break;
	}
	if (err)
		return err;
	reading->no_latency[0] = '\0';
	reading->latency.classes = 0;
	if (open_debugfs_of(reading->no_latency) == 0) {
		err = source_latency(pid, &reading->latency, &unread);
		if (err)
			explain_debugfs(reading->no_latency, err, &unread);
	}
	reading->cpu_ns = cpu_ns_of(pid);
	return 0;
}

static void take_ledger(int pid, struct stat_run *run)
{
	struct source_error error;
	struct maps_stats maps;
	double page;
	int err;

	if (open_debugfs_of(run->no_ledger) != 0)
		return;
	err = source_maps(pid, &maps, &error);
	if (err) {
		explain_debugfs(run->no_ledger, err, &error);
		return;
	}
	page = (double)maps.page_bytes;
	run->number[STAT_reserved_bytes] += (double)maps.reserved * page;
	run->number[STAT_untouched_bytes] += (double)maps.untouched * page;
	source_free_maps(&maps);
}

static void forget_ledger(struct stat_run *run, const char *why)
{
	if (!run->no_ledger[0])
		snprintf(run->no_ledger, CAVEAT_MAX, "%s", why);
	run->number[STAT_reserved_bytes] = NAN;
	run->number[STAT_untouched_bytes] = NAN;
}

static const struct class_stats *class_of(const struct process_stats *stats, const char *name)
{
	for (size_t i = 0; i < stats->classes; i++)
		if (strcmp(stats->class[i].name, name) == 0)
			return &stats->class[i];
	return NULL;
}

static struct class_growth *growth_of(struct growth *growth, const char *name)
{
	struct class_growth *class;

	for (size_t i = 0; i < growth->classes; i++)
		if (strcmp(growth->class[i].name, name) == 0)
			return &growth->class[i];
	if (growth->classes == SOURCE_CLASSES)
		return NULL;
	class = &growth->class[growth->classes];
	memset(class, 0, sizeof(*class));
	snprintf(class->name, sizeof(class->name), "%s", name);
	class->max_known = true;
	class->quantiles_known = true;
	growth->classes++;
	return class;
}

/* A maximum from before hides those since, if they are smaller. */
static void add_max(struct class_growth *class, const struct class_stats *before,
		    const struct class_stats *after)
{
	if (before && after->max_ns <= before->max_ns && after->faults > before->faults)
		class->max_known = false;
	if (after->max_ns > class->number[CLASS_max_ns])
		class->number[CLASS_max_ns] = after->max_ns;
}

static void add_class(struct growth *growth, const struct reading *from, const struct reading *to,
		      const struct class_stats *after)
{
	static const struct class_stats nothing;
	const struct class_stats *before = class_of(&from->stats, after->name);
	struct class_growth *class;

	if (before && after->faults == before->faults)
		return;
	class = growth_of(growth, after->name);
	if (!class)
		return;
	/* One process, and nothing before: what the source says is of these faults alone. */
	if (before || class->number[CLASS_faults])
		class->quantiles_known = false;
#define ADD(column, meaning)                                                            \
	if (CLASS_##column < CLASS_p50_ns) {                                            \
		long long grown = after->column - (before ? before : &nothing)->column; \
		class->number[CLASS_##column] += grown;                                 \
		growth->backwards |= grown < 0;                                         \
	}
	VMTRACE_CLASS_COLUMNS(ADD)
#undef ADD
	class->number[CLASS_p50_ns] = after->p50_ns;
	class->number[CLASS_p90_ns] = after->p90_ns;
	class->number[CLASS_p99_ns] = after->p99_ns;
	add_max(class, before, after);
	if (!latency_add(class->count, latency_find(&from->latency, after->name),
			 latency_find(&to->latency, after->name)))
		growth->backwards = true;
}

/* Its numbers, its classes and its CPU time. */
static void add_subject(struct stat_run *run, struct growth *growth, const struct reading *from,
			const struct reading *to)
{
	for (size_t i = 0; i < to->stats.classes; i++)
		add_class(growth, from, to, &to->stats.class[i]);
	for (size_t i = 0; i < from->stats.classes; i++)
		if (!class_of(&to->stats, from->stats.class[i].name))
			growth->backwards = true;
#define ADD(key)                                                                      \
	do {                                                                          \
		run->number[STAT_##key] += (double)(to->stats.key - from->stats.key); \
		growth->backwards |= to->stats.key < from->stats.key;                 \
	} while (0)
	ADD(minor);
	ADD(major);
	ADD(failed);
	ADD(retried);
	ADD(kernel_minor);
	ADD(kernel_major);
	ADD(dropped);
	ADD(untimed);
#undef ADD
	run->number[STAT_unobserved] += (double)(to->stats.unobserved - from->stats.unobserved);
	run->number[STAT_cpu_ns] += to->cpu_ns - from->cpu_ns;
	growth->backwards |= to->stats.start_ns != from->stats.start_ns;
	if (!run->no_quantiles[0])
		strcpy(run->no_quantiles, from->no_latency[0] ? from->no_latency : to->no_latency);
}

/* Quantiles do not add up, but histograms do. */
static void set_quantiles(struct class_growth *class)
{
	const unsigned long long *count = class->count;
	unsigned long long max = (unsigned long long)class->number[CLASS_max_ns];
	/* vmtrace_hist_*() take the kernel's own type of 64 bits. */
	__u64 hist[VMTRACE_HIST_BUCKETS];

	for (size_t i = 0; i < ARRAY_SIZE(hist); i++)
		hist[i] = count[i];
	if (!class->max_known)
		max = vmtrace_hist_max(hist, max);
	class->number[CLASS_p50_ns] = (long long)vmtrace_hist_quantile(hist, 500, max);
	class->number[CLASS_p90_ns] = (long long)vmtrace_hist_quantile(hist, 900, max);
	class->number[CLASS_p99_ns] = (long long)vmtrace_hist_quantile(hist, 990, max);
	class->number[CLASS_max_ns] = (long long)max;
	class->quantiles_known = true;
	class->max_known = true;
}

static void take_classes(struct stat_run *run, struct growth *growth)
{
	bool all_known = true;

	run->classes = growth->classes;
	for (size_t i = 0; i < growth->classes; i++) {
		struct class_growth *class = &growth->class[i];
		double *number = run->class[i].number;

		if (!run->no_quantiles[0])
			set_quantiles(class);
		memcpy(run->class[i].name, class->name, sizeof(class->name));
		for (int n = 0; n < CLASS_NUMBERS; n++)
			number[n] = (double)class->number[n];
		if (!class->quantiles_known)
			number[CLASS_p50_ns] = number[CLASS_p90_ns] = number[CLASS_p99_ns] = NAN;
		if (!class->max_known)
			number[CLASS_max_ns] = NAN;
		all_known = all_known && class->quantiles_known && class->max_known;
		run->number[STAT_fault_ns] += number[CLASS_total_ns];
		run->number[STAT_asleep_ns] += number[CLASS_asleep_ns];
	}
	if (all_known)
		run->no_quantiles[0] = '\0';
}

static void judge(struct stat_run *run)
{
	const double *number = run->number;

	run->exact = number[STAT_minor] + number[STAT_before_minor] == number[STAT_kernel_minor] &&
		     number[STAT_major] + number[STAT_before_major] == number[STAT_kernel_major] &&
		     number[STAT_unobserved] == 0 && number[STAT_dropped] == 0;
}

/* Sum up the subjects; false after a message if the numbers contradict each other. */
static bool sum_up(struct stat_run *run, const struct subject *subject, size_t count,
		   const struct summary_stats *before)
{
	struct growth *growth = calloc(1, sizeof(*growth));
	struct summary_stats after;
	struct source_error error;
	bool backwards;

	if (!growth) {
		message(VERB ": out of memory: free some and try again");
		return false;
	}
	for (size_t i = 0; i < count; i++)
		add_subject(run, growth, &subject[i].before, &subject[i].after);
	take_classes(run, growth);
	backwards = growth->backwards;
	free(growth);
	if (source_summary(&after, &error) != 0) {
		message("%s", error.text);
		return false;
	}
	if (backwards || after.reset_ns != before->reset_ns || after.missed < before->missed) {
		message(VERB
			": the counts began anew meanwhile, so there are no numbers: vmtrace was "
			"reset or loaded again, or another process has the pid: try again");
		return false;
	}
	run->number[STAT_missed] = (double)(after.missed - before->missed);
	return true;
}

static bool ready(struct summary_stats *summary)
{
	struct source_error error;

	if (source_summary(summary, &error) == 0)
		return true;
	message("%s", error.text);
	return false;
}

/* It has had faults, in exec: did vmtrace see them? */
static bool is_tracked(int pid, const char *name, struct reading *reading)
{
	struct source_error error;

	if (take_reading(pid, reading, &error) != 0) {
		message("%s", error.text);
		return false;
	}
	if (reading->stats.unobserved == 0 && reading->stats.dropped == 0 &&
	    reading->stats.minor + reading->stats.major > 0)
		return true;
	message(VERB ": %s: was not run: vmtrace saw %lld of the %lld faults until its first "
		     "instruction: what is wrong? try: sudo vmtrace doctor",
		name, reading->stats.minor + reading->stats.major,
		reading->stats.kernel_minor + reading->stats.kernel_major);
	return false;
}

/* Minor and major faults of the children of a process that has ended. */
static bool read_children(int pid, double *minor, double *major)
{
	unsigned long long faults[2];
	char path[32], text[1024] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	if (!child_parse_stat(text, &faults[0], &faults[1]))
		return false;
	*minor = (double)faults[0];
	*major = (double)faults[1];
	return true;
}

/* From its first instruction to its end. Returns how long that took. */
static double run_command(struct child *child, struct stat_run *run)
{
	static const char not_seen[] = "its first thread exited before the others, or it executed "
				       "another program";
	bool watched, seen = false;
	double start, paused = 0;

	/* If the ledger cannot be read, there is nothing to hold it for. */
	take_ledger(child->pid, run);
	watched = !run->no_ledger[0];
	run->number[STAT_reserved_bytes] = run->number[STAT_untouched_bytes] = 0;
	start = monotonic_ns();
	child_release(child, watched);
	while (child_wait(child) == CHILD_EXITING) {
		double from = monotonic_ns();

		if (child_is_last(child)) {
			take_ledger(child->pid, run);
			seen = true;
		}
		child_release(child, false);
		paused += monotonic_ns() - from;
	}
	if (!seen || run->no_ledger[0])
		forget_ledger(run, not_seen);
	return monotonic_ns() - start - paused;
}

/* What it has used is known until it is reaped. */
static void compare_with_rusage(struct stat_run *run, struct child *child, int *code)
{
	double minor, major;
	bool known = read_children(child->pid, &minor, &major);
	struct rusage usage;

	*code = child_reap(child, &usage);
	run->number[STAT_children_minor] = known ? minor : NAN;
	run->number[STAT_children_major] = known ? major : NAN;
	run->number[STAT_kernel_minor] = (double)usage.ru_minflt - run->number[STAT_children_minor];
	run->number[STAT_kernel_major] = (double)usage.ru_majflt - run->number[STAT_children_major];
}

static bool measure_child(struct child *child, struct subject *subject,
			  const struct summary_stats *before, struct stat_run *run, int *code)
{
	struct source_error error;
	double wall = run_command(child, run);
	int err = take_reading(child->pid, &subject->after, &error);
	bool known = !err && sum_up(run, subject, 1, before);

	run->number[STAT_wall_ns] = wall;
	run->number[STAT_before_minor] = (double)subject->before.stats.minor;
	run->number[STAT_before_major] = (double)subject->before.stats.major;
	compare_with_rusage(run, child, code);
	if (err)
		message("%s", error.text);
	judge(run);
	return known;
}

bool measure_command(char **argv, struct stat_run *run, int *code)
{
	struct subject *subject = calloc(1, sizeof(*subject));
	struct summary_stats before;
	struct child child;
	bool known = false;

	memset(run, 0, sizeof(*run));
	*code = EXIT_FAILED;
	if (!subject)
		message(VERB ": out of memory: free some and try again");
	else if (ready(&before))
		*code = child_start(&child, VERB, argv);
	if (*code == 0) {
		if (is_tracked(child.pid, argv[0], &subject->before)) {
			known = measure_child(&child, subject, &before, run, code);
		} else {
			child_kill(&child);
			*code = EXIT_FAILED;
		}
	}
	free(subject);
	return known;
}

/* Watch for the end of a process, if it is of this machine. */
static int watch(int pid)
{
	return *root_prefix() ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
}

static bool begin(struct subject *subject, const int *pids, size_t count)
{
	struct source_error error;

	for (size_t i = 0; i < count; i++) {
		subject[i].pid = pids[i];
		/* First, so that what is watched is what is read. */
		subject[i].fd = watch(pids[i]);
		if (take_reading(pids[i], &subject[i].before, &error) != 0) {
			message("%s", error.text);
			return false;
		}
		subject[i].ended = strcmp(subject[i].before.stats.state, VMTRACE_STATE_EXITED) == 0;
	}
	return true;
}

/* The last numbers of those that have ended: later, they may be forgotten. */
static bool take_ended(struct subject *subject, const struct pollfd *fds, size_t count)
{
	struct source_error error;

	for (size_t i = 0; i < count; i++) {
		if (subject[i].ended || !(fds[i].revents & POLLIN))
			continue;
		subject[i].ended = true;
		if (take_reading(subject[i].pid, &subject[i].after, &error) != 0) {
			message("%s", error.text);
			return false;
		}
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

/* Until all have ended, or the command, or a signal came. False after a message. */
static bool await(struct subject *subject, size_t count, struct child *child)
{
	struct pollfd *fds = calloc(count + 1, sizeof(*fds));
	bool well = fds != NULL;
	int got = 0;

	if (!fds) {
		message(VERB ": out of memory: free some and try again");
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
			well = take_ended(subject, fds, count);
	}
	if (fds[count].fd >= 0)
		close(fds[count].fd);
	free(fds);
	return well;
}

/* The readings of those that have not ended, and their ledgers. */
static bool finish(struct subject *subject, size_t count, struct stat_run *run)
{
	struct source_error error;

	for (size_t i = 0; i < count; i++) {
		if (subject[i].after.stats.pid)
			continue;
		if (take_reading(subject[i].pid, &subject[i].after, &error) != 0) {
			message("%s", error.text);
			return false;
		}
	}
	for (size_t i = 0; i < count && !run->no_ledger[0]; i++)
		take_ledger(subject[i].pid, run);
	if (run->no_ledger[0])
		forget_ledger(run, "");
	return true;
}

static bool measure_subjects(struct subject *subject, const int *pids, size_t count, char **argv,
			     struct stat_run *run, int *code)
{
	struct child child = { 0 };
	struct summary_stats before;
	bool known = ready(&before) && begin(subject, pids, count);
	double start;

	if (known && *argv) {
		*code = child_start(&child, VERB, argv);
		known = *code == 0;
		if (known)
			child_release(&child, false);
	}
	start = monotonic_ns();
	known = known && await(subject, count, &child);
	run->number[STAT_wall_ns] = monotonic_ns() - start;
	known = known && finish(subject, count, run) && sum_up(run, subject, count, &before);
	if (child.pid && child_signal())
		child_kill(&child);
	else if (child.pid)
		*code = child_wait(&child) == CHILD_ENDED ? child_reap(&child, NULL) : EXIT_FAILED;
	run->number[STAT_children_minor] = run->number[STAT_children_major] = NAN;
	judge(run);
	return known;
}

bool measure_processes(const int *pids, size_t count, char **argv, struct stat_run *run, int *code)
{
	struct subject *subject = calloc(count, sizeof(*subject));
	bool known = false;

	memset(run, 0, sizeof(*run));
	*code = EXIT_DONE;
	for (size_t i = 0; subject && i < count; i++)
		subject[i].fd = -1;
	if (subject)
		known = measure_subjects(subject, pids, count, argv, run, code);
	else
		message(VERB ": out of memory: free some and try again");
	for (size_t i = 0; subject && i < count; i++)
		if (subject[i].fd >= 0)
			close(subject[i].fd);
	free(subject);
	if (!known && *code == EXIT_DONE)
		*code = EXIT_FAILED;
	return known;
}
