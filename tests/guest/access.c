// SPDX-License-Identifier: GPL-2.0
/* access.c - who may read what, and reads of every shape */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background.h"
#include "harness.h"

#define NOBODY	 65534
#define SOMEBODY 1234

static void wait_for_end(void *fds)
{
	char c;

	close(((int *)fds)[1]);
	become(SOMEBODY);
	write_pages(fresh(3), 3);
	CHECK_EQ(read(((int *)fds)[0], &c, 1), 0);
}

static pid_t target;
static int inherited, inherited_total;

static void refused(void *arg)
{
	struct summary sum;
	struct stats s;
	char c;

	(void)arg;
	become(NOBODY);
	/* Of all together everybody may know. */
	read_summary(&sum);
	CHECK(sum.processes > 0);
	/* Numbers that only the sum of others explains. */
	CHECK(open("/proc/" VMTRACE_DIR "/" VMTRACE_TOTAL, O_RDONLY) == -1 && errno == EACCES);
	CHECK(read(inherited_total, &c, 1) == -1 && errno == EACCES);
	CHECK_EQ(read_stats(target, &s), -EACCES);
	CHECK(open(stats_path(target), O_RDONLY) == -1 && errno == EACCES);
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(read_stats(getpid(), &s), 0);
	CHECK_EQ(s.uid, NOBODY);
	/* Opened by root, read by nobody. */
	CHECK(read(inherited, &c, 1) == -1 && errno == EACCES);
	/* The list of names spans all pid namespaces. */
	CHECK(open("/proc/" VMTRACE_DIR, O_RDONLY) == -1 && errno == EACCES);
}

static void granted(void *arg)
{
	struct stats s;

	(void)arg;
	become(SOMEBODY);
	CHECK_EQ(read_stats(target, &s), 0);
	CHECK_EQ(s.uid, SOMEBODY);
}

static bool is_somebody(void *arg)
{
	struct stats s;

	(void)arg;
	CHECK_EQ(read_stats(target, &s), 0);
	return s.uid == SOMEBODY;
}

static void other_users_are_refused(void)
{
	int fds[2];

	CHECK(!pipe2(fds, O_CLOEXEC));
	target = spawn(wait_for_end, fds);
	CHECK(wait_until(is_somebody, NULL));
	inherited = open(stats_path(target), O_RDONLY);
	CHECK(inherited >= 0);
	inherited_total = open("/proc/" VMTRACE_DIR "/" VMTRACE_TOTAL, O_RDONLY);
	CHECK(inherited_total >= 0);
	reap(spawn(refused, NULL));
	reap(spawn(granted, NULL));
	close(fds[1]);
	reap(target);
	/* The rule holds for the dead. */
	reap(spawn(refused, NULL));
	reap(spawn(granted, NULL));
}

static void hide(void *fd)
{
	char c;

	become(SOMEBODY);
	CHECK(!prctl(PR_SET_DUMPABLE, 0));
	write_pages(fresh(3), 3);
	CHECK_EQ(write(((int *)fd)[1], "x", 1), 1);
	close(((int *)fd)[3]);
	CHECK_EQ(read(((int *)fd)[2], &c, 1), 0);
}

static void refused_to_owner(void *arg)
{
	struct stats s;

	(void)arg;
	become(SOMEBODY);
	CHECK_EQ(read_stats(target, &s), -EACCES);
}

/* Gives up its privileges and takes no fault any more that could tell of it. */
static void drop_and_exit(void *arg)
{
	(void)arg;
	CHECK(!syscall(SYS_setgid, SOMEBODY) && !syscall(SYS_setuid, SOMEBODY));
}

static void undumpable_is_refused_to_its_owner(void)
{
	int fds[4];
	char c;

	CHECK(!pipe(fds) && !pipe(fds + 2));
	target = spawn(hide, fds);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	close(fds[2]);
	reap(spawn(refused_to_owner, NULL));
	close(fds[3]);
	reap(target);
	reap(spawn(refused_to_owner, NULL));
	target = spawn(drop_and_exit, NULL);
	reap(target);
	reap(spawn(refused_to_owner, NULL));
}

