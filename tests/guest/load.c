// SPDX-License-Identifier: GPL-2.0
/* load.c - the module comes and goes at any moment and leaves nothing behind */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background.h"
#include "harness.h"

static volatile bool stop_breeding;

static void bad_parameters(void)
{
	CHECK_EQ(module_try_load("max_threads=0"), -EINVAL);
	CHECK_EQ(module_try_load("max_threads=4194305"), -EINVAL);
	CHECK_EQ(module_try_load("maxactive=0"), -EINVAL);
	CHECK_EQ(module_try_load("maxactive=100000"), -EINVAL);
	CHECK_EQ(module_try_load("history=70000"), -EINVAL);
	CHECK_EQ(module_try_load("history=x"), -EINVAL);
	CHECK_EQ(module_try_load("hook=uprobe"), -EINVAL);
	CHECK_EQ(module_try_load("hook="), -EINVAL);
	CHECK(access("/proc/" VMTRACE_DIR, F_OK));
}

/* Files that cannot be read mention nothing: this is in them while the module is loaded. */
static void nothing_is_left(void)
{
	char text[16];
	int fd;

	module_load("");
	CHECK(is_hooked());
	CHECK(file_mentions("/proc/modules", "vmtrace"));
	CHECK(file_mentions("/proc/slabinfo", "vmtrace"));
	CHECK(file_mentions("/proc/kallsyms", "vmtrace"));
	fd = open(stats_path(SELF), O_RDONLY);
	CHECK(fd >= 0);
	module_unload();
	/* The file is gone, the descriptor says so, and closing it is safe. */
	CHECK(read(fd, text, sizeof(text)) < 0);
	close(fd);
	CHECK(!is_hooked());
	CHECK(!file_mentions("/proc/modules", "vmtrace"));
	CHECK(!file_mentions("/proc/slabinfo", "vmtrace"));
	CHECK(!file_mentions("/proc/kallsyms", "vmtrace"));
}

static bool is_forgotten(void *pid)
{
	return access(stats_path((long)pid), F_OK) && errno == ENOENT;
}

/* A worker evicts what has exited. */
static bool none_is_kept(void *unused)
{
	struct summary s;

	(void)unused;
	read_summary(&s);
	return s.exited == 0;
}

static void no_history(void)
{
	struct summary s;
	pid_t pid;
	int i;

	module_load("history=0");
	for (i = 0; i < 50; i++) {
		pid = spawn(do_nothing, NULL);
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	}
	read_summary(&s);
	CHECK_EQ(s.history, 0);
	CHECK(wait_until(none_is_kept, NULL));
	CHECK(wait_until(is_forgotten, (void *)(long)pid));
	module_unload();
}

static void fault_for_ever(struct background *b, int part)
{
	char *p = fresh(97);

	for (;;) {
		write_pages(p, 97);
		CHECK(!madvise(p, 97 * page, MADV_DONTNEED));
		background_round(b, part);
	}
}

static void *thread_for_ever(void *b)
{
	fault_for_ever(b, 1);
	return NULL;
}

static void two_threads_for_ever(struct background *b)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, thread_for_ever, b));
	fault_for_ever(b, 0);
}

static void *short_thread(void *arg)
{
	write_pages(arg, 3);
	return NULL;
}

static void fork_for_ever(struct background *b)
{
	for (;;) {
		pthread_t t;
		pid_t pid = fork();
		int status;

		CHECK(pid >= 0);
		if (pid == 0) {
			CHECK(!pthread_create(&t, NULL, short_thread, fresh(3)));
			CHECK(!pthread_join(t, NULL));
			execl("/nonexistent", "x", NULL);
			_exit(0);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, 0);
		background_round(b, 0);
	}
}

/* Less than most files have: they are read in several calls. */
#define PIECE 100

/* The three files of all processes, that of the test, and those of any process. */
static void read_for_ever(struct background *b)
{
	static const char *const names[] = { VMTRACE_SELF, VMTRACE_SUMMARY, VMTRACE_TOTAL };
	char path[64];
	int pid, i;

	for (pid = 100;; pid++) {
		for (i = 0; i < 3; i++) {
			snprintf(path, sizeof(path), "/proc/" VMTRACE_DIR "/%s", names[i]);
			if (read_to_end(open(path, O_RDONLY | O_CLOEXEC), PIECE))
				background_round(b, i);
		}
		if (read_to_end(open(stats_path(getppid()), O_RDONLY | O_CLOEXEC), PIECE))
			background_round(b, 3);
		read_to_end(open(stats_path(pid % 400 + 1), O_RDONLY | O_CLOEXEC), PIECE);
	}
}

