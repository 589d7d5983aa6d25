// SPDX-License-Identifier: GPL-2.0
/* class.c - what each fault was, on workloads whose every fault is known */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define N 241

static void anonymous(void)
{
	struct delta d;
	char *p = fresh(N), *q = fresh(N);

	warm_up();
	write_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, ANON);
	read_pages(q, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, ZERO);
	/* The zero page is everybody's: who writes gets a copy. */
	write_pages(q, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, COW_COPY);
	check_exact();
}

static void write_in_child(void *p)
{
	struct delta d;
	warm_up();
	write_pages(p, N);
	d = since_last();
	CHECK_EQ(d.class[VMTRACE_CLASS_COW_COPY], N);
	CHECK_ALL(&d, COW_COPY);
}

static void copy_on_write(void)
{
	struct delta d;
	char *p = fresh(N);

	write_pages(p, N);
	reap(spawn(write_in_child, p));
	/* A page that waits in a CPU's LRU batch has a user more; this empties them all. */
	CHECK(write_file("/proc/sys/vm/drop_caches", "1"));
	warm_up();
	/* The child has its copies and is gone: these pages are nobody else's. */
	write_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, COW_REUSE);
	check_exact();
}

static char *map(int fd, size_t pages, int flags)
{
	char *p = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	/* One fault a page, and no page is read before it is asked for. */
	CHECK(!madvise(p, pages * page, MADV_RANDOM));
	return p;
}

static void file_pages(void)
{
	struct delta d;
	int fd = make_file(disk_dir(), "class", N);
	char *p = map(fd, N, MAP_SHARED), *q = map(fd, N, MAP_PRIVATE);
	long long faults;

	warm_up();
	read_pages(p, N);
	d = since_last();
	faults = d.minor;
	CHECK(faults > 0 && faults <= N);
	CHECK_ALL(&d, FILE_HIT);
	write_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, MKWRITE);
	write_pages(q, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, FILE_COW);
	/* Both at once: the write finds no entry. */
	CHECK(!munmap(p, N * page));
	p = map(fd, N, MAP_SHARED);
	since_last();
	write_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, FILE_HIT);
	CHECK(!msync(p, N * page, MS_SYNC));
	check_exact();
}

