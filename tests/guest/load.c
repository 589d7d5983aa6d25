// SPDX-License-Identifier: GPL-2.0
/* load.c - the module comes and goes at any moment and leaves nothing behind */
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

static void nothing_is_left(void)
{
	char text[16];
	int fd;

	module_load("");
	CHECK(is_hooked());
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

static void no_history(void)
{
	struct summary s;
	int i;

	module_load("history=0");
	for (i = 0; i < 50; i++) {
		pid_t pid = spawn(do_nothing, NULL);

		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	}
	read_summary(&s);
	CHECK_EQ(s.history, 0);
	module_unload();
}

static void fault_for_ever(void *arg)
{
	char *p = fresh(97);

	(void)arg;
	for (;;) {
		write_pages(p, 97);
		madvise(p, 97 * page, MADV_DONTNEED);
	}
}

static void *thread_for_ever(void *arg)
{
	fault_for_ever(arg);
	return NULL;
}

static void *short_thread(void *arg)
{
	write_pages(arg, 3);
	return NULL;
}

static void fork_for_ever(void *arg)
{
	(void)arg;
	for (;;) {
		pthread_t t;
		pid_t pid = fork();

		if (pid == 0) {
			char *p = fresh(3);

			if (!pthread_create(&t, NULL, short_thread, p))
				pthread_join(t, NULL);
			execl("/nonexistent", "x", NULL);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

static void read_for_ever(void *arg)
{
	char text[4096], path[64];
	int pid = (long)arg, fd;

	for (;;) {
		/* The four kinds of file; each may vanish at any moment. */
		static const char *const names[] = { VMTRACE_SELF, VMTRACE_SUMMARY, VMTRACE_TOTAL };
		unsigned int i;

		for (i = 0; i < 4; i++) {
			if (i < 3)
				snprintf(path, sizeof(path), "/proc/" VMTRACE_DIR "/%s", names[i]);
			else
				snprintf(path, sizeof(path), "/proc/" VMTRACE_DIR "/%d",
					 pid++ % 400);
			fd = open(path, O_RDONLY);
			if (fd < 0)
				continue;
			while (read(fd, text, 100) > 0)
				;
			close(fd);
		}
	}
}

static void loads_and_unloads(void)
{
	/* All suites of the matrix together do 200. */
	long i, rounds = scaled(30);
	pid_t pids[3];
	pthread_t t;

	/* Each more would make an emulated guest wait longer for RCU, and find nothing new. */
	pids[0] = spawn(fork_for_ever, NULL);
	pids[1] = spawn(read_for_ever, (void *)100L);
	pids[2] = fork();
	if (pids[2] == 0) {
		CHECK(!pthread_create(&t, NULL, thread_for_ever, NULL));
		fault_for_ever(NULL);
	}
	for (i = 0; i < rounds; i++) {
		struct summary s;

		module_load(i % 2 ? "history=3" : "");
		read_summary(&s);
		CHECK(s.processes > 0);
		CHECK_EQ(s.missed, 0);
		module_unload();
	}
	for (i = 0; i < 3; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
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

static void readers_and_dying_threads(void)
{
	int pipes[2], i;
	struct stats s;
	pid_t pid;

	CHECK(!pipe(pipes));
	pid = spawn(dying_threads, (void *)(long)pipes[0]);
	s.threads_seen = 0;
	for (i = 0; i < 5000 || s.threads_seen < 50; i++) {
		CHECK_EQ(read_stats(pid, &s), 0);
		CHECK_EQ(s.unobserved, 0);
	}
	CHECK_EQ(write(pipes[1], "x", 1), 1);
	reap(pid);
}

const struct test load_tests[] = {
	{ "load: bad parameters are refused", bad_parameters, NULL },
	{ "load: unloading leaves nothing", nothing_is_left, NULL },
	{ "load: without history", no_history, NULL },
	{ "load: readers of a process with dying threads", readers_and_dying_threads, "" },
	{ "load: again and again under faults, forks and readers", loads_and_unloads, NULL },
	{ 0 },
};