/* Over 10 s: each unload waits for RCU while all CPUs of an emulated guest are busy. */
static void loads_and_unloads(void)
{
	/* All suites of the matrix together do 200. */
	long i, rounds = scaled(30);
	struct background b[3];

	/* Each more would make an emulated guest wait longer for RCU, and find nothing new. */
	background_start(&b[0], fork_for_ever, 1, NULL);
	background_start(&b[1], two_threads_for_ever, 2, NULL);
	background_start(&b[2], read_for_ever, 4, NULL);
	for (i = 0; i < rounds; i++) {
		struct summary s;

		module_load(i % 2 ? "history=3" : "");
		read_summary(&s);
		CHECK(s.processes > 0);
		CHECK_EQ(s.missed, 0);
		background_goes_on(b, 3);
		module_unload();
	}
	/* Nothing to read is left. */
	background_stop(b, 2);
	CHECK(!kill(b[2].pid, SIGKILL));
	CHECK_EQ(waitpid(b[2].pid, NULL, 0), b[2].pid);
}

/*
 * A thread that is interrupted in the hook, by an interrupt that buries another
 * thread of its process, while somebody reads their file: each must go on.
 */
static void *fault_once(void *arg)
{
	char *p = fresh(1);

	(void)arg;
	write_pages(p, 1);
	munmap(p, page);
	return NULL;
}

static void *breed(void *arg)
{
	pthread_t t;

	while (!stop_breeding) {
		CHECK(!pthread_create(&t, NULL, fault_once, arg));
		CHECK(!pthread_join(t, NULL));
	}
	return NULL;
}

static void *fault_until_stop(void *arg)
{
	char *p = arg;

	while (!stop_breeding) {
		write_pages(p, 97);
		madvise(p, 97 * page, MADV_DONTNEED);
	}
	return NULL;
}

static void dying_threads(void *fd)
{
	pthread_t t[4];
	char c;
	int i;

	for (i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, i % 2 ? breed : fault_until_stop, fresh(97)));
	CHECK_EQ(read((long)fd, &c, 1), 1);
	stop_breeding = true;
	for (i = 0; i < 4; i++)
		CHECK(!pthread_join(t[i], NULL));
}

/* Over 10 s: the reader, the interrupted thread and the dying one must meet, which is rare. */
static void readers_and_dying_threads(void)
{
	struct stats first, s;
	int pipes[2], i;
	pid_t pid;

	CHECK(!pipe(pipes));
	pid = spawn(dying_threads, (void *)(long)pipes[0]);
	CHECK_EQ(read_stats(pid, &first), 0);
	i = 0;
	/* Of those that only fault, and of those that die. */
	do {
		CHECK_EQ(read_stats(pid, &s), 0);
		CHECK_EQ(s.unobserved, 0);
	} while (++i < 1000 || s.minor < first.minor + 10 * 97 ||
		 s.threads_seen < first.threads_seen + 50);
	CHECK_EQ(write(pipes[1], "x", 1), 1);
	reap(pid);
}

static void touch_for_ever(struct background *b)
{
	for (;;) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid == 0) {
			write_pages(fresh(20), 20);
			_exit(0);
		}
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
		background_round(b, 0);
	}
}

/* Of each process, at most the fault that it was in when the hook was placed is unobserved. */
static void check_all_processes(void)
{
	DIR *dir = opendir("/proc/" VMTRACE_DIR);
	struct dirent *entry;
	struct stats s;

	CHECK(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9' ||
		    read_stats(atoi(entry->d_name), &s))
			continue;
		if (s.unobserved > 1)
			note("%s: %lld of %lld faults unobserved", entry->d_name, s.unobserved,
			     s.kernel_minor);
		CHECK(s.unobserved >= 0 && s.unobserved <= 1);
	}
	closedir(dir);
}

/* Over 10 s: a process must be born between the tracepoints and the hook. */
static void born_while_loading(void)
{
	long rounds = scaled(10), i;
	struct background b[3];
	int n;

	for (n = 0; n < 3; n++)
		background_start(&b[n], touch_for_ever, 1, NULL);
	for (i = 0; i < rounds; i++) {
		module_load("history=5000");
		background_goes_on(b, 3);
		check_all_processes();
		module_unload();
	}
	background_stop(b, 3);
}

const struct test load_tests[] = {
	{ "load: bad parameters are refused", bad_parameters, NULL },
	{ "load: while processes are born", born_while_loading, NULL, .stress = true },
	{ "load: unloading leaves nothing", nothing_is_left, NULL },
	{ "load: without history", no_history, NULL },
	{ "load: readers of a process with dying threads", readers_and_dying_threads, "" },
	{ "load: load and unload under faults, forks and readers", loads_and_unloads, NULL,
	  .stress = true },
	{ 0 },
};
