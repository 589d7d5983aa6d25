// SPDX-License-Identifier: GPL-2.0
/* hook.c - which hook is in use, and why; a kretprobe and an fprobe change places */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define N 149

/* Whether this kernel has an fprobe that the module can use, as tracefs tells. */
static bool kernel_has_fprobe(void)
{
	return file_mentions("/sys/kernel/tracing/README", "f[:");
}

static void the_one_asked_for(void)
{
	struct summary s;

	module_load("hook=kretprobe");
	read_summary(&s);
	CHECK(!strcmp(s.hook, "kretprobe"));
	CHECK(!strcmp(s.hook_reason, "asked for"));
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

static void second_hook(void)
{
	int err = module_try_load("hook=fprobe");
	struct summary s;

	if (!kernel_has_fprobe()) {
		CHECK_EQ(err, -EOPNOTSUPP);
		CHECK(access("/proc/" VMTRACE_DIR, F_OK));
		return;
	}
	CHECK_EQ(err, 0);
	read_summary(&s);
	CHECK(!strcmp(s.hook, "fprobe"));
	reap(spawn(count, NULL));
	module_unload();
}

/* Where the functions' returns are known, or need not be. */
static void other_hooks(void)
{
	static const char *const names[] = { "returns", "entry" };
	char parameter[32];
	struct summary s;
	int err;

	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(parameter, sizeof(parameter), "hook=%s", names[i]);
		err = module_try_load(parameter);
		if (err) {
#ifdef __x86_64__
			CHECK_EQ(err, 0);
#endif
			CHECK_EQ(err, -EOPNOTSUPP);
			continue;
		}
		read_summary(&s);
		CHECK(!strcmp(s.hook, names[i]));
		CHECK_EQ(s.maxactive, 0);
		reap(spawn(count, NULL));
		module_unload();
	}
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
	{ "hook: the one asked for", the_one_asked_for, NULL },
	{ "hook: fprobe counts as exactly, or is refused where there is none", second_hook, NULL },
	{ "hook: returns and entry, too", other_hooks, NULL },
	{ "hook: returns that are no jumps", exceptions, NULL },
	{ "hook: auto is the cheapest that sees times", automatic, NULL },
	{ 0 },
};
