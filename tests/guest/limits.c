// SPDX-License-Identifier: GPL-2.0
/* limits.c - what is kept when room or memory is short, and what users can take from each other */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define N 97

static void touch(void *unused)
{
	(void)unused;
	write_pages(fresh(N), N);
}

static bool is_readable(void *pid)
{
	struct stats s;

	return !read_stats((pid_t)(long)pid, &s);
}

static void pause_for_ever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

static void end(pid_t pid)
{
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

/* More processes than max_threads have exited, and none of them has been evicted. */
static void exited_ones_leave_room(void)
{
	struct summary sum;
	pid_t pid;
	int i;

	for (i = 0; i < 100; i++)
		reap(spawn(touch, NULL));
	pid = spawn(pause_for_ever, NULL);
	CHECK(wait_until(is_readable, (void *)(long)pid));
	read_summary(&sum);
	CHECK(sum.exited > sum.max_threads);
	end(pid);
}

static pthread_barrier_t barrier;

static void *hold(void *p)
{
	write_pages(p, 1);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

/* Threads that fill a table of 40, until the pipe is closed. */
static void fill_table(void *pipes)
{
	pthread_t thread[45];
	int *p = pipes, i;
	char c;

	close(p[1]);
	CHECK(!pthread_barrier_init(&barrier, NULL, 46));
	for (i = 0; i < 45; i++)
		CHECK(!pthread_create(&thread[i], NULL, hold, fresh(1)));
	pthread_barrier_wait(&barrier);
	CHECK_EQ(read(p[0], &c, 1), 0);
	pthread_barrier_wait(&barrier);
	for (i = 0; i < 45; i++)
		CHECK(!pthread_join(thread[i], NULL));
}

static bool table_is_full(void *unused)
{
	struct summary s;

	(void)unused;
	read_summary(&s);
	return s.threads == s.max_threads;
}

static bool table_has_room(void *unused)
{
	struct summary s;

	(void)unused;
	read_summary(&s);
	return s.threads < s.max_threads / 2;
}

static void check_late(struct stats *s, struct rusage *ru)
{
	getrusage(RUSAGE_SELF, ru);
	CHECK_EQ(read_stats(SELF, s), 0);
	getrusage(RUSAGE_SELF, ru);
	CHECK_EQ(read_stats(SELF, s), 0);
	CHECK_EQ(s->kernel_minor, ru->ru_minflt);
	CHECK_EQ(s->kernel_major, ru->ru_majflt);
	CHECK_EQ(s->unobserved, 0);
	CHECK_EQ(s->minor + s->major + s->dropped, ru->ru_minflt + ru->ru_majflt);
}

static void late(void *pipes)
{
	struct stats before, s;
	int *p = pipes;
	struct rusage ru;

	write_pages(fresh(N), N);
	check_late(&before, &ru);
	CHECK(before.dropped >= N);
	CHECK_EQ(before.minor, 0);
	close(p[0]);
	close(p[1]);
	CHECK(wait_until(table_has_room, NULL));
	write_pages(fresh(N), N);
	check_late(&s, &ru);
	CHECK(s.minor >= N && s.dropped >= before.dropped);
}

/* Born while there is no room for its counts, and counted once there is: nothing is hidden. */
static void counted_late(void)
{
	int pipes[2], status;
	pid_t filler, pid;

	CHECK(!pipe(pipes));
	filler = spawn(fill_table, pipes);
	CHECK(wait_until(table_is_full, NULL));
	pid = spawn(late, pipes);
	close(pipes[0]);
	close(pipes[1]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(waitpid(filler, &status, 0), filler);
	CHECK_EQ(status, 0);
}

static void take_all(void *pipes)
{
	become(1000);
	fill_table(pipes);
}

static void take_one(void *unused)
{
	struct stats s;
	int status;

	(void)unused;
	become(1001);
	/* Its record may have been made while it was root's. */
	if (fork() == 0) {
		write_pages(fresh(N), N);
		CHECK_EQ(read_stats(SELF, &s), 0);
		CHECK_EQ(s.dropped, 0);
		CHECK(s.minor >= N);
		_exit(0);
	}
	CHECK(wait(&status) > 0);
	CHECK_EQ(status, 0);
}

static bool drops(void *before)
{
	struct summary s;

	read_summary(&s);
	return s.dropped > (long)before;
}

/* A user who wants all leaves half of what there was to the others. */
static void half_for_the_others(void)
{
	struct summary before, s;
	int pipes[2], status;
	pid_t pid, other;

	read_summary(&before);
	CHECK_EQ(before.max_threads, 60);
	CHECK(!pipe(pipes));
	pid = spawn(take_all, pipes);
	CHECK(wait_until(drops, (void *)before.dropped));
	read_summary(&s);
	note("%lld threads before, %lld of %lld with a user who wants 46", before.threads,
	     s.threads, s.max_threads);
	CHECK(s.threads < s.max_threads - (s.max_threads - before.threads) / 4);
	other = spawn(take_one, NULL);
	CHECK_EQ(waitpid(other, &status, 0), other);
	CHECK_EQ(status, 0);
	close(pipes[0]);
	close(pipes[1]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

#define CGROUP "/tmp/cgroup2"

/* A number of a file whose lines are "key number". */
static long long number_of(const char *path, const char *key)
{
	char line[256];
	FILE *f = fopen(path, "r");
	long long n = -1;

	CHECK(f);
	while (n < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && strchr(" :", line[strlen(key)]))
			n = strtoll(line + strlen(key) + 1, NULL, 10);
	fclose(f);
	return n;
}

#define CHARGED 400

static int ready[2];

static void *charge(void *p)
{
	write_pages(p, 3);
	pthread_barrier_wait(&barrier);
	pause();
	return NULL;
}

/* Threads that take faults, in the cgroup with that name. */
static void threads_in(void *name)
{
	pthread_attr_t attr;
	pthread_t thread;
	char path[64];
	int i;

	snprintf(path, sizeof(path), CGROUP "/%s/cgroup.procs", (char *)name);
	CHECK(write_file(path, "0"));
	CHECK(!pthread_attr_init(&attr) && !pthread_attr_setstacksize(&attr, 256 << 10));
	CHECK(!pthread_barrier_init(&barrier, NULL, CHARGED + 1));
	for (i = 0; i < CHARGED; i++)
		CHECK(!pthread_create(&thread, &attr, charge, fresh(3)));
	pthread_barrier_wait(&barrier);
	CHECK_EQ(write(ready[1], "x", 1), 1);
	pause();
}

static pid_t fill_cgroup(const char *name)
{
	char path[64], c;
	pid_t pid;

	snprintf(path, sizeof(path), CGROUP "/%s", name);
	CHECK(!mkdir(path, 0755));
	pid = spawn(threads_in, (void *)name);
	CHECK_EQ(read(ready[0], &c, 1), 1);
	return pid;
}

/* Bytes of slab memory that the cgroup pays, for each of its threads. */
static long long bytes_of(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), CGROUP "/%s/memory.stat", name);
	return number_of(path, "slab_unreclaimable") / CHARGED;
}

/* The kernel itself keeps more than 4 KB for a thread. It may be late to add up what it charges. */
static bool pays_for_counts(void *sum)
{
	const struct summary *s = sum;
	long long without = bytes_of("off"), with = bytes_of("on");

	return without > 4096 && with - without >= s->thread_bytes + s->times_bytes;
}

/* The cgroup of a thread pays for its records. */
static void charged(void)
{
	static const char enabled[] = "/sys/kernel/debug/" VMTRACE_DIR "/" VMTRACE_ENABLED;
	struct summary sum;
	pid_t pid[2];
	bool pays;

	mkdir(CGROUP, 0755);
	if (mount("cgroup2", CGROUP, "cgroup2", 0, NULL) && errno != EBUSY)
		skip("no cgroup2 (errno %d)", errno);
	if (!file_mentions(CGROUP "/cgroup.controllers", "memory"))
		skip("no memory controller");
	CHECK(write_file(CGROUP "/cgroup.subtree_control", "+memory"));
	CHECK(!pipe(ready));
	CHECK(write_file(enabled, "0"));
	pid[0] = fill_cgroup("off");
	CHECK(write_file(enabled, "1"));
	pid[1] = fill_cgroup("on");
	read_summary(&sum);
	pays = wait_until(pays_for_counts, &sum);
	note("a thread: %lld bytes, with its faults counted %lld bytes", bytes_of("off"),
	     bytes_of("on"));
	end(pid[0]);
	end(pid[1]);
	CHECK(!rmdir(CGROUP "/off") && !rmdir(CGROUP "/on"));
	CHECK(!umount(CGROUP));
	CHECK(pays);
}

#define FILES 1000

/* What an open file costs the kernel, read or not. */
static void open_files(void)
{
	long long before, opened, read_once;
	static int fd[FILES];
	static char text[8192];
	int i;

	warm_up();
	before = number_of("/proc/meminfo", "SUnreclaim");
	for (i = 0; i < FILES; i++) {
		fd[i] = open("/proc/" VMTRACE_DIR "/" VMTRACE_SELF, O_RDONLY);
		CHECK(fd[i] >= 0);
	}
	opened = number_of("/proc/meminfo", "SUnreclaim");
	for (i = 0; i < FILES; i++)
		CHECK(read(fd[i], text, sizeof(text)) > 0);
	read_once = number_of("/proc/meminfo", "SUnreclaim");
	note("an open file: %lld bytes, with text: %lld bytes", (opened - before) * 1024 / FILES,
	     (read_once - before) * 1024 / FILES);
	CHECK(opened - before < 2 * FILES);
	CHECK(read_once - before < 4 * FILES);
	for (i = 0; i < FILES; i++)
		close(fd[i]);
}

struct sleeper {
	int fd;
	char *page;
};

static void *sleep_in_read(void *arg)
{
	struct sleeper *s = arg;

	read(s->fd, s->page, page);
	return NULL;
}

/* Pipe through which sleeping_reader() says that its thread sleeps. */
static int asleep[2];

/* Reads the file of @target into a page whose userfaultfd tells the fault and fills nothing. */
static void sleeping_reader(void *target)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct sleeper s = { .page = fresh(1) };
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffd_msg message;
	pthread_t thread;

	range.range.start = (unsigned long)s.page;
	range.range.len = page;
	CHECK(uffd >= 0 && !ioctl(uffd, UFFDIO_API, &api));
	CHECK(!ioctl(uffd, UFFDIO_REGISTER, &range));
	s.fd = open(stats_path((pid_t)(long)target), O_RDONLY);
	CHECK(s.fd >= 0);
	CHECK(!pthread_create(&thread, NULL, sleep_in_read, &s));
	CHECK_EQ(read(uffd, &message, sizeof(message)), sizeof(message));
	CHECK_EQ(message.event, UFFD_EVENT_PAGEFAULT);
	CHECK_EQ(write(asleep[1], "", 1), 1);
	pause();
}

static bool is_gone(void *pid)
{
	return access(stats_path((pid_t)(long)pid), F_OK);
}

/*
 * Not /proc/<pid>/stack: if the task is in a function with a kretprobe and wakes up meanwhile, the
 * kernel warns (kernel/trace/rethook.c, rethook_find_ret_addr()).
 */
static bool any_task_waits(const char *function)
{
	char path[64];
	int pid;

	for (pid = 1; pid < 1000; pid++) {
		snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
		if (file_mentions(path, function))
			return true;
	}
	return false;
}

/* The entry that it reads is removed when the reader closes it, and nobody waits for that. */
static void sleeping_reader_holds_nobody(void)
{
	pid_t target = spawn(pause_for_ever, NULL), reader, other;
	char byte;
	int i;

	if (syscall(SYS_userfaultfd, O_CLOEXEC) < 0)
		skip("no userfaultfd (errno %d)", errno);
	CHECK(wait_until(is_readable, (void *)(long)target));
	CHECK(!pipe(asleep));
	reader = spawn(sleeping_reader, (void *)(long)target);
	close(asleep[1]);
	CHECK_EQ(read(asleep[0], &byte, 1), 1);
	close(asleep[0]);
	end(target);
	/* Have it evicted, and one that exited after it. */
	other = spawn(touch, NULL);
	reap(other);
	for (i = 0; i < 5; i++)
		reap(spawn(touch, NULL));
	CHECK(wait_until(is_gone, (void *)(long)other));
	CHECK(!is_gone((void *)(long)target));
	CHECK(open(stats_path(target), O_RDONLY) == -1 && errno == ENOENT);
	CHECK(!any_task_waits("proc_entry_rundown"));
	end(reader);
	CHECK(wait_until(is_gone, (void *)(long)target));
}

const struct test limits_tests[] = {
	{ "limits: exited processes leave room", exited_ones_leave_room,
	  "max_threads=64 history=128" },
	{ "limits: counted late", counted_late, "max_threads=40" },
	{ "limits: half for the others", half_for_the_others, "max_threads=60" },
	{ "limits: the cgroup pays", charged, "" },
	{ "limits: an open file is small", open_files, "" },
	{ "limits: a reader that sleeps holds nobody up", sleeping_reader_holds_nobody,
	  "history=3" },
	{ 0 },
};
