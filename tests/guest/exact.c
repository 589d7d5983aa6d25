// SPDX-License-Identifier: GPL-2.0
/* exact.c - vmtrace equals the kernel to the last fault, workload by workload */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define N 251 /* pages: a prime, which no other count happens to be */

static void anonymous(void)
{
	char *p = fresh(N);

	warm_up();
	write_pages(p, N);
	CHECK_EQ(since_last().minor, N);
	write_pages(p, N);
	CHECK_EQ(since_last().minor, 0);
	check_exact();
}

static void zero_page(void)
{
	char *p = fresh(N);

	warm_up();
	read_pages(p, N);
	CHECK_EQ(since_last().minor, N);
	write_pages(p, N);
	CHECK_EQ(since_last().minor, N);
	check_exact();
}

static void cow_child(void *p)
{
	warm_up();
	read_pages(p, N);
	CHECK_EQ(since_last().minor, 0);
	write_pages(p, N);
	CHECK_EQ(since_last().minor, N);
	check_exact();
}

static void cow_after_fork(void)
{
	char *p = fresh(N);

	write_pages(p, N);
	reap(spawn(cow_child, p));
	warm_up();
	/* The child has gone, the pages are ours alone, yet still write-protected. */
	write_pages(p, N);
	CHECK_EQ(since_last().minor, N);
	check_exact();
}

