// SPDX-License-Identifier: GPL-2.0
/* life.c - processes begin, exit and are forgotten; files say so at the right moment */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define N 127

static void read_own_file_first(void *arg)
{
	char path[64];
	int fd;

	(void)arg;
	snprintf(path, sizeof(path), "/proc/" VMTRACE_DIR "/%d", getpid());
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0);
	close(fd);
}

static void file_is_there_at_once(void)
{
	int i;

	for (i = 0; i < 500; i++)
		reap(spawn(read_own_file_first, NULL));
}

static void touch(void *arg)
{
	write_pages(fresh((size_t)arg), (size_t)arg);
}

static long entries(void)
{
	DIR *d = opendir("/proc/" VMTRACE_DIR);
	long n = 0;

	CHECK(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static bool history_trimmed(void *want)
{
	struct summary s;

	read_summary(&s);
	return s.exited <= (long)want;
}

#define CHILDREN 20
#define HISTORY	 5

static int nr_readable(const pid_t *pid)
{
	struct stats s;
	int i, n = 0;

	for (i = 0; i < CHILDREN; i++)
		n += !read_stats(pid[i], &s);
	return n;
}

static bool history_is_full(void *pid)
{
	return nr_readable(pid) == HISTORY;
}

static void history_is_bounded(void)
{
	struct rusage ru[CHILDREN];
	pid_t pid[CHILDREN];
	struct summary sum;
	struct stats s;
	int i, status;

	for (i = 0; i < CHILDREN; i++) {
		pid[i] = spawn(touch, (void *)(long)(N + i));
		CHECK_EQ(wait4(pid[i], &status, 0, &ru[i]), pid[i]);
		check_exited(pid[i], &ru[i]);
	}
	/* A process ends an RCU grace period after its exit, on whichever CPU that is over first.
	 */
	CHECK(wait_until(history_is_full, pid));
	CHECK(wait_until(history_trimmed, (void *)HISTORY));
	read_summary(&sum);
	CHECK_EQ(sum.history, HISTORY);
	CHECK_EQ(sum.exited, HISTORY);
	CHECK_EQ(nr_readable(pid), HISTORY);
	for (i = 0; i < CHILDREN; i++)
		if (read_stats(pid[i], &s) == 0)
			check_exited(pid[i], &ru[i]);
		else
			CHECK_EQ(read_stats(pid[i], &s), -ENOENT);
}

/* A zombie has not been waited for, but it is over: nothing can be charged to it. */
static bool is_zombie(void *pid)
{
	siginfo_t info;

	return !waitid(P_PID, (long)pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid;
}

static void zombie_counts_are_final(void)
{
	pid_t pid = spawn(touch, (void *)N);
	struct stats s;

	CHECK(wait_until(is_zombie, (void *)(long)pid));
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK(!strcmp(s.state, VMTRACE_STATE_EXITED));
	CHECK(s.minor >= N);
	reap(pid);
}

struct baseline {
	long entries, threads, processes;
};

static bool back_to(void *arg)
{
	struct baseline *b = arg;
	struct summary s;

	read_summary(&s);
	return s.processes <= b->processes && s.threads <= b->threads && s.exited <= s.history &&
	       entries() <= b->entries + s.history;
}

/* Over 10 s: so many processes take an emulated guest that long. */
static void ten_thousand_processes(void)
{
	struct baseline b;
	struct summary s;
	long i, n = getenv("VMTRACE_PROCESSES") ? atol(getenv("VMTRACE_PROCESSES")) : 10000;

	write_pages(fresh(N), N);
	read_summary(&s);
	b = (struct baseline){ entries() - s.exited, s.threads, s.processes };
	for (i = 0; i < n; i++) {
		/* Most take no fault, some have a record of their own. */
		pid_t pid = i % 10 ? vfork() : fork();
		int status;

		if (pid == 0) {
			if (i % 10 == 0)
				write_pages(fresh(1), 1);
			_exit(0);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
	}
	if (!wait_until(back_to, &b)) {
		read_summary(&s);
		note("before: %ld entries, %ld threads, %ld processes", b.entries, b.threads,
		     b.processes);
		note("after: %ld entries, %lld threads, %lld processes, %lld exited", entries(),
		     s.threads, s.processes, s.exited);
		CHECK(!"everything is given back");
	}
	read_summary(&s);
	CHECK_EQ(s.dropped, 0);
}

static void wait_then_touch(void *arg)
{
	int *fds = arg;
	char c;

	close(fds[1]);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	warm_up();
	write_pages(fresh(N), N);
	CHECK_EQ(since_last().minor, N);
	CHECK_EQ(read(fds[0], &c, 1), 0);
}

static bool has_ended(void *arg)
{
	struct summary s;

	(void)arg;
	read_summary(&s);
	return s.exited > 0;
}

static void older_than_the_module(void)
{
	struct rusage ru;
	struct stats s, later;
	int fds[2], status;
	pid_t pid;

	CHECK(!pipe(fds));
	pid = spawn(wait_then_touch, fds);
	close(fds[0]);
	module_load("");
	/* It is tracked from now on, without a fault of its own. */
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK_EQ(s.minor, 0);
	CHECK_EQ(s.kernel_minor, 0);
	CHECK_EQ(s.threads, 1);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	close(fds[1]);
	CHECK_EQ(wait4(pid, &status, 0, &ru), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK_EQ(s.unobserved, 0);
	CHECK_EQ(s.minor, s.kernel_minor);
	CHECK(s.minor >= N && s.minor < ru.ru_minflt);
	/* The same when nothing is left of it but the record. */
	CHECK(wait_until(has_ended, NULL));
	CHECK_EQ(read_stats(pid, &later), 0);
	CHECK_EQ(later.minor, s.minor);
	CHECK_EQ(later.kernel_minor, s.kernel_minor);
	CHECK_EQ(later.unobserved, 0);
	module_unload();
}

static void *sleeper(void *arg)
{
	write_pages(arg, 1);
	pause();
	return NULL;
}

static void killed_with_threads(void *arg)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 20; i++)
		CHECK(!pthread_create(&thread, NULL, sleeper, fresh(1)));
	CHECK_EQ(write((long)arg, "x", 1), 1);
	write_pages(fresh(N), N);
	pause();
}

static void killed_process_is_exact(void)
{
	struct rusage ru;
	int fds[2], i, status;
	char c;

	for (i = 0; i < 20; i++) {
		pid_t pid;

		CHECK(!pipe(fds));
		pid = spawn(killed_with_threads, (void *)(long)fds[1]);
		CHECK_EQ(read(fds[0], &c, 1), 1);
		kill(pid, SIGKILL);
		CHECK_EQ(wait4(pid, &status, 0, &ru), pid);
		check_exited(pid, &ru);
		close(fds[0]);
		close(fds[1]);
	}
}

static void name_and_start(void)
{
	char text[4096], *p;
	unsigned long long ticks;
	struct stats s;
	int fd, i;

	CHECK(!prctl(PR_SET_NAME, "a\nb\\c"));
	fd = open(stats_path(SELF), O_RDONLY);
	CHECK(fd >= 0);
	text[read(fd, text, sizeof(text) - 1)] = 0;
	close(fd);
	CHECK(strstr(text, "\nname:\ta\\012b\\134c\n"));
	parse_stats(text, &s);

	/* Field 22 of /proc/<pid>/stat, counted after the name's last parenthesis. */
	fd = open("/proc/self/stat", O_RDONLY);
	CHECK(fd >= 0);
	text[read(fd, text, sizeof(text) - 1)] = 0;
	close(fd);
	p = strrchr(text, ')');
	for (i = 2; p && i < 22; i++)
		p = strchr(p + 1, ' ');
	CHECK(p);
	ticks = strtoull(p, NULL, 10);
	CHECK_EQ(s.start_ns / (1000000000 / sysconf(_SC_CLK_TCK)), ticks);
}

static void *outlive_leader(void *fd)
{
	char c;

	write_pages(fresh(5), 5);
	CHECK_EQ(read((long)fd, &c, 1), 1);
	write_pages(fresh(5), 5);
	_exit(0);
}

static void leader_exits_first(void *fds)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, outlive_leader, (void *)(long)((int *)fds)[0]));
	pthread_exit(NULL);
}