static void file_from_disk(void)
{
	struct delta d;
	int fd = make_file(disk_dir(), "class", N);
	struct stats s;
	char *p;

	CHECK(!posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	p = map(fd, N, MAP_SHARED);
	warm_up();
	read_pages(p, N);
	d = since_last();
	CHECK_EQ(d.major, N);
	CHECK_ALL(&d, FILE_MISS);
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(s.class[VMTRACE_CLASS_FILE_MISS].major, N);
	/* They waited for the disk. */
	CHECK(s.class[VMTRACE_CLASS_FILE_MISS].asleep_ns > 0);
	check_exact();
}

static void shared_memory(void)
{
	struct delta d;
	char *p = mmap(NULL, N * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("class", 0);
	char *q;

	CHECK(p != MAP_FAILED && fd >= 0 && !ftruncate(fd, N * page));
	q = map(fd, N, MAP_SHARED);
	warm_up();
	write_pages(p, N);
	write_pages(q, N);
	d = since_last();
	CHECK_EQ(d.minor, 2 * N);
	CHECK_ALL(&d, SHMEM);
	CHECK(!munmap(q, N * page));
	q = map(fd, N, MAP_PRIVATE);
	since_last();
	write_pages(q, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, FILE_COW);
	check_exact();
}

static void huge_page(void)
{
	size_t huge = huge_size();
	char *p = fresh_huge(2);
	struct delta d;

	warm_up();
	write_pages(p, huge / page);
	d = since_last();
	CHECK_EQ(d.minor, 1);
	CHECK_ALL(&d, THP);
	/* The huge zero page. */
	read_pages(p + huge, huge / page);
	d = since_last();
	CHECK_EQ(d.minor, 1);
	CHECK_ALL(&d, THP);
	check_exact();
}

static void hugetlb(void)
{
	struct delta d;
	const char *path = "/proc/sys/vm/nr_hugepages";
	char *p;

	if (!write_file(path, "2"))
		skip("no %s", path);
	p = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (p == MAP_FAILED) {
		write_file(path, "0");
		skip("no huge pages to be had (errno %d)", errno);
	}
	warm_up();
	write_pages(p, 100);
	d = since_last();
	CHECK(write_file(path, "0"));
	CHECK_EQ(d.minor, 1);
	CHECK_ALL(&d, HUGETLB);
	check_exact();
}

/* A thread that serves the pages [p, p + N) of a userfaultfd, or lifts their protection. */
struct server {
	int fd;
	bool protects;
};

static void *serve(void *arg)
{
	struct server *s = arg;
	struct uffd_msg m;
	int i;

	for (i = 0; i < N; i++) {
		CHECK_EQ(read(s->fd, &m, sizeof(m)), (long long)sizeof(m));
		CHECK_EQ(m.event, UFFD_EVENT_PAGEFAULT);
		m.arg.pagefault.address &= -page;
		if (s->protects) {
			struct uffdio_writeprotect w = {
				.range = { m.arg.pagefault.address, page },
			};

			CHECK(!ioctl(s->fd, UFFDIO_WRITEPROTECT, &w));
		} else {
			struct uffdio_zeropage z = {
				.range = { m.arg.pagefault.address, page },
			};

			CHECK(!ioctl(s->fd, UFFDIO_ZEROPAGE, &z));
		}
	}
	return NULL;
}

static void userfaults(bool protects)
{
	struct delta d;
	struct uffdio_register reg = { .mode = protects ? UFFDIO_REGISTER_MODE_WP :
							  UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API,
				  .features = protects ? UFFD_FEATURE_PAGEFAULT_FLAG_WP : 0 };
	struct uffdio_writeprotect w = { .mode = UFFDIO_WRITEPROTECT_MODE_WP };
	struct server s = { .protects = protects };
	char *p = fresh(N);
	pthread_t thread;

	s.fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (s.fd < 0 || ioctl(s.fd, UFFDIO_API, &api))
		skip("no userfaultfd that does this (errno %d)", errno);
	if (protects)
		write_pages(p, N);
	w.range.start = reg.range.start = (size_t)p;
	w.range.len = reg.range.len = N * page;
	CHECK(!ioctl(s.fd, UFFDIO_REGISTER, &reg));
	CHECK(!protects || !ioctl(s.fd, UFFDIO_WRITEPROTECT, &w));
	warm_up();
	CHECK(!pthread_create(&thread, NULL, serve, &s));
	if (protects)
		write_pages(p, N);
	else
		read_pages(p, N);
	CHECK(!pthread_join(thread, NULL));
	d = since_last();
	CHECK_EQ(d.class[VMTRACE_CLASS_USERFAULT], N);
	CHECK(d.retried >= N);
	check_exact();
}

static void userfault_missing(void)
{
	userfaults(false);
}

static void userfault_wp(void)
{
	userfaults(true);
}

static int told[2];

static void read_when_told(void *p)
{
	struct delta d;
	char byte;

	warm_up();
	CHECK_EQ(read(told[0], &byte, 1), 1);
	since_last();
	read_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, SWAP_CACHE);
}

/* What two processes have in swap the first one reads, and the second finds in memory. */
static void swapped(void)
{
	char *p = fresh(N);
	struct delta d;
	pid_t pid;

	/* No page is read before it is asked for. */
	CHECK(write_file("/proc/sys/vm/page-cluster", "0"));
	swap_on(4 * N);
	CHECK(!pipe(told));
	write_pages(p, N);
	CHECK(wait_until(swapped_out, &(struct range){ p, N }));
	pid = spawn(read_when_told, p);
	warm_up();
	read_pages(p, N);
	d = since_last();
	CHECK_EQ(d.major, N);
	CHECK_ALL(&d, SWAP_READ);
	CHECK_EQ(write(told[1], "", 1), 1);
	reap(pid);
	swap_off();
	check_exact();
}

/* vvar and vdso: mappings of the kernel's own, without a file. */
static void special(void *arg)
{
	struct delta d;
	struct timespec t;

	(void)arg;
	warm_up();
	clock_gettime(CLOCK_MONOTONIC, &t);
	d = since_last();
	CHECK(d.minor > 0);
	CHECK_ALL(&d, SPECIAL);
	check_exact();
}

static void kernels_own(void)
{
	reap(spawn(special, NULL));
}

static sigjmp_buf back;
static volatile bool can_jump;

static void jump_back(int sig)
{
	if (can_jump)
		siglongjmp(back, sig);
}

static int fault_at(volatile char *p)
{
	int sig = sigsetjmp(back, 1);

	can_jump = true;
	if (!sig)
		*p = 1;
	can_jump = false;
	return sig;
}

static void beyond_the_end(void)
{
	struct delta d;
	int fd = make_file(disk_dir(), "short", 1), i;
	char *p = map(fd, N + 1, MAP_SHARED) + page;

	signal(SIGBUS, jump_back);
	fault_at(p);
	warm_up();
	for (i = 0; i < N; i++)
		CHECK_EQ(fault_at(p + i * page), SIGBUS);
	d = since_last();
	CHECK_EQ(d.failed, N);
	CHECK_ALL(&d, SIGBUS);
	check_exact();
}

static void poisoned(void)
{
	struct delta d;
	char *p = fresh(3);

	signal(SIGBUS, jump_back);
	write_pages(p, 3);
	if (madvise(p, page, MADV_HWPOISON))
		skip("this kernel cannot poison memory (errno %d)", errno);
	CHECK_EQ(fault_at(p), SIGBUS);
	warm_up();
	CHECK_EQ(fault_at(p), SIGBUS);
	d = since_last();
	CHECK_EQ(d.failed, 1);
	CHECK_ALL(&d, HWPOISON);
	check_exact();
}

static void one_of_each(int fd, int memory, const char *theirs)
{
	char *p = fresh(N);

	write_pages(p, 7);
	CHECK_EQ(read(fd, p + 7 * page, 11 * page), (long long)(11 * page));
	CHECK(!mlock(p + 18 * page, 13 * page));
	/* The child has not touched this yet: we do it for it. */
	CHECK_EQ(pwrite(memory, p, 5 * page, (size_t)theirs), (long long)(5 * page));
}

static void origins(void)
{
	int fd = open("/dev/zero", O_RDONLY), pipes[2];
	struct stats before, after;
	char *theirs = fresh(N), path[64], byte;
	int memory;
	pid_t pid;

	CHECK(fd >= 0 && !pipe(pipes));
	pid = fork();
	if (pid == 0) {
		CHECK_EQ(read(pipes[0], &byte, 1), 1);
		_exit(0);
	}
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	memory = open(path, O_RDWR);
	CHECK(memory >= 0);
	/* The first time for what this program's own pages cost after the fork. */
	one_of_each(fd, memory, theirs);
	warm_up();
	CHECK_EQ(read_stats(SELF, &after), 0);
	CHECK_EQ(read_stats(SELF, &before), 0);
	one_of_each(fd, memory, theirs + 100 * page);
	CHECK_EQ(read_stats(SELF, &after), 0);
	CHECK_EQ(after.origin_user - before.origin_user, 7);
	CHECK_EQ(after.origin_kernel - before.origin_kernel, 11);
	CHECK_EQ(after.origin_gup - before.origin_gup, 13);
	CHECK_EQ(after.origin_remote - before.origin_remote, 5);
	CHECK_EQ(write(pipes[1], "", 1), 1);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	check_exact();
}

/* A thread that reads a page, and how often it had given up its CPU before. */
struct sleeper {
	char *p;
	pid_t tid;
	long switches;
	bool ready;
};

static long switches(void)
{
	struct rusage ru;

	CHECK(!getrusage(RUSAGE_THREAD, &ru));
	return ru.ru_nvcsw;
}

static void *read_one(void *arg)
{
	struct sleeper *s = arg;

	s->tid = gettid();
	s->switches = switches();
	__atomic_store_n(&s->ready, true, __ATOMIC_RELEASE);
	read_pages(s->p, 1);
	return NULL;
}

/* It waits, and has no CPU. */
static bool is_off_the_cpu(void *arg)
{
	const char key[] = "voluntary_ctxt_switches:";
	const struct sleeper *s = arg;
	char path[64], line[256];
	long now = -1;
	FILE *f;

	if (!__atomic_load_n(&s->ready, __ATOMIC_ACQUIRE))
		return false;
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", s->tid);
	f = fopen(path, "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, sizeof(key) - 1))
			now = atol(line + sizeof(key) - 1);
	fclose(f);
	CHECK(now >= 0);
	return now > s->switches;
}

static struct class_row row_of(enum vmtrace_class class)
{
	static struct stats stats;

	CHECK_EQ(read_stats(SELF, &stats), 0);
	return stats.class[class];
}

/* Zero faults that nobody interrupted: their thread had its CPU all the time. */
static bool never_off_the_cpu(void *unused)
{
	struct class_row before, after;
	struct rusage a, b;
	char *p = fresh(7);

	(void)unused;
	before = row_of(VMTRACE_CLASS_ZERO);
	CHECK(!getrusage(RUSAGE_THREAD, &a));
	read_pages(p, 7);
	CHECK(!getrusage(RUSAGE_THREAD, &b));
	after = row_of(VMTRACE_CLASS_ZERO);
	CHECK(after.faults - before.faults >= 7);
	CHECK(after.total_ns > before.total_ns);
	if (a.ru_nvcsw != b.ru_nvcsw || a.ru_nivcsw != b.ru_nivcsw)
		return false;
	CHECK_EQ(after.asleep_ns, before.asleep_ns);
	return true;
}

static void sleeping(void)
{
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	struct class_row before, after;
	struct server s = { 0 };
	char *p = fresh(4);
	pthread_t thread;
	int i;

	s.fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (s.fd < 0)
		skip("no userfaultfd (errno %d)", errno);
	reg.range.start = (size_t)p;
	reg.range.len = 4 * page;
	CHECK(!ioctl(s.fd, UFFDIO_API, &api) && !ioctl(s.fd, UFFDIO_REGISTER, &reg));
	warm_up();
	for (i = 0; i < 4; i++) {
		struct sleeper sleeper = { .p = p + i * page };
		struct uffdio_zeropage z = { .range = { (size_t)sleeper.p, page } };

		before = row_of(VMTRACE_CLASS_USERFAULT);
		CHECK(!pthread_create(&thread, NULL, read_one, &sleeper));
		CHECK(wait_until(is_off_the_cpu, &sleeper));
		CHECK(!ioctl(s.fd, UFFDIO_ZEROPAGE, &z));
		CHECK(!pthread_join(thread, NULL));
		after = row_of(VMTRACE_CLASS_USERFAULT);
		CHECK_EQ(after.faults, before.faults + 1);
		/* How long depends on others; that it did, and no longer than it took, does not. */
		CHECK(after.asleep_ns > before.asleep_ns);
		CHECK(after.asleep_ns - before.asleep_ns <= after.total_ns - before.total_ns);
	}
	CHECK(wait_until(never_off_the_cpu, NULL));
	check_exact();
}

const struct test class_tests[] = {
	{ "class: anon, zero, and the copy of the zero page", anonymous, "" },
	{ "class: cow-copy and cow-reuse", copy_on_write, "" },
	{ "class: file-hit, mkwrite, file-cow", file_pages, "" },
	{ "class: file-miss", file_from_disk, "" },
	{ "class: shmem", shared_memory, "" },
	{ "class: thp", huge_page, "" },
	{ "class: hugetlb", hugetlb, "" },
	{ "class: userfault, missing pages", userfault_missing, "" },
	{ "class: userfault, write protection", userfault_wp, "" },
	{ "class: swap-read and swap-cache", swapped, "" },
	{ "class: special", kernels_own, "" },
	{ "class: sigbus", beyond_the_end, "" },
	{ "class: hwpoison", poisoned, "" },
	{ "class: origins", origins, "" },
	{ "class: time asleep", sleeping, "" },
	{ 0 },
};
