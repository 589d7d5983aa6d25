// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "source.h"
#include "util.h"

/* The longest file that is understood, and the path it was read from. */
static char contents[64 * 1024];
static char path[PATH_MAX];

int source_fail(struct source_error *error, int err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return err;
}

/* Path of the file, or with file "" of the directory, into path[]. */
static int set_path(const char *file, struct source_error *error)
{
	int length = snprintf(path, sizeof(path), "%s/proc/" VMTRACE_DIR "%s%s", root_prefix(),
			      *file ? "/" : "", file);

	if (length < 0 || (size_t)length >= sizeof(path))
		return source_fail(error, -ENAMETOOLONG,
				   "VMTRACE_ROOT: too long: use a shorter path");
	return 0;
}

static int explain_open(int err, const char *file, struct source_error *error)
{
	struct stat status;

	bool of_all = strcmp(file, VMTRACE_SUMMARY) == 0 || strcmp(file, VMTRACE_TOTAL) == 0;

	if (err == -EACCES && !of_all)
		return source_fail(
			error, -EACCES,
			"%s: not permitted: pid %s belongs to another user or hides itself: "
			"run as that user or with CAP_PERFMON",
			path, file);
	if (err != -ENOENT && err != -ESRCH)
		return source_fail(error, err,
				   "%s: %s: is vmtrace loaded and intact? see 'sudo dmesg'", path,
				   strerror(-err));
	set_path("", error);
	if (stat(path, &status) != 0)
		return source_fail(
			error, -ENODEV,
			"%s: not found: is the module loaded? try: sudo insmod vmtrace.ko", path);
	set_path(file, error);
	if (of_all)
		return source_fail(error, -ENOENT,
				   "%s: not found: do tool and module belong together? compare "
				   "'vmtrace version'",
				   path);
	return source_fail(
		error, -ENOENT,
		"%s: not found: no such process, or it is not tracked because it took no fault "
		"since the module was loaded: check with 'ps -p %s'",
		path, file);
}

