// SPDX-License-Identifier: GPL-2.0
/* details.c - threads, latency and slowest in debugfs agree with /proc/vmtrace/<pid> */
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

#define N	193
#define THREADS 30
#define OTHERS	50
#define MANY	2000

static char text[1 << 20];

/* The file of a process that nobody writes to any more, from its table on. */
static char *table(pid_t pid, const char *file)
{
	char path[128], *line;
	ssize_t n = 0, more;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/" VMTRACE_DIR "/%d/%s", pid, file);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0);
	while ((more = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += more;
	CHECK_EQ(more, 0);
	close(fd);
	text[n] = 0;
	CHECK(!strncmp(text, "format:\t1\n", 10));
	line = strchr(text + 10, '\n');
	CHECK(line);
	return line + 1;
}

/* The next cell of a line as a number; the caller knows that there is one. */
static long long number(char **at, int base)
{
	long long value = strtoll(*at, at, base);

	CHECK(**at == '\t' || **at == '\n');
	++*at;
	return value;
}

static void skip_cell(char **at)
{
	*at += strcspn(*at, "\t\n") + 1;
}

/* They are made one after the other. */
static bool has_files(void *pid)
{
	static const char *const files[] = { VMTRACE_THREADS, VMTRACE_LATENCY, VMTRACE_SLOWEST_FILE,
					     VMTRACE_MAPS };
	char path[64];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/" VMTRACE_DIR "/%ld/%s", (long)pid,
			 files[i]);
		if (access(path, R_OK))
			return false;
	}
	return true;
}

static pthread_barrier_t touched, done;

static void *touch_and_wait(void *p)
{
	write_pages(p, 11);
	pthread_barrier_wait(&touched);
	pthread_barrier_wait(&done);
	return NULL;
}

static int to_parent[2], to_child[2];
static const char *const reset = "/sys/kernel/debug/" VMTRACE_DIR "/" VMTRACE_RESET;

static void with_threads(void *arg)
{
	pthread_t thread[THREADS];
	char byte;
	int i;

	(void)arg;
	pthread_barrier_init(&touched, NULL, THREADS + 1);
	pthread_barrier_init(&done, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&thread[i], NULL, touch_and_wait, fresh(11)));
	pthread_barrier_wait(&touched);
	write_pages(fresh(N), N);
	CHECK_EQ(write(to_parent[1], "", 1), 1);
	CHECK_EQ(read(to_child[0], &byte, 1), 1);
	pthread_barrier_wait(&done);
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(thread[i], NULL));
}

static void check_threads(pid_t pid, const struct stats *s)
{
	long long n = 0, minor = 0, major = 0, retried = 0, failed = 0, seen[THREADS + 1];
	char *line = table(pid, VMTRACE_THREADS);
	int i;

	for (; *line; line = strchr(line, '\n') + 1, n++) {
		long long tid = number(&line, 10), total, asleep, max;
		char path[64];

		/* Thread ids start again at 300 after the largest one. */
		snprintf(path, sizeof(path), "/proc/%d/task/%lld", pid, tid);
		CHECK(!access(path, F_OK));
		CHECK(n <= THREADS);
		for (i = 0; i < n; i++)
			CHECK(seen[i] != tid);
		seen[n] = tid;
		minor += number(&line, 10);
		major += number(&line, 10);
		retried += number(&line, 10);
		failed += number(&line, 10);
		CHECK_EQ(number(&line, 10), 0);
		total = number(&line, 10);
		asleep = number(&line, 10);
		max = number(&line, 10);
		CHECK(asleep <= total && max <= total && (max > 0) == (total > 0));
	}
	CHECK_EQ(n, s->threads);
	CHECK_EQ(n, s->threads_seen);
	CHECK_EQ(minor, s->minor);
	CHECK_EQ(major, s->major);
	CHECK_EQ(retried, s->retried);
	CHECK_EQ(failed, s->failed);
}

/* All faults of a process by its latency file. */
static long long latency(pid_t pid)
{
	char *line = table(pid, VMTRACE_LATENCY);
	long long all = 0, from, to, faults;

	while (*line) {
		skip_cell(&line);
		from = number(&line, 10);
		to = number(&line, 10);
		faults = number(&line, 10);
		CHECK(from < to && faults > 0);
		all += faults;
	}
	return all;
}

static long long faults_of(const struct stats *s)
{
	long long all = 0;
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		all += s->class[i].faults;
	return all;
}

static void check_slowest(pid_t pid, const struct stats *s)
{
	long long n = 0, before = 0, longest = 0, took;
	char *line = table(pid, VMTRACE_SLOWEST_FILE);
	unsigned long long address, start;
	int i;

	for (; *line; line = strchr(line, '\n') + 1, n++) {
		took = number(&line, 10);
		CHECK(took > 0 && number(&line, 10) <= took);
		CHECK(number(&line, 10) > s->start_ns);
		number(&line, 10); /* tid */
		skip_cell(&line);  /* class */
		skip_cell(&line);  /* origin */
		address = number(&line, 16);
		skip_cell(&line); /* ip */
		start = number(&line, 16);
		CHECK(start <= address && address < (unsigned long long)number(&line, 16));
		CHECK(n == 0 || took <= before);
		before = took;
		longest = n ? longest : took;
	}
	CHECK_EQ(n, 16);
	before = 0;
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		if (s->class[i].max_ns > before)
			before = s->class[i].max_ns;
	CHECK_EQ(longest, before);
}

