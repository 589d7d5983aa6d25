// SPDX-License-Identifier: GPL-2.0
/* hook.c - which hook is in use, and why; a kretprobe and an fprobe change places */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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

static void automatic(void)
{
	struct summary s;

	module_load("hook=auto");
	read_summary(&s);
	CHECK(!strcmp(s.hook, "kretprobe"));
	CHECK(!strncmp(s.hook_reason, "auto: ", 6));
	CHECK(kernel_has_fprobe() == !strstr(s.hook_reason, "has no fprobe"));
	module_unload();
}

const struct test hook_tests[] = {
	{ "hook: the one asked for", the_one_asked_for, NULL },
	{ "hook: fprobe counts as exactly, or is refused where there is none", second_hook, NULL },
	{ "hook: auto is the kretprobe and says why", automatic, NULL },
	{ 0 },
};
