// SPDX-License-Identifier: GPL-2.0
/* control.c - enabled and filter in debugfs */
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

#define N      173
#define DIR    "/sys/kernel/debug/" VMTRACE_DIR "/"
#define CHOICE DIR VMTRACE_FILTER

static void need_debugfs(void)
{
	if (access(CHOICE, W_OK))
		skip("no %s (errno %d)", CHOICE, errno);
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

static void check_filter(const char *want)
{
	char is[512];
	int fd = open(CHOICE, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, is, sizeof(is) - 1);

	CHECK(fd >= 0 && n >= 0);
	close(fd);
	is[n] = 0;
	if (strcmp(is, want))
		note("the filter is '%s', not '%s'", is, want);
	CHECK(!strcmp(is, want));
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

static void refused(void)
{
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{ "pid", -EINVAL },
		{ "pid=", -EINVAL },
		{ "pid=x", -EINVAL },
		{ "pid=-1", -EINVAL },
		{ "pid=1 2", -EINVAL },
		{ "=1", -EINVAL },
		{ "gid=1", -EINVAL },
		{ "comm=", -EINVAL },
		{ "pid=4294967296", -ERANGE },
		{ "uid=0x", -EINVAL },
		{ "uid=99999999999", -ERANGE },
		{ "cgroup=", -EINVAL },
		{ "pid=1 pid", -EINVAL },
		{ "comm=0123456789abcdef", -EINVAL },
	};
	char many[8192] = "";
	size_t i;

	need_debugfs();
	CHECK_EQ(set(CHOICE, "uid=7 comm=a\\040b\tpid=3\npid=4"), 0);
	check_filter("uid=7\ncomm=a\\040b\npid=3\npid=4\n");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_EQ(set(CHOICE, bad[i].text), bad[i].err);
		/* Whole or not at all. */
		check_filter("uid=7\ncomm=a\\040b\npid=3\npid=4\n");
	}
	for (i = 0; i < 65; i++)
		strcat(many, "pid=1 ");
	CHECK_EQ(set(CHOICE, many), -E2BIG);
	memset(many, ' ', sizeof(many) - 1);
	CHECK_EQ(set(CHOICE, many), -E2BIG);
	check_filter("uid=7\ncomm=a\\040b\npid=3\npid=4\n");
	CHECK_EQ(set(CHOICE, "\t\n"), 0);
	check_filter("");
}

/* Whether our faults are classified, or only counted. */
static void check_fits(bool fits)
{
	struct delta d;

	warm_up();
	write_pages(fresh(N), N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_EQ(d.class[VMTRACE_CLASS_ANON], fits ? N : 0);
	CHECK_EQ(d.class[VMTRACE_CLASS_UNCLASSIFIED], fits ? 0 : N);
}

static unsigned long long own_cgroup(void)
{
	char line[256] = "", path[512];
	struct stat st;
	FILE *f;

	mkdir("/tmp/cgroup2", 0700);
	/* EBUSY: it is mounted there already. */
	if (mount("none", "/tmp/cgroup2", "cgroup2", 0, NULL) && errno != EBUSY)
		skip("no cgroup2 (errno %d)", errno);
	f = fopen("/proc/self/cgroup", "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "0::", 3))
			break;
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = 0;
	CHECK(!strncmp(line, "0::", 3));
	snprintf(path, sizeof(path), "/tmp/cgroup2%s", line + 3);
	CHECK(!stat(path, &st));
	return st.st_ino;
}

static void chosen(void)
{
	char text[128];

	need_debugfs();
	CHECK(!prctl(PR_SET_NAME, "it's me"));
	check_fits(true);
	CHECK_EQ(set(CHOICE, "pid=1"), 0);
	check_fits(false);
	snprintf(text, sizeof(text), "pid=%d pid=1", getpid());
	CHECK_EQ(set(CHOICE, text), 0);
	check_fits(true);
	snprintf(text, sizeof(text), "pid=%d uid=%d", getpid(), getuid() + 1);
	CHECK_EQ(set(CHOICE, text), 0);
	check_fits(false);
	snprintf(text, sizeof(text), "comm=it's\\040me uid=%d", getuid());
	CHECK_EQ(set(CHOICE, text), 0);
	check_fits(true);
	CHECK(!prctl(PR_SET_NAME, "not me"));
	check_fits(false);
	CHECK_EQ(set(CHOICE, ""), 0);
	check_fits(true);
	check_exact();
}

static void chosen_by_cgroup(void)
{
	unsigned long long cgroup = own_cgroup();
	char text[128];

	need_debugfs();
	snprintf(text, sizeof(text), "cgroup=%llu", cgroup);
	CHECK_EQ(set(CHOICE, text), 0);
	check_fits(true);
	snprintf(text, sizeof(text), "cgroup=%llu", cgroup + 1000000);
	CHECK_EQ(set(CHOICE, text), 0);
	check_fits(false);
	CHECK_EQ(set(CHOICE, ""), 0);
	check_fits(true);
	check_exact();
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

static void under_load(void)
{
	long rounds = scaled(1000), i;
	struct background b[3];
	struct stats s;
	char text[64];

	need_debugfs();
	for (i = 0; i < 3; i++)
		background_start(&b[i], fault_for_ever, 1, NULL);
	for (i = 0; i < rounds; i++) {
		snprintf(text, sizeof(text), "pid=%d comm=guest-tests uid=0 pid=%ld", b[i % 3].pid,
			 i);
		CHECK_EQ(set(CHOICE, i % 5 ? text : "\n"), 0);
		if (i % 50 == 0) {
			background_goes_on(b, 3);
			CHECK_EQ(read_stats(b[i % 3].pid, &s), 0);
			CHECK_EQ(s.unobserved, 0);
		}
	}
	CHECK_EQ(set(CHOICE, "\n"), 0);
	background_stop(b, 3);
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
	{ "control: switched off, the loss is told", switched_off, "" },
	{ "control: switched off, nothing is probed", disarmed, NULL },
	{ "control: on and off under load", switched_under_load, "", .stress = true },
	{ "control: bad filters are refused, whole", refused, "" },
	{ "control: a filter chooses by pid, comm and uid", chosen, "" },
	{ "control: a filter chooses by cgroup", chosen_by_cgroup, "" },
	{ "control: filters change under load", under_load, "" },
	{ 0 },
};
