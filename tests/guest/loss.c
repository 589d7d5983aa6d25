// SPDX-License-Identifier: GPL-2.0
/* loss.c - what the hook does not see is printed */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define N 251

/* Pages of *p that fault into a userfaultfd; nobody serves them until uffd_serve(). */
static int uffd_open(char **p, size_t pages)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		skip("no userfaultfd (errno %d)", errno);
	CHECK(!ioctl(fd, UFFDIO_API, &api));
	*p = fresh(pages);
	reg.range.start = (size_t)*p;
	reg.range.len = pages * page;
	CHECK(!ioctl(fd, UFFDIO_REGISTER, &reg));
	return fd;
}

static void uffd_serve(int fd, char *p, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++) {
		struct uffdio_zeropage z = { .range = { (size_t)p + i * page, page } };

		CHECK(!ioctl(fd, UFFDIO_ZEROPAGE, &z));
	}
}

static void *toucher(void *p)
{
	*(volatile char *)p = 1;
	return NULL;
}

#define SLEEPERS 300

static pthread_t sleepers[SLEEPERS];

static int put_to_sleep(char **p)
{
	int i, fd = uffd_open(p, SLEEPERS);

	for (i = 0; i < SLEEPERS; i++)
		CHECK(!pthread_create(&sleepers[i], NULL, toucher, *p + i * page));
	return fd;
}

static bool all_asleep(void *arg)
{
	struct stats s;

	(void)arg;
	CHECK_EQ(read_stats(SELF, &s), 0);
	return s.in_flight == SLEEPERS;
}

static void wake_up(int fd, char *p)
{
	int i;

	uffd_serve(fd, p, SLEEPERS);
	for (i = 0; i < SLEEPERS; i++)
		CHECK(!pthread_join(sleepers[i], NULL));
	close(fd);
}

static void touch(void *arg)
{
	(void)arg;
	warm_up();
	write_pages(fresh(N), N);
	CHECK_EQ(since_last().minor, N);
	check_exact();
}

static void sleepers_exhaust_nothing(void)
{
	struct stats s;
	char *p;
	int fd;

	warm_up();
	fd = put_to_sleep(&p);
	CHECK(wait_until(all_asleep, NULL));
	reap(spawn(touch, NULL));
	/* While they sleep, too, the kernel's count and ours agree. */
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(s.unobserved, 0);
	CHECK_EQ(s.missed, 0);
	wake_up(fd, p);
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK(s.retried >= SLEEPERS);
	check_exact();
}

static void switched_off_during_sleep(void)
{
	const char *enabled = "/sys/kernel/debug/" VMTRACE_DIR "/" VMTRACE_ENABLED;
	struct stats before, s;
	int fd, round;
	char *p;

	if (access(enabled, W_OK))
		skip("no %s (errno %d)", enabled, errno);
	warm_up();
	for (round = 0; round < 2; round++) {
		CHECK_EQ(read_stats(SELF, &before), 0);
		fd = put_to_sleep(&p);
		CHECK(wait_until(all_asleep, NULL));
		CHECK(write_file(enabled, "0"));
		CHECK_EQ(read_stats(SELF, &s), 0);
		CHECK_EQ(s.in_flight, 0);
		/* They return into what is not there, or into what is there again. */
		if (round)
			CHECK(write_file(enabled, "1"));
		wake_up(fd, p);
		CHECK(write_file(enabled, "1"));
		CHECK_EQ(read_stats(SELF, &s), 0);
		CHECK_EQ(s.in_flight, 0);
		if (!round)
			CHECK(s.unobserved - before.unobserved >= SLEEPERS);
		CHECK_EQ(s.minor + s.major + s.unobserved, s.kernel_minor + s.kernel_major);
		reap(spawn(touch, NULL));
	}
}

