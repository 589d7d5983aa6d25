// SPDX-License-Identifier: GPL-2.0
/* hook.c - which hook is in use, and why; they change places */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define N 149

static void the_one_asked_for(void)
{
	struct summary s;

	module_load("hook=kretprobe");
	read_summary(&s);
	CHECK(!strcmp(s.hook, "kretprobe"));
	CHECK(!strcmp(s.hook_reason, "requested by hook="));
	CHECK_EQ(s.maxactive, 4096);
	module_unload();
}

static void count(void *arg)
{
	(void)arg;
	warm_up();
	write_pages(fresh(N), N);
	CHECK_EQ(since_last().minor, N);
	check_exact();
}

/* Where all returns are found. */
static void hook_of_returns(void)
{
	int err = module_try_load("hook=returns");
	struct summary s;

#ifdef __x86_64__
	CHECK_EQ(err, 0);
#else
	CHECK_EQ(err, -EOPNOTSUPP);
	CHECK(access("/proc/" VMTRACE_DIR, F_OK));
	return;
#endif
	read_summary(&s);
	CHECK(!strcmp(s.hook, "returns"));
	CHECK_EQ(s.maxactive, 0);
	reap(spawn(count, NULL));
	module_unload();
}

static void unknown_ones(void)
{
	CHECK_EQ(module_try_load("hook=fprobe"), -EINVAL);
	CHECK_EQ(module_try_load("hook=entry"), -EINVAL);
	CHECK_EQ(module_try_load("hook="), -EINVAL);
}

/* Nothing is jumped over then: each return is an exception. */
static void exceptions(void)
{
	const char *optimize = "/proc/sys/debug/kprobes-optimization";
	int err = module_try_load("hook=returns");
	int status;
	pid_t pid;

	if (err)
		skip("no hook=returns (errno %d)", -err);
	if (access(optimize, W_OK))
		skip("no %s (errno %d)", optimize, errno);
	CHECK(write_file(optimize, "0"));
	pid = spawn(count, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(write_file(optimize, "1"));
	CHECK_EQ(status, 0);
	module_unload();
}

static void automatic(void)
{
	struct summary s;

	module_load("hook=auto");
	read_summary(&s);
#ifdef __x86_64__
	CHECK(!strcmp(s.hook, "returns"));
#else
	CHECK(!strcmp(s.hook, "kretprobe"));
#endif
	CHECK(!strncmp(s.hook_reason, "auto: ", 6));
	module_unload();
}

const struct test hook_tests[] = {
	{ "hook: the parameter chooses it", the_one_asked_for, NULL },
	{ "hook: returns count as exactly, or are refused", hook_of_returns, NULL },
	{ "hook: unknown ones are refused", unknown_ones, NULL },
	{ "hook: returns that are no jumps", exceptions, NULL },
	{ "hook: auto is the cheapest", automatic, NULL },
	{ 0 },
};
