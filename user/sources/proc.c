// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/format.h"
#include "lib/error.h"
#include "lib/file.h"
#include "sources/module_errors.h"
#include "sources/parse.h"
#include "sources/proc.h"
#include "sources/source_ops.h"
#include "sources/stats.h"

/* The file that was read last, which must be shorter than this, and its path. */
static char contents[64 * 1024];
static char path[PATH_MAX];

/* The whole file into contents[]; returns its length or a negative errno. */
static ssize_t read_file(const char *file, struct error *error)
{
	ssize_t length;
	int fd;

	if (file_path(path, "/proc/" VMTRACE_DIR "/%s", file) != 0)
		return error_set(error, -ENAMETOOLONG,
				 "VMTRACE_ROOT: too long: use a shorter path");
	do {
		fd = open(path, O_RDONLY | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return module_explain_proc(error, -errno, file);
	length = file_fill(fd, contents, sizeof(contents));
	close(fd);
	if (length < 0)
		return module_explain_proc(error, (int)length, file);
	if (length == sizeof(contents))
		return error_set(error, -EFBIG,
				 "%s: longer than this tool can read: update vmtrace", path);
	return length;
}

int proc_process(int pid, struct process_stats *stats, struct error *error)
{
	char file[16] = VMTRACE_SELF;
	ssize_t length;

	if (pid != SOURCE_SELF)
		snprintf(file, sizeof(file), "%d", pid);
	length = read_file(file, error);
	if (length < 0)
		return (int)length;
	return parse_process(path, contents, (size_t)length, stats, error);
}

int proc_summary(struct summary_stats *stats, struct error *error)
{
	ssize_t length = read_file(VMTRACE_SUMMARY, error);

	if (length < 0)
		return (int)length;
	return parse_summary(path, contents, (size_t)length, stats, error);
}

int proc_total(struct total_stats *stats, struct error *error)
{
	ssize_t length = read_file(VMTRACE_TOTAL, error);

	if (length < 0)
		return (int)length;
	return parse_total(path, contents, (size_t)length, stats, error);
}

void proc_prepare(void)
{
	/* volatile: a compiler could remove a memset() whose bytes are never read. */
	for (size_t i = 0; i < sizeof(contents); i++)
		((volatile char *)contents)[i] = 0;
	for (size_t i = 0; i < sizeof(path); i++)
		((volatile char *)path)[i] = 0;
}