static bool is_leaderless(void *pid)
{
	char path[64], text[512] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strstr(text, ") Z ");
}

static void alive_without_its_leader(void)
{
	struct stats s;
	int fds[2];
	pid_t pid;

	CHECK(!pipe(fds));
	pid = spawn(leader_exits_first, fds);
	CHECK(wait_until(is_leaderless, (void *)(long)pid));
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK(!strcmp(s.state, VMTRACE_STATE_LIVE));
	CHECK_EQ(s.unobserved, 0);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	reap(pid);
}

/* Over 10 s: so many processes take an emulated guest that long. */
static void places_are_given_back(void)
{
	struct summary summary;
	struct total before, after;
	struct rusage ru;
	long long sum = 0;
	int i, status;

	/* More than there are places; most have ended long before the last is born. */
	read_total(&before);
	for (i = 0; i < 1000; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			write_pages(fresh(3), 3);
			_exit(0);
		}
		CHECK_EQ(wait4(pid, &status, 0, &ru), pid);
		sum += ru.ru_minflt;
	}
	CHECK(wait_until(history_trimmed, (void *)10));
	read_summary(&summary);
	CHECK_EQ(summary.dropped, 0);
	read_total(&after);
	CHECK_EQ(after.dropped, 0);
	CHECK_EQ(after.unobserved, 0);
	/* The sum keeps what was forgotten. */
	CHECK(after.minor - before.minor >= sum);
	CHECK_EQ(after.kernel_minor + after.kernel_major, after.minor + after.major);
}