static void agree(void)
{
	struct stats s;
	pid_t pid;
	char byte;

	needs_times();
	if (access("/sys/kernel/debug/" VMTRACE_DIR, R_OK))
		skip("no debugfs (errno %d)", errno);
	CHECK(!pipe(to_parent) && !pipe(to_child));
	pid = spawn(with_threads, NULL);
	CHECK_EQ(read(to_parent[0], &byte, 1), 1);
	CHECK(wait_until(has_files, (void *)(long)pid));
	CHECK_EQ(read_stats(pid, &s), 0);
	check_threads(pid, &s);
	CHECK_EQ(latency(pid), faults_of(&s));
	check_slowest(pid, &s);
	CHECK_EQ(write(to_child[1], "", 1), 1);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	/* The end leaves no thread, and of the rest all. */
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK_EQ(*table(pid, VMTRACE_THREADS), 0);
	CHECK_EQ(latency(pid), faults_of(&s));
	check_slowest(pid, &s);
}

static void *short_lived(void *p)
{
	write_pages(p, 3);
	return NULL;
}

static void breed(void *arg)
{
	char *p = fresh(3);
	pthread_t thread;

	(void)arg;
	for (;;) {
		CHECK(!pthread_create(&thread, NULL, short_lived, p));
		CHECK(!pthread_join(thread, NULL));
		madvise(p, 3 * page, MADV_DONTNEED);
	}
}

