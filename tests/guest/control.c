// SPDX-License-Identifier: GPL-2.0
/* control.c - the file enabled of debugfs */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background.h"
#include "harness.h"

#define N   173
#define DIR "/sys/kernel/debug/" VMTRACE_DIR "/"

static void need_debugfs(void)
{
	if (access(DIR VMTRACE_ENABLED, W_OK))
		skip("no %s (errno %d)", DIR VMTRACE_ENABLED, errno);
}

/* 0 or -errno. */
static int set(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	CHECK(fd >= 0);
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = -errno;
	close(fd);
	return err;
}

static void switched_off(void)
{
	struct stats before, after;
	struct rusage ru;
	char *p = fresh(N);

	need_debugfs();
	warm_up();
	CHECK_EQ(read_stats(SELF, &before), 0);
	CHECK_EQ(set(DIR VMTRACE_ENABLED, "2"), -EINVAL);
	CHECK_EQ(set(DIR VMTRACE_ENABLED, "0"), 0);
	write_pages(p, N);
	CHECK_EQ(set(DIR VMTRACE_ENABLED, "1"), 0);
	CHECK_EQ(read_stats(SELF, &after), 0);
	getrusage(RUSAGE_SELF, &ru);
	/* What nobody recorded is told. */
	CHECK(after.unobserved - before.unobserved >= N);
	CHECK_EQ(after.kernel_minor, ru.ru_minflt);
	CHECK_EQ(after.minor + after.unobserved, ru.ru_minflt);
	warm_up();
	write_pages(fresh(N), N);
	CHECK_EQ(since_last().minor, N);
}

static void disarmed(void)
{
	int i;

	module_load("");
	need_debugfs();
	for (i = 0; i < 3; i++) {
		CHECK(is_hooked());
		CHECK_EQ(set(DIR VMTRACE_ENABLED, "0"), 0);
		CHECK(!is_hooked());
		/* Twice is no harm. */
		CHECK_EQ(set(DIR VMTRACE_ENABLED, i % 2 ? "0" : "n"), 0);
		CHECK(!is_hooked());
		CHECK_EQ(set(DIR VMTRACE_ENABLED, "1"), 0);
	}
	CHECK(is_hooked());
	CHECK_EQ(set(DIR VMTRACE_ENABLED, "0"), 0);
	module_unload();
	CHECK(!is_hooked());
}

static void fault_for_ever(struct background *b)
{
	char *p = fresh(N);

	for (;;) {
		write_pages(p, N);
		CHECK(!madvise(p, N * page, MADV_DONTNEED));
		background_round(b, 0);
	}
}

/*
 * What was seen and what was not is all that there was, whenever it is switched. Over 10 s: each
 * switch changes the kernel's code while all CPUs of an emulated guest are busy.
 */
static void switched_under_load(void)
{
	long rounds = scaled(20), i;
	struct background b[3];
	struct stats before, s;

	need_debugfs();
	for (i = 0; i < 3; i++)
		background_start(&b[i], fault_for_ever, 1, NULL);
	for (i = 0; i <= 2 * rounds; i++) {
		pid_t pid = b[i % 3].pid;
		bool off = i % 2;

		CHECK_EQ(set(DIR VMTRACE_ENABLED, off ? "0" : "1"), 0);
		CHECK_EQ(read_stats(pid, &before), 0);
		background_goes_on(b, 3);
		CHECK_EQ(read_stats(pid, &s), 0);
		CHECK(before.unobserved >= 0);
		CHECK_EQ(s.missed, 0);
		CHECK_EQ(s.minor + s.major + s.unobserved, s.kernel_minor + s.kernel_major);
		/* A whole round of it was seen, or none of that was. */
		CHECK((off ? s.unobserved - before.unobserved : s.minor - before.minor) >= N);
	}
	background_stop(b, 3);
	/* And now it sees all again. */
	warm_up();
	write_pages(fresh(N), N);
	CHECK_EQ(since_last().minor, N);
}

const struct test control_tests[] = {
	{ "control: switched off, the loss is shown", switched_off, "" },
	{ "control: switched off, nothing is probed", disarmed, NULL },
	{ "control: on and off under load", switched_under_load, "", .stress = true },
	{ 0 },
};