#define CROWD 50

static void *idle(void *arg)
{
	write_pages(arg, 1);
	pause();
	return NULL;
}

/* Every other one has a thread. */
static void be_one_of_many(void *arg)
{
	pthread_t thread;

	if ((long)arg % 2)
		CHECK(!pthread_create(&thread, NULL, idle, fresh(1)));
	write_pages(fresh(N), N);
	pause();
}

static struct summary at_first;
static long born, died;

/* Whoever ends goes from one number to the other at one moment. */
static bool counted(void *unused)
{
	struct summary s;

	(void)unused;
	read_summary(&s);
	CHECK_EQ(s.processes + s.exited, at_first.processes + at_first.exited + born);
	return s.processes == at_first.processes + born - died &&
	       s.exited == at_first.exited + died;
}

static void check_counted(void)
{
	struct summary s;

	if (wait_until(counted, NULL))
		return;
	read_summary(&s);
	note("%lld processes, %lld exited, then %ld born, %ld died: %lld and %lld",
	     at_first.processes, at_first.exited, born, died, s.processes, s.exited);
	CHECK(!"summary counts processes");
}

static bool is_quiet(void *unused)
{
	struct summary s;
	bool quiet;

	(void)unused;
	read_summary(&s);
	quiet = s.processes == at_first.processes && s.exited == at_first.exited;
	at_first = s;
	return quiet;
}

/* One in three takes faults, one executes a program, which says how it is used; the others vfork.
 */