static void unload_during_sleep(void)
{
	struct stats s;
	char *p;
	int fd, round;

	for (round = 0; round < 3; round++) {
		module_load("");
		fd = put_to_sleep(&p);
		CHECK(wait_until(all_asleep, NULL));
		module_unload();
		if (round == 1) {
			/* They return into a module that is not the one they left. */
			module_load("");
			wake_up(fd, p);
			warm_up();
			reap(spawn(touch, NULL));
			CHECK_EQ(read_stats(SELF, &s), 0);
			CHECK_EQ(s.in_flight, 0);
			CHECK_EQ(s.missed, 0);
			module_unload();
		} else {
			wake_up(fd, p);
		}
	}
}

/*
 * What an fprobe carries from entry to return can outlive the module and be
 * handed to a later load of it: fgraph uses each of its 16 indices in turn. Over 10 s: so it
 * has to be loaded 16 times, and each unload waits for RCU's grace periods.
 */
static void reload_during_sleep(void)
{
	struct stats s;
	char *p;
	int fd, i;

	module_load("");
	fd = put_to_sleep(&p);
	CHECK(wait_until(all_asleep, NULL));
	for (i = 0; i < 16; i++) {
		module_unload();
		module_load("");
	}
	wake_up(fd, p);
	warm_up();
	CHECK_EQ(read_stats(SELF, &s), 0);
	/* They slept in attempts that the kernel had repeated: this load saw none of them. */
	CHECK_EQ(s.retried, 0);
	CHECK_EQ(s.in_flight, 0);
	CHECK_EQ(s.unobserved, 0);
	CHECK_EQ(s.missed, 0);
	reap(spawn(touch, NULL));
	module_unload();
}

/*
 * The callback that makes a new process's file waits for its return to user mode.
 * Here the process sleeps before that: the kernel writes its number to a page
 * that nobody serves. Unloading must take the callback back instead of waiting.
 */
static int child_exits(void *arg)
{
	(void)arg;
	return 0;
}

static void unload_before_a_child_ran(void)
{
	static char stack[4 * 4096] __attribute__((aligned(16)));
	struct pollfd asleep = { .events = POLLIN };
	struct stats s;
	unsigned int rest;
	pid_t child;
	int status;
	char *p;

	module_load("");
	asleep.fd = uffd_open(&p, 1);
	child = clone(child_exits, stack + sizeof(stack), CLONE_VM | CLONE_CHILD_SETTID | SIGCHLD,
		      NULL, NULL, NULL, p);
	CHECK(child > 0);
	CHECK_EQ(poll(&asleep, 1, 60000), 1);
	CHECK_EQ(read_stats(child, &s), -ENOENT);
	rest = alarm(60);
	module_unload();
	alarm(rest);
	uffd_serve(asleep.fd, p, 1);
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	close(asleep.fd);
}

/* More faults at once than the hook can follow, or than it has been told to. */
static bool too_many(void *unused)
{
	struct summary sum;

	(void)unused;
	read_summary(&sum);
	return sum.missed >= SLEEPERS - sum.maxactive;
}

static void misses_are_shown(void)
{
	struct summary sum;
	struct stats s;
	char *p;
	int fd;

	warm_up();
	fd = put_to_sleep(&p);
	read_summary(&sum);
	if (sum.maxactive == 0) {
		/* A hook without a limit misses nothing. */
		CHECK(wait_until(all_asleep, NULL));
		write_pages(fresh(N), N);
		wake_up(fd, p);
		read_summary(&sum);
		CHECK_EQ(sum.missed, 0);
		check_exact();
		return;
	}
	CHECK_EQ(sum.maxactive, 10);
	CHECK(wait_until(too_many, NULL));
	write_pages(fresh(N), N);
	wake_up(fd, p);
	read_summary(&sum);
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(s.missed, sum.missed);
	CHECK(s.unobserved > 0);
	/* Each of the kernel's is accounted for: parse_stats() checks the sum. */
}

static char *numbers_at(long long *unobserved)
{
	struct stats s;

	CHECK_EQ(read_stats(SELF, &s), 0);
	*unobserved = s.unobserved;
	return NULL;
}