static void capable_perfmon(void)
{
	/* Root without the two capabilities is just another user. */
	struct {
		unsigned int version;
		int pid;
	} head = { 0x20080522, 0 };
	struct {
		unsigned int effective, permitted, inheritable;
	} caps[2] = { { 0 } };
	static const char total[] = "/proc/" VMTRACE_DIR "/" VMTRACE_TOTAL;
	struct stats s;
	int status;
	pid_t pid;

	target = getppid();
	pid = fork();
	if (pid == 0) {
		caps[1].effective = caps[1].permitted = 1U << (38 - 32); /* CAP_PERFMON */
		caps[0].permitted = 1U << 19;				 /* CAP_SYS_PTRACE */
		CHECK(!setresuid(NOBODY, NOBODY, 0));
		CHECK(!seteuid(0));
		CHECK(!syscall(SYS_capset, &head, caps));
		CHECK_EQ(read_stats(target, &s), 0);
		CHECK(read_to_end(open(total, O_RDONLY), 4096));
		caps[1].effective = caps[1].permitted = 0;
		caps[0].effective = 1U << 19;
		CHECK(!syscall(SYS_capset, &head, caps));
		CHECK_EQ(read_stats(target, &s), 0);
		CHECK(open(total, O_RDONLY) == -1 && errno == EACCES);
		caps[0].effective = caps[0].permitted = 0;
		caps[1].effective = caps[1].permitted = 0;
		CHECK(!syscall(SYS_capset, &head, caps));
		CHECK_EQ(read_stats(target, &s), -EACCES);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* The start of this process as the kernel tells it here, in ticks of 10 ms. */
static long long ticks_at_start(void)
{
	char text[1024], *field;
	FILE *f = fopen("/proc/self/stat", "r");
	int i;

	CHECK(f && fgets(text, sizeof(text), f));
	fclose(f);
	field = strrchr(text, ')');
	for (i = 2; i < 22; i++)
		field = strchr(field + 1, ' ');
	return atoll(field);
}

static void born_later(void *unused)
{
	struct stats s;

	(void)unused;
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK(s.start_ns > 5000LL * 1000 * 1000 * 1000);
	CHECK_EQ(s.start_ns / (10 * 1000 * 1000), ticks_at_start());
}

static void time_namespace(void)
{
	if (unshare(0x80)) /* CLONE_NEWTIME */
		skip("no time namespaces (errno %d)", errno);
	CHECK(write_file("/proc/self/timens_offsets", "boottime 5000 0"));
	reap(spawn(born_later, NULL));
}

static void unknown_pid(void)
{
	struct stats s;
	pid_t pid = spawn(do_nothing, NULL);

	CHECK_EQ(read_stats(0x3ffffe, &s), -ENOENT);
	CHECK_EQ(read_stats(pid, &s), 0);
	waitpid(pid, NULL, 0);
}

static void inside(void *arg)
{
	long outer = (long)arg;
	struct stats s;

	CHECK_EQ(getpid(), 1);
	/* Through the outer mount: the number is known there, the process is not ours to see. */
	CHECK_EQ(read_stats(outer, &s), -ENOENT);
	CHECK_EQ(read_stats(SELF, &s), 0);
	/* Through a mount of our own, numbers are ours. */
	CHECK(!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("proc", "/proc", "proc", 0, NULL));
	CHECK_EQ(read_stats(1, &s), 0);
	CHECK_EQ(s.pid, 1);
	CHECK_EQ(read_stats(outer, &s), -ENOENT);
	warm_up();
	check_exact();
}

static void in_a_pid_namespace(void *arg)
{
	pid_t pid;
	int status;

	CHECK(!unshare(CLONE_NEWPID | CLONE_NEWNS));
	pid = fork();
	if (pid == 0) {
		inside(arg);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static void pid_namespaces(void)
{
	int status;
	pid_t pid = spawn(in_a_pid_namespace, (void *)(long)getpid());

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static void read_in_bites(void)
{
	char whole[4096], bites[4096], piece[64];
	struct stats s, later;
	ssize_t n, i;
	pid_t pid;
	int fd, size;

	fd = open(stats_path(SELF), O_RDONLY);
	n = read(fd, whole, sizeof(whole) - 1);
	CHECK(n > 100);
	CHECK_EQ(read(fd, bites, 1), 0);
	CHECK_EQ(pread(fd, bites, sizeof(bites), n + 1000), 0);
	for (i = n - 1; i > 0; i -= 11) {
		write_pages(fresh(3), 3);
		CHECK_EQ(pread(fd, bites, 5, i), n - i < 5 ? n - i : 5);
		CHECK(!memcmp(bites, whole + i, n - i < 5 ? n - i : 5));
	}
	/* Read from its start, it is taken anew. */
	whole[n] = 0;
	parse_stats(whole, &s);
	bites[pread(fd, bites, sizeof(bites) - 1, 0)] = 0;
	parse_stats(bites, &later);
	CHECK(later.minor > s.minor);
	/* Our own faults go on while we bite: the file must stay as it was at its start. */
	for (size = 1; size < 64; size += 13) {
		CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
		for (i = 0; (n = read(fd, bites + i, size)) > 0; i += n)
			write_pages(fresh(3), 3);
		bites[i] = 0;
		parse_stats(bites, &s);
	}
	close(fd);

	pid = spawn(do_nothing, NULL);
	reap(pid);
	fd = open(stats_path(pid), O_RDONLY);
	n = read(fd, whole, sizeof(whole));
	for (i = n - 1; i >= 0; i -= 7) {
		CHECK(pread(fd, piece, sizeof(piece), i) > 0);
		CHECK(!memcmp(piece, whole + i, n - i < 64 ? n - i : 64));
	}
	close(fd);
}

#define READERS 4

static int saw_it_live; /* readers */

/* From when it lives until it has exited. */
static void *reader(void *arg)
{
	int fd = *(int *)arg;
	struct stats s;
	char text[4096];
	bool live = false;
	ssize_t n;

	do {
		n = pread(fd, text, sizeof(text) - 1, 0);
		CHECK(n > 0);
		text[n] = 0;
		parse_stats(text, &s);
		if (!live)
			__atomic_fetch_add(&saw_it_live, 1, __ATOMIC_RELAXED);
		CHECK(live || !strcmp(s.state, VMTRACE_STATE_LIVE));
		live = true;
	} while (strcmp(s.state, VMTRACE_STATE_EXITED));
	return NULL;
}

static bool all_saw_it_live(void *unused)
{
	(void)unused;
	return __atomic_load_n(&saw_it_live, __ATOMIC_RELAXED) == READERS;
}

static void touch_and_exit(void *fd)
{
	char c;

	CHECK_EQ(read((long)fd, &c, 1), 1);
	write_pages(fresh(31), 31);
}

static void concurrent_readers_of_the_dying(void)
{
	pthread_t thread[READERS];
	int i, j, pipes[2];

	CHECK(!pipe(pipes));
	for (i = 0; i < 30; i++) {
		pid_t pid = spawn(touch_and_exit, (void *)(long)pipes[0]);
		int fd = open(stats_path(pid), O_RDONLY);

		CHECK(fd >= 0);
		saw_it_live = 0;
		for (j = 0; j < READERS; j++)
			CHECK(!pthread_create(&thread[j], NULL, reader, &fd));
		CHECK(wait_until(all_saw_it_live, NULL));
		CHECK_EQ(write(pipes[1], "x", 1), 1);
		reap(pid);
		for (j = 0; j < READERS; j++)
			CHECK(!pthread_join(thread[j], NULL));
		close(fd);
	}
}

const struct test access_tests[] = {
	{ "access: other users are refused, alive or exited", other_users_are_refused, "" },
	{ "access: an undumpable process, also after its exit", undumpable_is_refused_to_its_owner,
	  "" },
	{ "access: CAP_PERFMON or CAP_SYS_PTRACE suffices, uid 0 alone does not", capable_perfmon,
	  "" },
	{ "access: unknown pid", unknown_pid, "" },
	{ "access: pid namespaces", pid_namespaces, "" },
	{ "access: times of the reader's time namespace", time_namespace, "" },
	{ "access: short reads and pread show one moment", read_in_bites, "" },
	{ "access: four readers of a dying process", concurrent_readers_of_the_dying, "" },
	{ 0 },
};