static void beget_one(long i)
{
	pid_t pid = i % 3 == 2 ? vfork() : fork();

	if (pid == 0) {
		if (i % 3 == 0)
			write_pages(fresh(1), 1);
		if (i % 3 == 1) {
			close(2);
			execl("/proc/self/exe", "guest-tests", NULL);
		}
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static void beget(void *arg)
{
	long i;

	for (i = 0; i < (long)arg; i++)
		beget_one(i);
}

/* Over 10 s: so many processes take an emulated guest that long. */
static void many_come_and_go(void)
{
	long n = getenv("VMTRACE_PROCESSES") ? atol(getenv("VMTRACE_PROCESSES")) : 1000, i;
	pid_t pid[CROWD], breeder[4];
	struct summary s;

	if (n > 1000)
		n = 1000;
	CHECK(wait_until(is_quiet, NULL));
	for (i = 0; i < CROWD; i++) {
		pid[i] = spawn(be_one_of_many, (void *)i);
		born++;
		CHECK(counted(NULL));
	}
	/* Those that come in between are in none of both places, or in one, never in two. */
	for (i = 0; i < 4; i++)
		breeder[i] = spawn(beget, (void *)(n / 4));
	for (i = 0; i < CROWD / 2; i++) {
		CHECK(!kill(pid[i], SIGKILL));
		read_summary(&s);
		CHECK(s.processes >= at_first.processes && s.exited >= at_first.exited);
		CHECK(s.processes + s.exited >= at_first.processes + at_first.exited + born);
		CHECK(s.processes + s.exited <=
		      at_first.processes + at_first.exited + born + 4 + n / 4 * 4);
		CHECK_EQ(waitpid(pid[i], NULL, 0), pid[i]);
	}
	for (i = 0; i < 4; i++) {
		int status;

		CHECK_EQ(waitpid(breeder[i], &status, 0), breeder[i]);
		CHECK_EQ(status, 0);
	}
	born += 4 + n / 4 * 4;
	died = 4 + n / 4 * 4 + CROWD / 2;
	check_counted();
	for (; i < CROWD; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	died = born;
	check_counted();
}

/* What the files of all processes say, added up; each of them is one of the names expected. */
static void add_up(struct total *sum)
{
	DIR *d = opendir("/proc/" VMTRACE_DIR);
	int others = 0;
	struct dirent *e;
	struct stats s;

	CHECK(d);
	memset(sum, 0, sizeof(*sum));
	while ((e = readdir(d))) {
		if (strspn(e->d_name, "0123456789") < strlen(e->d_name)) {
			CHECK(!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
			      !strcmp(e->d_name, VMTRACE_SELF) ||
			      !strcmp(e->d_name, VMTRACE_SUMMARY) ||
			      !strcmp(e->d_name, VMTRACE_TOTAL));
			others++;
			continue;
		}
		if (read_stats(atoi(e->d_name), &s))
			continue;
		sum->minor += s.minor;
		sum->major += s.major;
		sum->kernel_minor += s.kernel_minor;
		sum->kernel_major += s.kernel_major;
		sum->retried += s.retried;
		sum->failed += s.failed;
		sum->unobserved += s.unobserved;
		sum->dropped += s.dropped;
		sum->missed = s.missed;
	}
	closedir(d);
	CHECK_EQ(others, 5);
}

/* At a moment when nobody faults. */
static bool total_is_the_sum(void *arg)
{
	struct total *t = arg, after;

	read_total(&t[0]);
	add_up(&t[1]);
	read_total(&after);
	return !memcmp(&t[0], &after, sizeof(after)) && !memcmp(&t[0], &t[1], sizeof(after));
}

static void check_total(void)
{
	struct total t[2];

	if (wait_until(total_is_the_sum, t))
		return;
#define SHOW(key, meaning) note(#key ": %lld in total, the sum is %lld", t[0].key, t[1].key);
	VMTRACE_TOTAL_NUMBERS(SHOW)
#undef SHOW
	CHECK(!"the total is the sum");
}

static void fail_once(void *p)
{
	(void)p;
	write_pages(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			 open("/proc/self/exe", O_RDONLY), 1L << 40),
		    1);
}

/* Over 10 s: so many processes take an emulated guest that long. */
static void total_and_sums(void)
{
	struct total before, after;
	pid_t pid[CROWD], dead;
	int i;

	check_total();
	read_total(&before);
	for (i = 0; i < CROWD; i++)
		pid[i] = spawn(be_one_of_many, (void *)(long)i);
	dead = spawn(fail_once, NULL);
	CHECK_EQ(waitpid(dead, NULL, 0), dead);
	beget((void *)30L);
	check_total();
	for (i = 0; i < CROWD; i++) {
		CHECK(!kill(pid[i], SIGKILL));
		CHECK_EQ(waitpid(pid[i], NULL, 0), pid[i]);
	}
	check_total();
	read_total(&after);
	CHECK(after.minor - before.minor > CROWD * N);
	CHECK_EQ(after.failed - before.failed, 1);
	CHECK_EQ(after.minor + after.major, after.kernel_minor + after.kernel_major);
}

const struct test life_tests[] = {
	{ "life: the file is there before the first instruction", file_is_there_at_once, "" },
	{ "life: a zombie's counts are final", zombie_counts_are_final, "" },
	{ "life: a killed process with 20 threads is exact", killed_process_is_exact, "" },
	{ "life: history survives exit and is bounded", history_is_bounded, "history=5" },
	{ "life: 10,000 short processes leave nothing behind", ten_thousand_processes, "",
	  .stress = true },
	{ "life: summary counts processes that begin and end", many_come_and_go, "history=5000",
	  .stress = true },
	{ "life: total is the sum of all files", total_and_sums, "history=5000" },
	{ "life: name and start time", name_and_start, "" },
	{ "life: alive without its leader", alive_without_its_leader, "" },
	{ "life: places in the tables are given back", places_are_given_back,
	  "max_threads=800 history=10" },
	{ "life: a process older than the module", older_than_the_module, NULL },
	{ 0 },
};