/* The whole file into contents[]; returns its length or a negative errno. */
static ssize_t read_file(const char *file, struct source_error *error)
{
	size_t length = 0;
	ssize_t got;
	int fd, err;

	err = set_path(file, error);
	if (err)
		return err;
	do {
		fd = open(path, O_RDONLY | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return explain_open(-errno, file, error);
	do {
		got = read(fd, contents + length, sizeof(contents) - length);
		if (got > 0)
			length += (size_t)got;
	} while ((got > 0 && length < sizeof(contents)) || (got < 0 && errno == EINTR));
	err = got < 0 ? -errno : 0;
	close(fd);
	if (err)
		return explain_open(err, file, error);
	if (length == sizeof(contents))
		return source_fail(error, -EFBIG,
				   "%s: longer than this tool can read: update vmtrace", path);
	return (ssize_t)length;
}

int source_process(int pid, struct process_stats *stats, struct source_error *error)
{
	char file[16] = VMTRACE_SELF;
	ssize_t length;

	if (pid != SOURCE_SELF)
		snprintf(file, sizeof(file), "%d", pid);
	length = read_file(file, error);
	if (length < 0)
		return (int)length;
	return source_parse_process(path, contents, (size_t)length, stats, error);
}

int source_summary(struct summary_stats *stats, struct source_error *error)
{
	ssize_t length = read_file(VMTRACE_SUMMARY, error);

	if (length < 0)
		return (int)length;
	return source_parse_summary(path, contents, (size_t)length, stats, error);
}

int source_total(struct total_stats *stats, struct source_error *error)
{
	ssize_t length = read_file(VMTRACE_TOTAL, error);

	if (length < 0)
		return (int)length;
	return source_parse_total(path, contents, (size_t)length, stats, error);
}

#define DEBUGFS "/sys/kernel/debug"

/* Path of a process's file in debugfs, or with pid 0 of the directory of all, into path[]. */
static int set_debugfs_path(int pid, const char *name, struct source_error *error)
{
	char file[32] = "";
	int length;

	if (pid)
		snprintf(file, sizeof(file), "/%d/%s", pid, name);
	length = snprintf(path, sizeof(path), "%s" DEBUGFS "/" VMTRACE_DIR "%s", root_prefix(),
			  file);
	if (length < 0 || (size_t)length >= sizeof(path))
		return source_fail(error, -ENAMETOOLONG,
				   "VMTRACE_ROOT: too long: use a shorter path");
	return 0;
}

static int set_maps_path(int pid, struct source_error *error)
{
	return set_debugfs_path(pid, VMTRACE_MAPS, error);
}

static bool is_there(void)
{
	struct stat status;

	return stat(path, &status) == 0;
}

static int explain_maps(int err, int pid, struct source_error *error)
{
	char file[16];

	if (err == -ESRCH)
		return source_fail(error, err,
				   "%s: no memory to look at: the process has exited, or is a "
				   "thread of the kernel: see 'vmtrace show %d'",
				   path, pid);
	if (err != -ENOENT && err != -EACCES && err != -EPERM)
		return source_fail(error, err,
				   "%s: %s: is vmtrace loaded and intact? see 'sudo dmesg'", path,
				   strerror(-err));
	/* Why, is better seen in /proc: it hides less. */
	snprintf(file, sizeof(file), "%d", pid);
	set_path(file, error);
	if (!is_there())
		return explain_open(-ENOENT, file, error);
	set_maps_path(err == -ENOENT ? 0 : pid, error);
	if (err != -ENOENT)
		return source_fail(
			error, err,
			"%s: not permitted: only root may see addresses: try: sudo vmtrace maps %d",
			path, pid);
	if (!is_there())
		return source_fail(error, err,
				   "%s: not found: debugfs is not mounted: try: sudo mount -t "
				   "debugfs debugfs " DEBUGFS,
				   path);
	set_maps_path(pid, error);
	return source_fail(error, err,
			   "%s: not found: it comes a moment after the process, and only in the "
			   "first pid namespace: try again there",
			   path);
}

/* The directory of a new process is made a moment after it began: wait for it, a second at most. */
static int open_debugfs(int pid, const char *name)
{
	const struct timespec moment = { 0, 1000000 };
	struct source_error unused = { 0 };
	char file[16];
	int fd, i;

	snprintf(file, sizeof(file), "%d", pid);
	for (i = 0;; i++) {
		set_debugfs_path(pid, name, &unused);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 || (errno != ENOENT && errno != EINTR) || i == 1000)
			return fd < 0 ? -errno : fd;
		set_path(file, &unused);
		if (!is_there()) {
			set_debugfs_path(pid, name, &unused);
			return -ENOENT;
		}
		nanosleep(&moment, NULL);
	}
}

/* All that is left of a file; NULL with errno set. */
static char *read_all(int fd, size_t *length)
{
	size_t size = 64 * 1024;
	char *text = malloc(size), *larger;
	ssize_t got = 1;

	*length = 0;
	while (text && got) {
		got = read(fd, text + *length, size - *length);
		if (got < 0 && errno != EINTR) {
			free(text);
			return NULL;
		}
		*length += got > 0 ? (size_t)got : 0;
		if (*length < size)
			continue;
		size *= 2;
		larger = realloc(text, size);
		if (!larger)
			free(text);
		text = larger;
	}
	return text;
}

int source_maps(int pid, struct maps_stats *stats, struct source_error *error)
{
	size_t length;
	int fd, err;

	if (pid == SOURCE_SELF)
		pid = getpid();
	err = set_maps_path(pid, error);
	if (err)
		return err;
	fd = open_debugfs(pid, VMTRACE_MAPS);
	if (fd < 0)
		return explain_maps(fd, pid, error);
	stats->text = read_all(fd, &length);
	err = stats->text ? 0 : -errno;
	close(fd);
	if (err)
		return explain_maps(err, pid, error);
	err = source_parse_maps(path, stats->text, length, stats, error);
	if (err)
		free(stats->text);
	return err;
}

void source_free_maps(struct maps_stats *stats)
{
	free(stats->map);
	free(stats->text);
}

int source_latency(int pid, struct latency_stats *stats, struct source_error *error)
{
	size_t length;
	char *text;
	int fd, err;

	err = set_debugfs_path(pid, VMTRACE_LATENCY, error);
	if (err)
		return err;
	fd = open_debugfs(pid, VMTRACE_LATENCY);
	if (fd < 0)
		return source_fail(error, fd, "%s: %s", path, strerror(-fd));
	text = read_all(fd, &length);
	err = text ? 0 : -errno;
	close(fd);
	if (err)
		return source_fail(error, err, "%s: %s", path, strerror(-err));
	err = source_parse_latency(path, text, length, stats, error);
	free(text);
	return err;
}

int source_failures(int pid, struct failures_stats *stats, struct source_error *error)
{
	size_t length;
	int fd, err;

	err = set_debugfs_path(pid, VMTRACE_FAILURES_FILE, error);
	if (err)
		return err;
	fd = open_debugfs(pid, VMTRACE_FAILURES_FILE);
	if (fd < 0)
		return source_fail(error, fd, "%s: %s", path, strerror(-fd));
	stats->text = read_all(fd, &length);
	err = stats->text ? 0 : -errno;
	close(fd);
	if (err)
		return source_fail(error, err, "%s: %s", path, strerror(-err));
	err = source_parse_failures(path, stats->text, length, stats, error);
	if (err)
		free(stats->text);
	return err;
}

void source_free_failures(struct failures_stats *stats)
{
	free(stats->failure);
	free(stats->text);
}

void source_prepare(void)
{
	/* Not memset: a compiler may know that the contents are never read. */
	for (size_t i = 0; i < sizeof(contents); i++)
		((volatile char *)contents)[i] = 0;
	for (size_t i = 0; i < sizeof(path); i++)
		((volatile char *)path)[i] = 0;
}
