// SPDX-License-Identifier: GPL-2.0
/* hook.c - which hook is in use, and why; they change places */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define N      149
#define HOOKED "handle_mm_fault"

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

/* Where the module's own probes are: offsets in the function, of its kprobes but the entry's. */
static int find_exits(unsigned long *offset, int max)
{
	FILE *list = fopen("/sys/kernel/debug/kprobes/list", "r");
	char line[256], *plus;
	int n = 0;

	CHECK(list);
	while (n < max && fgets(line, sizeof(line), list)) {
		plus = strstr(line, HOOKED "+");
		if (plus && !strstr(line, "[FTRACE]"))
			offset[n++] = strtoul(plus + strlen(HOOKED "+"), NULL, 16);
	}
	fclose(list);
	return n;
}

#define EVENTS "/sys/kernel/debug/tracing/kprobe_events"
#define ENABLE "/sys/kernel/debug/tracing/events/kprobes/foreign/enable"

/* False if no instruction begins there. */
static bool place_foreign(unsigned long offset)
{
	char text[64];

	snprintf(text, sizeof(text), "p:foreign " HOOKED "+%lu", offset);
	if (!write_file(EVENTS, text))
		return false;
	CHECK(write_file(ENABLE, "1"));
	return true;
}

static void remove_foreign(void)
{
	CHECK(write_file(ENABLE, "0"));
	CHECK(write_file(EVENTS, "-:foreign"));
}

static void foreign_first(unsigned long offset)
{
	struct summary s;
	int status;
	pid_t pid;

	if (!place_foreign(offset))
		return;
	module_load("");
	read_summary(&s);
	note("+%#lx: %s (%s)", offset, s.hook, s.hook_reason);
	pid = spawn(count, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	module_unload();
	remove_foreign();
	CHECK_EQ(status, 0);
}

static void foreign_second(unsigned long offset)
{
	int status;
	pid_t pid;

	if (!place_foreign(offset))
		return;
	pid = spawn(count, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	remove_foreign();
	CHECK_EQ(status, 0);
	reap(spawn(count, NULL));
}

/*
 * Somebody else's kprobes on each instruction of each exit: the pops, of one or two bytes each, and
 * the return behind them. Over 10 s: each is placed before the module is loaded, and after.
 */
static void foreign_kprobes(void)
{
	unsigned long offset[16], k;
	int n, i;

	if (module_try_load("hook=returns"))
		skip("no hook=returns");
	n = find_exits(offset, 16);
	CHECK(n > 0);
	if (!place_foreign(offset[0]))
		skip("no kprobe events");
	remove_foreign();
	for (i = 0; i < n; i++)
		for (k = 0; k < 10; k++)
			foreign_second(offset[i] + k);
	module_unload();
	for (i = 0; i < n; i++)
		for (k = i ? 5 : 0; k < 10; k++)
			foreign_first(offset[i] + k);
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
	{ "hook: foreign kprobes on the returns", foreign_kprobes, NULL, .stress = true },
	{ "hook: auto is the cheapest", automatic, NULL },
	{ 0 },
};
