// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/format.h"
#include "core/format_walk.h"
#include "lib/error.h"
#include "lib/file.h"
#include "sources/debugfs.h"
#include "sources/module_errors.h"
#include "sources/module_topics.h"
#include "sources/parse.h"
#include "sources/source_ops.h"
#include "sources/stats.h"
#include "sources/walk_stats.h"

/* Ask a topic whose question is a PID. */
static int ask_about(int pid, const char *topic, struct debugfs_answer *answer, struct error *error)
{
	char question[16];
	int err;

	snprintf(question, sizeof(question), "%d", pid == SOURCE_SELF ? getpid() : pid);
	err = debugfs_ask(topic, question, answer, error);
	if (!err || !answer->refused)
		return err;
	if (err == -ESRCH)
		return module_explain_proc(error, -ENOENT, question);
	if (err == -EACCES)
		return error_set(error, err,
				 "%s: not permitted: pid %s belongs to another user: run with sudo",
				 answer->path, question);
	return err;
}

/* Free the text after an error. Returns err. */
static int keep_text(int err, char **text)
{
	if (err) {
		free(*text);
		*text = NULL;
	}
	return err;
}

/* Does /proc/vmtrace have a file of the process? */
static bool is_tracked(int pid)
{
	char path[PATH_MAX];

	return file_path(path, "/proc/" VMTRACE_DIR "/%d", pid) == 0 && access(path, F_OK) == 0;
}

int module_residency(int pid, struct maps_stats *stats, struct error *error)
{
	struct debugfs_answer answer;
	int err = ask_about(pid, VMTRACE_MAPS, &answer, error);

	if (err == -ENOENT && answer.refused && is_tracked(pid))
		return error_set(error, -ESRCH,
				 "%d: has no memory: the process has exited, or is a kernel "
				 "thread: see 'vmtrace show %d'",
				 pid, pid);
	if (err)
		return err;
	stats->text = answer.text;
	err = parse_maps(answer.path, stats->text, answer.length, stats, error);
	return keep_text(err, &stats->text);
}

int module_latency(int pid, struct latency_stats *stats, struct error *error)
{
	struct debugfs_answer answer;
	int err = ask_about(pid, VMTRACE_LATENCY, &answer, error);

	if (err)
		return err;
	err = parse_latency(answer.path, answer.text, answer.length, stats, error);
	free(answer.text);
	return err;
}

int module_failures(int pid, struct failures_stats *stats, struct error *error)
{
	struct debugfs_answer answer;
	int err = ask_about(pid, VMTRACE_FAILURES_FILE, &answer, error);

	if (err)
		return err;
	stats->text = answer.text;
	err = parse_failures(answer.path, stats->text, answer.length, stats, error);
	return keep_text(err, &stats->text);
}

int module_threads(int pid, struct threads_stats *stats, struct error *error)
{
	struct debugfs_answer answer;
	int err = ask_about(pid, VMTRACE_THREADS, &answer, error);

	if (err)
		return err;
	stats->text = answer.text;
	err = parse_threads(answer.path, stats->text, answer.length, stats, error);
	return keep_text(err, &stats->text);
}

int module_slowest(int pid, struct slowest_stats *stats, struct error *error)
{
	struct debugfs_answer answer;
	int err = ask_about(pid, VMTRACE_SLOWEST_FILE, &answer, error);

	if (err)
		return err;
	stats->text = answer.text;
	err = parse_slowest(answer.path, stats->text, answer.length, stats, error);
	return keep_text(err, &stats->text);
}

/* Say why the module refused to walk; see module/files/walk.c. */
static int explain_refusal(int err, const char *path, int pid, unsigned long long address,
			   struct error *error)
{
	switch (err) {
	case -ESRCH:
		return error_set(error, err,
				 "%d: no such process, or it is exiting: check with 'ps -p %d'",
				 pid, pid);
	case -ENXIO:
		return error_set(error, err,
				 "%d: a kernel thread: it has no memory of its own: name another",
				 pid);
	case -EFAULT:
		return error_set(error, err,
				 "0x%llx: not an address of user space: see /proc/%d/maps", address,
				 pid);
	case -EPERM:
		return error_set(error, err,
				 "%s: not permitted: CAP_SYS_PTRACE is missing: run with sudo",
				 path);
	default:
		return err;
	}
}

int module_walk(int pid, unsigned long long address, struct walk_stats *walk, struct error *error)
{
	struct debugfs_answer answer;
	char question[64];
	int err;

	snprintf(question, sizeof(question), "%d 0x%llx", pid, address);
	err = debugfs_ask(VMTRACE_WALK, question, &answer, error);
	if (err)
		return answer.refused ? explain_refusal(err, answer.path, pid, address, error) :
					err;
	err = parse_walk(answer.path, answer.text, answer.length, walk, error);
	free(answer.text);
	return err;
}
