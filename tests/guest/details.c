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

static bool has_directory(void *pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/kernel/debug/" VMTRACE_DIR "/%ld/threads", (long)pid);
	return !access(path, R_OK);
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
	long long n = 0, minor = 0, major = 0, retried = 0, failed = 0;
	char *line = table(pid, VMTRACE_THREADS);

	for (; *line; line = strchr(line, '\n') + 1, n++) {
		long long tid, a, b, c, d, in_flight, total, asleep, max;

		CHECK_EQ(sscanf(line, "%lld %lld %lld %lld %lld %lld %lld %lld %lld", &tid, &a, &b,
				&c, &d, &in_flight, &total, &asleep, &max),
			 9);
		CHECK(tid >= pid && tid <= pid + 10 * THREADS);
		CHECK_EQ(in_flight, 0);
		CHECK(asleep <= total && max <= total && max > 0);
		minor += a, major += b, retried += c, failed += d;
	}
	CHECK_EQ(n, s->threads);
	CHECK_EQ(n, s->threads_seen);
	CHECK_EQ(minor, s->minor);
	CHECK_EQ(major, s->major);
	CHECK_EQ(retried, s->retried);
	CHECK_EQ(failed, s->failed);
}

static void check_latency(pid_t pid, const struct stats *s)
{
	long long all = 0, counted = 0;
	char *line = table(pid, VMTRACE_LATENCY), class[32];
	int i;

	for (; *line; line = strchr(line, '\n') + 1) {
		long long from, to, faults;

		CHECK_EQ(sscanf(line, "%31s %lld %lld %lld", class, &from, &to, &faults), 4);
		CHECK(from < to && faults > 0);
		all += faults;
	}
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		counted += s->class[i].faults;
	CHECK_EQ(all, counted);
}

static void check_slowest(pid_t pid, const struct stats *s)
{
	long long n = 0, before = 0, longest = 0;
	char *line = table(pid, VMTRACE_SLOWEST_FILE), class[32], origin[32];
	int i;

	for (; *line; line = strchr(line, '\n') + 1, n++) {
		long long took, asleep, ended, tid, address, ip, start, end;

		CHECK_EQ(sscanf(line, "%lld %lld %lld %lld %31s %31s %llx %llx %llx %llx", &took,
				&asleep, &ended, &tid, class, origin, &address, &ip, &start, &end),
			 10);
		CHECK(took > 0 && asleep <= took && ended > s->start_ns);
		CHECK(start <= address && address < end);
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
	CHECK(wait_until(has_directory, (void *)(long)pid));
	CHECK_EQ(read_stats(pid, &s), 0);
	check_threads(pid, &s);
	check_latency(pid, &s);
	check_slowest(pid, &s);
	CHECK_EQ(write(to_child[1], "", 1), 1);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	/* The end leaves no thread, and of the rest all. */
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK_EQ(*table(pid, VMTRACE_THREADS), 0);
	check_latency(pid, &s);
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
	long rounds = getenv("VMTRACE_ROUNDS") ? atol(getenv("VMTRACE_ROUNDS")) : 100, i;
	long long faults, low, high;
	char *line, class[32];
	pid_t pid;
	int c;

	if (access("/sys/kernel/debug/" VMTRACE_DIR, R_OK))
		skip("no debugfs (errno %d)", errno);
	pid = spawn(breed, NULL);
	CHECK(wait_until(has_directory, (void *)(long)pid));
	for (i = 0; i < rounds; i++) {
		long long sum = 0;

		CHECK_EQ(read_stats(pid, &before), 0);
		for (line = table(pid, VMTRACE_LATENCY); *line; line = strchr(line, '\n') + 1) {
			CHECK_EQ(sscanf(line, "%31s %*d %*d %lld", class, &faults), 2);
			sum += faults;
		}
		CHECK_EQ(read_stats(pid, &after), 0);
		low = high = 0;
		for (c = 0; c < VMTRACE_CLASS_COUNT; c++) {
			low += before.class[c].faults;
			high += after.class[c].faults;
		}
		CHECK(low <= sum + 1 && sum <= high);
	}
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

const struct test details_tests[] = {
	{ "details: threads, latency and slowest agree with the counts", agree, "" },
	{ "details: latency of a process with dying threads", dying_threads, "" },
	{ 0 },
};