static void silenced(const char *path, const char *off, const char *on, long long lost)
{
	long long before, after, whole;
	struct total sum_before, sum;
	struct rusage ru;
	struct stats s;
	char *p = fresh(N);

	warm_up();
	read_total(&sum_before);
	numbers_at(&before);
	CHECK(write_file(path, off));
	write_pages(p, N);
	CHECK(write_file(path, on));
	numbers_at(&after);
	note("%s: %lld of %d faults unobserved", path, after - before, N);
	/* A few of our own may fall into the gap as well. */
	whole = after - before;
	CHECK(lost ? whole >= lost : whole == 0);
	read_total(&sum);
	CHECK(sum.unobserved - sum_before.unobserved >= lost);
	getrusage(RUSAGE_SELF, &ru);
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(s.kernel_minor, ru.ru_minflt);
	CHECK_EQ(s.minor + s.unobserved, ru.ru_minflt);
	/* Seen again. */
	warm_up();
	write_pages(fresh(N), N);
	CHECK_EQ(since_last().minor, N);
}

#define KPROBES "/sys/kernel/debug/kprobes/enabled"
#define FTRACE	"/proc/sys/kernel/ftrace_enabled"

/* From 7.3 on, ftrace refuses to be switched off: ftrace_enable_sysctl(), kernel/trace/ftrace.c. */
static bool can_switch_off(const char *path)
{
	if (access(path, W_OK) || !write_file(path, "0"))
		return false;
	CHECK(write_file(path, "1"));
	return true;
}

static void needs_switch(const char *path)
{
	if (!can_switch_off(path))
		skip("no %s that can be switched off", path);
}

static void kprobes_switched_off(void)
{
	needs_switch(KPROBES);
	silenced(KPROBES, "0", "1", N);
}

static void ftrace_switched_off(void)
{
	bool lost = false;

	needs_switch(FTRACE);
#ifdef __x86_64__
	lost = true; /* kprobes on function entries live on ftrace; elsewhere they are breakpoints
		      */
#endif
	silenced(FTRACE, "0", "1", lost ? N : 0);
}

static void born_in_silence(void *arg)
{
	struct rusage ru;
	struct stats s;

	(void)arg;
	write_pages(fresh(N), N);
	CHECK_EQ(read_stats(SELF, &s), 0);
	getrusage(RUSAGE_SELF, &ru);
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(s.minor, 0);
	CHECK_EQ(s.unobserved, ru.ru_minflt);
}