/* Whoever dies while a reader adds up is in its sum once: it never has too many. */
static void dying_threads(void)
{
	static struct stats before, after;
	long rounds = scaled(100), i;
	long long sum, first;
	pid_t pid;

	needs_times();
	if (access("/sys/kernel/debug/" VMTRACE_DIR, R_OK))
		skip("no debugfs (errno %d)", errno);
	pid = spawn(breed, NULL);
	CHECK(wait_until(has_files, (void *)(long)pid));
	CHECK_EQ(read_stats(pid, &after), 0);
	first = after.threads_seen;
	/* As many have died meanwhile as there are rounds. */
	for (i = 0; i < rounds || after.threads_seen < first + rounds; i++) {
		CHECK_EQ(read_stats(pid, &before), 0);
		sum = latency(pid);
		CHECK_EQ(read_stats(pid, &after), 0);
		CHECK(faults_of(&before) <= sum + 1 && sum <= faults_of(&after));
	}
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static bool sleeps(void *pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	return file_mentions(path, "S (sleeping)");
}

static void fail_once(void *arg)
{
	CHECK_EQ(signal_at(arg), SIGSEGV);
	with_threads(arg);
}

/* What was counted before never was; all that follows is counted. */
static void reset_all(void)
{
	struct rusage before, after;
	struct summary sum;
	struct total total;
	struct stats s;
	pid_t pid, dead;
	char maps[80];
	char byte;
	int i;

	needs_times();
	if (access(reset, W_OK))
		skip("no %s (errno %d)", reset, errno);
	warm_up();
	dead = spawn(do_nothing, NULL);
	CHECK_EQ(waitpid(dead, NULL, 0), dead);
	CHECK_EQ(read_stats(dead, &s), 0);
	CHECK(!pipe(to_parent) && !pipe(to_child));
	pid = spawn(fail_once, mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	CHECK_EQ(read(to_parent[0], &byte, 1), 1);
	CHECK(wait_until(has_files, (void *)(long)pid));
	CHECK(wait_until(sleeps, (void *)(long)pid));
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK(s.minor > N + 11 * THREADS && s.segv_accerr == 1);
	before.ru_minflt = s.minor;
	before.ru_majflt = s.major;
	CHECK(write_file(reset, "1"));

	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK_EQ(s.minor + s.major + s.failed + s.retried + s.untimed, 0);
	CHECK_EQ(s.kernel_minor + s.kernel_major + s.segv_accerr + s.dropped + s.missed, 0);
	CHECK_EQ(s.unobserved, 0);
	CHECK_EQ(faults_of(&s), 0);
	check_threads(pid, &s);
	CHECK_EQ(latency(pid), 0);
	CHECK_EQ(*table(pid, VMTRACE_SLOWEST_FILE), 0);
	snprintf(maps, sizeof(maps), "/sys/kernel/debug/" VMTRACE_DIR "/%d/" VMTRACE_MAPS, pid);
	CHECK(file_mentions(maps, "first_touch:\t0\n"));
	CHECK_EQ(read_stats(dead, &s), -ENOENT);
	read_summary(&sum);
	CHECK(sum.reset_ns > 0);
	CHECK_EQ(sum.dropped, 0);
	read_total(&total);
	CHECK_EQ(total.unobserved, 0);

	CHECK_EQ(write(to_child[1], "", 1), 1);
	CHECK_EQ(wait4(pid, NULL, 0, &after), pid);
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK_EQ(s.minor, after.ru_minflt - before.ru_minflt);
	CHECK_EQ(s.major, after.ru_majflt - before.ru_majflt);
	CHECK_EQ(s.kernel_minor, s.minor);
	CHECK_EQ(s.unobserved, 0);
	CHECK_EQ(latency(pid), faults_of(&s));
	/* Twice in a row, and we are in it ourselves. */
	CHECK(write_file(reset, "1"));
	warm_up();
	write_pages(fresh(N), N);
	CHECK_EQ(since_last().minor, N);
	CHECK_EQ(read_stats(getpid(), &s), 0);
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		CHECK((s.class[i].max_ns > 0) == (s.class[i].total_ns > 0));
}

static void bad_resets(void)
{
	static const char *const bad[] = { "", "\n", "0", "2", "x", "reset" };
	static struct stats before, after;
	char byte;
	size_t i;
	int fd;

	if (access(reset, W_OK))
		skip("no %s (errno %d)", reset, errno);
	warm_up();
	CHECK_EQ(read_stats(SELF, &after), 0);
	fd = open(reset, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(read_stats(SELF, &before), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(write(fd, bad[i], strlen(bad[i])) <= 0);
	CHECK_EQ(write(fd, "0", 1), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK(read(fd, &byte, 1) < 0 && errno == EINVAL);
	close(fd);
	CHECK_EQ(read_stats(SELF, &after), 0);
	CHECK(after.minor >= before.minor && before.minor > 0);
}

static void resets_under_load(void)
{
	long rounds = scaled(100), i;
	pid_t breeder, pid[2];
	struct total sum;
	struct stats s;

	if (access(reset, W_OK))
		skip("no %s (errno %d)", reset, errno);
	breeder = spawn(breed, NULL);
	for (i = 0; i < rounds; i++) {
		pid[i % 2] = spawn(do_nothing, NULL);
		CHECK(write_file(reset, "1"));
		CHECK_EQ(read_stats(breeder, &s), 0);
		CHECK_EQ(s.unobserved, 0);
		if (i == 0)
			continue;
		CHECK_EQ(waitpid(pid[(i + 1) % 2], NULL, 0), pid[(i + 1) % 2]);
		CHECK(read_stats(pid[(i + 1) % 2], &s) || s.unobserved == 0);
	}
	CHECK(!kill(breeder, SIGKILL));
	CHECK_EQ(waitpid(breeder, NULL, 0), breeder);
	CHECK_EQ(read_stats(breeder, &s), 0);
	CHECK_EQ(s.unobserved, 0);
	read_total(&sum);
	CHECK_EQ(sum.unobserved, 0);
	CHECK_EQ(sum.minor + sum.major, sum.kernel_minor + sum.kernel_major);
}

/*
 * Pages that a child shared are its own again: hook=entry takes that for copies, first. When it
 * reads about itself nothing is left to be found out.
 */
static void use_again(void *arg)
{
	char *p = fresh(MANY);
	struct stats s;
	pid_t pid;

	(void)arg;
	for (;;) {
		write_pages(p, MANY);
		CHECK_EQ(read_stats(SELF, &s), 0);
		CHECK_EQ(faults_of(&s), s.minor + s.major);
		CHECK(s.class[VMTRACE_CLASS_COW_REUSE].faults <= s.minor);
		CHECK(s.class[VMTRACE_CLASS_COW_COPY].faults <= s.minor);
		pid = fork();
		if (!pid)
			_exit(0);
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	}
}

static void wait_for_signal(void *arg)
{
	(void)arg;
	for (;;)
		pause();
}

/* A reset, which takes a while with so many, takes off no more of a class than there is of it. */
static void resets_of_guesses(void)
{
	long rounds = scaled(100), i;
	pid_t others[OTHERS], user;
	int status;

	if (access(reset, W_OK))
		skip("no %s (errno %d)", reset, errno);
	user = spawn(use_again, NULL);
	for (i = 0; i < OTHERS; i++)
		others[i] = spawn(wait_for_signal, NULL);
	for (i = 0; i < rounds; i++)
		CHECK(write_file(reset, "1"));
	CHECK(!kill(user, SIGKILL));
	CHECK_EQ(waitpid(user, &status, 0), user);
	CHECK(WIFSIGNALED(status));
	for (i = 0; i < OTHERS; i++) {
		CHECK(!kill(others[i], SIGKILL));
		CHECK_EQ(waitpid(others[i], NULL, 0), others[i]);
	}
}

const struct test details_tests[] = {
	{ "details: threads, latency and slowest agree with the counts", agree, "" },
	{ "details: latency of a process with dying threads", dying_threads, "" },
	{ "details: reset", reset_all, "" },
	{ "details: reset refuses what is not 1", bad_resets, "" },
	{ "details: resets under load", resets_under_load, "" },
	{ "details: resets while it is found out what faults became", resets_of_guesses, "" },
	{ 0 },
};
