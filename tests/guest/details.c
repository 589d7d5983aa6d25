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

static char text[1 << 20];

/* The file of a process that nobody writes to any more, from its table on. */
static char *table(pid_t pid, const char *file)
{
	char *line;
	ssize_t n = 0, more;
	int fd = ask_about(pid, file);

	CHECK(fd >= 0);
	while ((more = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += more;
	CHECK_EQ(more, 0);
	close(fd);
	text[n] = 0;
	CHECK(!strncmp(text, "format:\t2\n", 10));
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

static pthread_barrier_t touched, done;

static void *touch_and_wait(void *p)
{
	write_pages(p, 11);
	pthread_barrier_wait(&touched);
	pthread_barrier_wait(&done);
	return NULL;
}

static int to_parent[2], to_child[2];

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

	if (access("/sys/kernel/debug/" VMTRACE_DIR, R_OK))
		skip("no debugfs (errno %d)", errno);
	CHECK(!pipe(to_parent) && !pipe(to_child));
	pid = spawn(with_threads, NULL);
	CHECK_EQ(read(to_parent[0], &byte, 1), 1);
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

	if (access("/sys/kernel/debug/" VMTRACE_DIR, R_OK))
		skip("no debugfs (errno %d)", errno);
	pid = spawn(breed, NULL);
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

/* What is refused leaves the last answer as it was. */
static void bad_questions(void)
{
	static const char *const topics[] = { VMTRACE_THREADS, VMTRACE_LATENCY,
					      VMTRACE_SLOWEST_FILE, VMTRACE_FAILURES_FILE,
					      VMTRACE_MAPS };
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{ "", EINVAL },		 { "\n", EINVAL },	   { "x", EINVAL },
		{ "-1", EINVAL },	 { "+1", EINVAL },	   { "1 1", EINVAL },
		{ "0x1", EINVAL },	 { "1x", EINVAL },	   { "0", ESRCH },
		{ "2147483647", ESRCH }, { "2147483648", EINVAL },
	};
	char byte, question[32];
	size_t i, k;
	int fd;

	for (i = 0; i < sizeof(topics) / sizeof(*topics); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/kernel/debug/" VMTRACE_DIR "/%s", topics[i]);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			skip("no %s (errno %d)", path, errno);
		CHECK(read(fd, &byte, 1) < 0 && errno == ENODATA);
		snprintf(question, sizeof(question), " %d\n", getpid());
		CHECK_EQ(write(fd, question, strlen(question)), strlen(question));
		for (k = 0; k < sizeof(bad) / sizeof(*bad); k++) {
			ssize_t n = write(fd, bad[k].text, strlen(bad[k].text));

			/* A write of nothing does nothing. */
			CHECK(*bad[k].text ? n < 0 && errno == bad[k].err : n <= 0);
		}
		CHECK_EQ(read(fd, &byte, 1), 1);
		CHECK_EQ(byte, 'f');
		/* The next question starts anew. */
		CHECK_EQ(write(fd, question, strlen(question)), strlen(question));
		CHECK_EQ(read(fd, &byte, 1), 1);
		CHECK_EQ(byte, 'f');
		close(fd);
	}
}

#define KPTR_RESTRICT "/proc/sys/kernel/kptr_restrict"

/* The kernel writes to pages that the program has not touched, and the program to others. */
static void fault_in_kernel_and_program(void *ready)
{
	char *p = fresh(16);
	int zero = open("/dev/zero", O_RDONLY);

	CHECK_EQ(read(zero, p, 8 * page), 8 * page);
	write_pages(p + 8 * page, 8);
	CHECK_EQ(write(*(int *)ready, "", 1), 1);
	pause();
}

/* Does the file slowest of @pid hide instructions of the kernel? It shows those of the program. */
static bool kernel_is_hidden(pid_t pid)
{
	char *line = table(pid, VMTRACE_SLOWEST_FILE);
	long long hidden = 0, shown = 0;
	bool by_program;
	int i;

	for (; *line; line = strchr(line, '\n') + 1) {
		for (i = 0; i < 5; i++)
			skip_cell(&line); /* took to class */
		by_program = !strncmp(line, "user\t", 5);
		skip_cell(&line); /* origin */
		skip_cell(&line); /* address */
		if (number(&line, 16))
			shown += !by_program;
		else if (by_program)
			CHECK(!"an instruction of the program is shown");
		else
			hidden++;
	}
	CHECK(!hidden != !shown);
	return hidden;
}

static void kernel_addresses(void)
{
	char before[16] = "";
	int ready[2], fd;
	pid_t pid;
	char byte;

	if (access("/sys/kernel/debug/" VMTRACE_DIR, R_OK))
		skip("no debugfs (errno %d)", errno);
	CHECK(!pipe(ready));
	pid = spawn(fault_in_kernel_and_program, &ready[1]);
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	fd = open(KPTR_RESTRICT, O_RDONLY | O_CLOEXEC);
	CHECK(read(fd, before, sizeof(before) - 1) > 0);
	close(fd);
	CHECK(write_file(KPTR_RESTRICT, "1"));
	CHECK(!kernel_is_hidden(pid));
	CHECK(write_file(KPTR_RESTRICT, "2"));
	CHECK(kernel_is_hidden(pid));
	CHECK(write_file(KPTR_RESTRICT, before));
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

const struct test details_tests[] = {
	{ "details: threads, latency and slowest agree with the counts", agree, "" },
	{ "details: latency of a process with dying threads", dying_threads, "" },
	{ "details: bad questions are refused", bad_questions, "" },
	{ "details: kptr_restrict hides the kernel's addresses", kernel_addresses, "" },
	{ 0 },
};