static void process_born_while_off(void)
{
	bool kprobes = hook_is("kretprobe") || (hook_is("returns") && !can_switch_off(FTRACE));
	const char *path = kprobes ? KPROBES : FTRACE;
	pid_t pid;
	int status;

	needs_switch(path);
	CHECK(write_file(path, "0"));
	pid = spawn(born_in_silence, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(write_file(path, "1"));
	CHECK_EQ(status, 0);
}

static void *touch_thread(void *p)
{
	write_pages(p, 5);
	return NULL;
}

/* Others go on: between two reads that are the same, nothing was dropped. */
static bool drops_agree(void *unused)
{
	struct summary before, after;
	struct total total;

	(void)unused;
	read_summary(&before);
	read_total(&total);
	read_summary(&after);
	return before.dropped == after.dropped && total.dropped == before.dropped;
}

static void full_table_is_shown(void)
{
	pthread_t thread[40];
	struct summary sum;
	struct total total;
	int i;

	/* The table holds 5 records: others of this guest take some of them. */
	for (i = 0; i < 40; i++)
		CHECK(!pthread_create(&thread[i], NULL, touch_thread, fresh(5)));
	for (i = 0; i < 40; i++)
		CHECK(!pthread_join(thread[i], NULL));
	read_summary(&sum);
	CHECK(sum.threads <= 5);
	CHECK(sum.dropped > 0);
	CHECK(wait_until(drops_agree, NULL));
	read_total(&total);
	CHECK_EQ(total.unobserved, 0);
}

static volatile bool enough;

static void *touch_again_and_again(void *p)
{
	while (!enough) {
		write_pages(p, 5);
		madvise(p, 5 * page, MADV_DONTNEED);
	}
	return NULL;
}

/* A fault that cannot be recorded is counted once, whenever somebody reads. */
static void read_with_a_full_table(void)
{
	long rounds = scaled(100), i;
	pthread_t thread[20];
	struct summary sum;
	struct total total;
	struct stats s;

	CHECK_EQ(read_stats(SELF, &s), 0);
	for (i = 0; i < 20; i++)
		CHECK(!pthread_create(&thread[i], NULL, touch_again_and_again, fresh(5)));
	for (i = 0; i < rounds; i++) {
		CHECK_EQ(read_stats(SELF, &s), 0);
		CHECK(s.unobserved >= 0);
	}
	enough = true;
	for (i = 0; i < 20; i++)
		CHECK(!pthread_join(thread[i], NULL));
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK(s.unobserved >= 0 && s.dropped > 0);
	read_summary(&sum);
	read_total(&total);
	CHECK(total.unobserved >= 0 && sum.threads <= sum.max_threads);
	/* A counter that is kept apart from what each process has. */
	CHECK(wait_until(drops_agree, NULL));
}

static void *hold_a_record(void *p)
{
	write_pages(p, 1);
	pause();
	return NULL;
}

static void without_a_record(void *arg)
{
	write_pages(fresh(N), N);
	_exit(!!arg);
}

static void one_after_the_other(void *arg)
{
	for (;;) {
		pid_t pid = spawn(without_a_record, arg);

		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	}
}

static bool drops_many(void *unused)
{
	struct summary s;

	(void)unused;
	read_summary(&s);
	return s.dropped > scaled(100) * N;
}

/* Processes that have a record, of threads that have none, and that are evicted soon. */
static void drops_of_evicted(void)
{
	long i;
	struct summary sum, after;
	pthread_t thread;
	struct stats s;
	pid_t pid[2];

	warm_up();
	for (i = 0; i < 45; i++)
		CHECK(!pthread_create(&thread, NULL, hold_a_record, fresh(1)));
	for (i = 0; i < 2; i++)
		pid[i] = spawn(one_after_the_other, NULL);
	CHECK(wait_until(drops_many, NULL));
	for (i = 0; i < 2; i++) {
		CHECK(!kill(pid[i], SIGKILL));
		CHECK_EQ(waitpid(pid[i], NULL, 0), pid[i]);
	}
	CHECK(wait_until(drops_agree, NULL));

	/* Of a known number, each is in it. */
	read_summary(&sum);
	pid[0] = spawn(without_a_record, NULL);
	CHECK_EQ(waitpid(pid[0], NULL, 0), pid[0]);
	CHECK_EQ(read_stats(pid[0], &s), 0);
	CHECK(s.dropped > N);
	CHECK_EQ(s.unobserved, 0);
	read_summary(&after);
	CHECK(after.dropped - sum.dropped >= s.dropped);
	CHECK(wait_until(drops_agree, NULL));
}

const struct test loss_tests[] = {
	{ "loss: 300 threads that sleep in faults exhaust nothing", sleepers_exhaust_nothing, "" },
	{ "loss: switched off while 300 threads sleep in faults", switched_off_during_sleep, "" },
	{ "loss: unload while 300 threads sleep in faults", unload_during_sleep, NULL },
	{ "loss: reload 16 times while 300 threads sleep in faults", reload_during_sleep, NULL,
	  .stress = true },
	{ "loss: unload while a child sleeps before its first instruction",
	  unload_before_a_child_ran, NULL },
	{ "loss: misses are shown", misses_are_shown, "maxactive=10" },
	{ "loss: kprobes switched off", kprobes_switched_off, "" },
	{ "loss: ftrace switched off", ftrace_switched_off, "" },
	{ "loss: a process born while the hook is off", process_born_while_off, "" },
	{ "loss: a full table is shown", full_table_is_shown, "max_threads=5" },
	{ "loss: a full table under readers", read_with_a_full_table, "max_threads=12" },
	{ "loss: drops of processes that are evicted", drops_of_evicted,
	  "max_threads=40 history=5" },
	{ 0 },
};