static char *map_file(const char *name, int prot, int flags)
{
	char path[128], *block = calloc(1, page), *p;
	int fd, i;

	snprintf(path, sizeof(path), "%s/%s", disk_dir(), name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	for (i = 0; i < N; i++)
		CHECK_EQ(write(fd, block, page), (long long)page);
	CHECK(!fsync(fd));
	free(block);
	p = mmap(NULL, N * page, prot, flags, fd, 0);
	CHECK(p != MAP_FAILED);
	close(fd);
	unlink(path);
	return p;
}

static void file_minor(void)
{
	char *p = map_file("minor", PROT_READ, MAP_PRIVATE);
	struct delta d;

	warm_up();
	read_pages(p, N);
	d = since_last();
	CHECK_EQ(d.major, 0);
	/* Fault-around maps cached neighbours along: fewer faults than pages. */
	CHECK(d.minor > 0 && d.minor <= N);
	check_exact();
}

static void file_major(void)
{
	char *p = map_file("major", PROT_READ, MAP_PRIVATE);

	CHECK(!madvise(p, N * page, MADV_RANDOM)); /* no read-ahead: each page is read */
	sync();
	CHECK(write_file("/proc/sys/vm/drop_caches", "1"));
	warm_up();
	read_pages(p, N);
	CHECK_EQ(since_last().major, N);
	check_exact();
}

static void file_cow(void)
{
	char *p = map_file("cow", PROT_READ | PROT_WRITE, MAP_PRIVATE);

	warm_up();
	write_pages(p, N);
	CHECK_EQ(since_last().minor, N);
	check_exact();
}

static void mkwrite(void)
{
	char *p = map_file("mkwrite", PROT_READ | PROT_WRITE, MAP_SHARED);

	read_pages(p, N);
	warm_up();
	write_pages(p, N);
	CHECK_EQ(since_last().minor, N);
	check_exact();
}

static void shmem(void)
{
	char *p = mmap(NULL, N * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	warm_up();
	write_pages(p, N);
	CHECK_EQ(since_last().minor, N);
	check_exact();
}

static void swap_in(void)
{
	char *p = fresh(N);
	struct delta d;
	bool out;

	swap_on(4 * N);
	write_pages(p, N);
	out = wait_until(swapped_out, &(struct range){ p, N });
	warm_up();
	read_pages(p, N);
	d = since_last();
	swap_off();
	CHECK(out);
	CHECK_EQ(d.major, N);
	CHECK_EQ(d.minor, 0);
	check_exact();
}

static void populate(void)
{
	char *p;

	warm_up();
	p = mmap(NULL, N * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	CHECK(!madvise(p, N * page, MADV_NOHUGEPAGE) || errno == EINVAL);
	CHECK_EQ(since_last().minor, 0);
	CHECK(!mlock(p, N * page));
	CHECK_EQ(since_last().minor, N);
	write_pages(p, N);
	CHECK_EQ(since_last().minor, 0);
	p = mmap(NULL, N * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		 -1, 0);
	CHECK(p != MAP_FAILED);
	CHECK(since_last().minor > 0);
	write_pages(p, N);
	CHECK_EQ(since_last().minor, 0);
	check_exact();
}

static void kernel_mode(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	char *p = fresh(N);

	CHECK(fd >= 0);
	warm_up();
	CHECK_EQ(read(fd, p, N * page), (long long)(N * page));
	CHECK_EQ(since_last().minor, N);
	check_exact();
}

static void thp(void)
{
	size_t huge = 0, n = 3;
	char mode[128] = "", *p, *aligned;
	FILE *f;

	f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "r");
	if (!f || fscanf(f, "%zu", &huge) != 1)
		skip("this kernel has no transparent huge pages");
	fclose(f);
	f = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
	if (!f || !fgets(mode, sizeof(mode), f))
		skip("cannot read transparent_hugepage/enabled");
	fclose(f);
	if (strstr(mode, "[never]"))
		skip("transparent huge pages are switched off");

	p = mmap(NULL, (n + 1) * huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	aligned = (char *)(((size_t)p + huge - 1) / huge * huge);
	CHECK(!madvise(aligned, n * huge, MADV_HUGEPAGE));
	warm_up();
	write_pages(aligned, n * huge / page);
	CHECK_EQ(since_last().minor, n);
	check_exact();
}

static sigjmp_buf back;

static void jump_back(int sig)
{
	siglongjmp(back, sig);
}

static int fault_at(volatile char *p)
{
	int sig = sigsetjmp(back, 1);

	if (!sig)
		*p = 1;
	return sig;
}

static void failed_faults(void)
{
	char path[128], *beyond, *read_only = fresh(N);
	int fd, i;

	signal(SIGSEGV, jump_back);
	signal(SIGBUS, jump_back);
	snprintf(path, sizeof(path), "%s/short", disk_dir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && !ftruncate(fd, page));
	beyond = mmap(NULL, (N + 1) * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(beyond != MAP_FAILED && !mprotect(read_only, N * page, PROT_READ));
	beyond += page;
	fault_at(beyond); /* the first signal's own faults */
	fault_at(read_only);
	warm_up();

	/* These reach handle_mm_fault and fail there: the kernel counts them nowhere. */
	for (i = 0; i < N; i++)
		CHECK_EQ(fault_at(beyond + i * page), SIGBUS);
	CHECK_EQ(since_last().failed, N);
	check_exact();
	/* These are refused by the architecture's code before it. */
	for (i = 0; i < N; i++)
		CHECK_EQ(fault_at(read_only + i * page), SIGSEGV);
	CHECK_EQ(since_last().failed, 0);
	check_exact();
}

#define THREADS 50

static void *toucher(void *arg)
{
	write_pages(arg, 7);
	return NULL;
}

static void fifty_threads(void)
{
	pthread_t thread[THREADS];
	struct stats s;
	int i;

	warm_up();
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&thread[i], NULL, toucher, fresh(7)));
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(thread[i], NULL));
	CHECK(since_last().minor >= 7 * THREADS);
	check_exact();
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(s.threads_seen, THREADS + 1);
}

static void exec_check(void *arg)
{
	(void)arg;
	write_pages(fresh(N), N);
	execl(self_exe, self_exe, EXEC_CHECK, NULL);
	CHECK(!"exec");
}

static void exec_keeps_counts(void)
{
	reap(spawn(exec_check, NULL));
}

static int spinning; /* spinners that have faulted */

static void *spinner(void *stop)
{
	char *p = fresh(N);
	bool first = true;

	while (!*(volatile bool *)stop) {
		write_pages(p, N);
		madvise(p, N * page, MADV_DONTNEED);
		if (first)
			__atomic_fetch_add(&spinning, 1, __ATOMIC_RELAXED);
		first = false;
	}
	return NULL;
}

#define SPINNERS 8

static bool all_spin(void *unused)
{
	(void)unused;
	return __atomic_load_n(&spinning, __ATOMIC_RELAXED) == SPINNERS;
}

static void *execer(void *arg)
{
	CHECK(wait_until(all_spin, NULL));
	exec_check(arg);
	return NULL;
}

static void exec_from_thread(void *arg)
{
	static bool stop;
	pthread_t thread;
	int i;

	(void)arg;
	for (i = 0; i < SPINNERS; i++)
		CHECK(!pthread_create(&thread, NULL, spinner, &stop));
	CHECK(!pthread_create(&thread, NULL, execer, NULL));
	pthread_join(thread, NULL);
	CHECK(!"exec by a thread");
}

static void thread_execs_while_others_run(void)
{
	int i;

	for (i = 0; i < 11; i++)
		reap(spawn(exec_from_thread, NULL));
}

static void vfork_shares(void)
{
	char *p = fresh(N);
	struct rusage ru;
	int status, i;
	pid_t pid;

	warm_up();
	for (i = 0; i < 13; i++) {
		pid = vfork();
		if (pid == 0) {
			write_pages(p, N); /* in the parent's memory, charged to the child */
			execl(self_exe, self_exe, EXEC_CHECK, NULL);
			_exit(1);
		}
		CHECK_EQ(wait4(pid, &status, 0, &ru), pid);
		CHECK_EQ(status, 0);
		check_exited(pid, &ru);
		if (i == 0)
			CHECK(ru.ru_minflt > N);
	}
	since_last();
	write_pages(p, N);
	CHECK_EQ(since_last().minor, 0);
	check_exact();
}

/* A file that another process reads must be right at every moment, not only at rest. */
static void busy(void *stop)
{
	spinner(stop);
}

static void reading_a_busy_process(void)
{
	bool *stop = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long before = 0, first;
	struct stats s;
	pid_t pid;
	int i;

	CHECK(stop != MAP_FAILED);
	pid = spawn(busy, stop);
	CHECK_EQ(read_stats(pid, &s), 0);
	first = s.minor;
	for (i = 0; i < 1000 || s.minor < first + 20 * N; i++) {
		CHECK_EQ(read_stats(pid, &s), 0);
		CHECK_EQ(s.unobserved, 0);
		CHECK(s.minor >= before);
		before = s.minor;
	}
	*stop = true;
	reap(pid);
}

#define PARAMS ""
const struct test exact_tests[] = {
	{ "exact: anonymous write", anonymous, PARAMS },
	{ "exact: zero page read, then write", zero_page, PARAMS },
	{ "exact: copy on write after fork", cow_after_fork, PARAMS },
	{ "exact: file in the page cache", file_minor, PARAMS },
	{ "exact: file read from disk (major)", file_major, PARAMS },
	{ "exact: write to a private file mapping", file_cow, PARAMS },
	{ "exact: first write to a shared file page (mkwrite)", mkwrite, PARAMS },
	{ "exact: shared memory", shmem, PARAMS },
	{ "exact: swap in", swap_in, PARAMS },
	{ "exact: mlock and MAP_POPULATE", populate, PARAMS },
	{ "exact: read(2) into fresh memory", kernel_mode, PARAMS },
	{ "exact: huge pages", thp, PARAMS },
	{ "exact: SIGBUS and SIGSEGV", failed_faults, PARAMS },
	{ "exact: 50 threads that exit", fifty_threads, PARAMS },
	{ "exact: exec keeps the counts", exec_keeps_counts, PARAMS },
	{ "exact: a thread execs while others run", thread_execs_while_others_run, PARAMS },
	{ "exact: vfork", vfork_shares, PARAMS },
	{ "exact: a busy process read by another", reading_a_busy_process, PARAMS },
	{ 0 },
};
