// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/format.h"
#include "lib/error.h"
#include "lib/file.h"
#include "sources/debugfs.h"
#include "sources/module_errors.h"

#define DEBUGFS "/sys/kernel/debug"

/* Say why the file of a topic cannot be opened. */
static int explain_open(int err, const char *path, struct error *error)
{
	char dir[PATH_MAX];

	if (err == -EACCES)
		return error_set(error, err,
				 "%s: not permitted: debugfs is for root: run with "
				 "sudo",
				 path);
	if (err == -EPERM)
		return error_set(
			error, err,
			"%s: not permitted: the kernel is locked down: see 'vmtrace doctor'", path);
	if (err != -ENOENT)
		return error_set(error, err, "%s: %s: see 'sudo dmesg'", path, strerror(-err));
	if (!module_is_loaded())
		return module_not_loaded(error);
	file_path(dir, DEBUGFS "/" VMTRACE_DIR);
	if (access(dir, F_OK) != 0)
		return error_set(
			error, err,
			"%s: not found: is debugfs mounted? try: sudo mount -t debugfs none " DEBUGFS,
			dir);
	return module_mismatch(error, err, path, "not found");
}

/*
 * Only a file of the module answers questions. Below $VMTRACE_ROOT a topic may be a directory
 * instead, which has a file with the answer for each question, named like the question.
 */
static bool is_recorded(char path[PATH_MAX], const char *question)
{
	size_t length = strlen(path);
	struct stat status;

	if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode) ||
	    length + strlen(question) + 2 > PATH_MAX)
		return false;
	path[length] = '/';
	strcpy(path + length + 1, question);
	return true;
}

/*
 * Write a line. The file is open with O_APPEND, so a plain file in place of the module's keeps its
 * answer.
 */
static int put_question(int fd, const char *question)
{
	char line[128];
	int length = snprintf(line, sizeof(line), "%s\n", question);
	ssize_t put = write(fd, line, (size_t)length);

	if (put < 0)
		return -errno;
	return put == length && lseek(fd, 0, SEEK_SET) == 0 ? 0 : -EIO;
}

int debugfs_ask(const char *topic, const char *question, struct debugfs_answer *answer,
		struct error *error)
{
	int fd, err = file_path(answer->path, DEBUGFS "/" VMTRACE_DIR "/%s", topic);
	bool recorded;

	answer->refused = false;
	if (err)
		return error_set(error, err, "VMTRACE_ROOT: too long: use a shorter path");
	recorded = is_recorded(answer->path, question);
	fd = open(answer->path, (recorded ? O_RDONLY : O_RDWR | O_APPEND) | O_CLOEXEC);
	if (fd < 0 && !(recorded && errno == ENOENT))
		return explain_open(-errno, answer->path, error);
	if (fd < 0)
		err = -ESRCH; /* as from the module if there is no such process */
	else if (!recorded)
		err = put_question(fd, question);
	answer->refused = err;
	if (!err) {
		answer->text = file_read_all(fd, &answer->length);
		err = answer->text ? 0 : -errno;
	}
	if (fd >= 0)
		close(fd);
	if (err)
		return error_set(error, err, "%s: %s: see 'sudo dmesg'", answer->path,
				 strerror(-err));
	return 0;
}
