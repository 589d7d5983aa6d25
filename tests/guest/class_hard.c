// SPDX-License-Identifier: GPL-2.0
/* class_hard.c - what each fault was, where the state of the memory is hard to make */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define N 61

/* Newer than this machine's headers. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE  103
#endif

static char *map_file(int fd, size_t pages, int prot, int flags)
{
	char *p = mmap(NULL, pages * page, prot, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* Faults of each of these classes, and of no other. */
static void check_two(const struct delta *d, enum vmtrace_class a, long long of_a,
		      enum vmtrace_class b, long long of_b)
{
	CHECK_EQ(d->class[a], of_a);
	CHECK_EQ(d->class[b], of_b);
	CHECK_EQ(d->minor + d->major + d->failed, of_a + of_b);
}

/* 6.13 replaces the huge zero page by a huge page; before, small zero pages replace it. */
static void write_to_the_huge_zero_page(void)
{
	char *p = fresh_huge(1);
	struct delta d;

	warm_up();
	read_pages(p, 1);
	d = since_last();
	CHECK_EQ(d.minor, 1);
	CHECK_EQ(d.pages, huge_size() / page);
	CHECK_ALL(&d, THP);
	write_pages(p, N);
	d = since_last();
	CHECK(d.minor == 1 || d.minor == N);
	CHECK_EQ(d.pages, d.minor == 1 ? huge_size() / page : N);
	CHECK_ALL(&d, COW_COPY);
	check_exact();
}

static void write_in_child(void *p)
{
	struct delta d;

	warm_up();
	write_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, COW_COPY);
	check_exact();
}

/* do_huge_pmd_wp_page(): a huge page that is shared is split, and small pages copied. */
static void copy_of_a_huge_page(void)
{
	char *p = fresh_huge(1);
	struct delta d;

	write_pages(p, 1);
	reap(spawn(write_in_child, p));
	warm_up();
	write_pages(p, N);
	d = since_last();
	/* Ours alone again, or a reference of a CPU's own list is in the way. */
	check_two(&d, VMTRACE_CLASS_COW_REUSE, d.class[VMTRACE_CLASS_COW_REUSE],
		  VMTRACE_CLASS_COW_COPY, d.class[VMTRACE_CLASS_COW_COPY]);
	CHECK(d.minor >= 1 && d.minor <= N);
	check_exact();
}

static void hole_in_a_huge_page(void)
{
	char *p = fresh_huge(1);
	struct delta d;

	write_pages(p, 1);
	warm_up();
	CHECK(!madvise(p + 7 * page, N * page, MADV_DONTNEED));
	write_pages(p, N + 14);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, ANON);
	check_exact();
}

static volatile bool stop;
static long collapsed; /* times */

static void *collapse(void *p)
{
	while (!stop)
		if (!madvise(p, huge_size(), MADV_COLLAPSE))
			__atomic_fetch_add(&collapsed, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void collapse_during_faults(void)
{
	char *p = fresh_huge(1);
	pthread_t thread;
	struct delta d;
	int i;

	write_pages(p, 1);
	if (madvise(p, huge_size(), MADV_COLLAPSE))
		skip("no MADV_COLLAPSE (errno %d)", errno);
	warm_up();
	CHECK(!pthread_create(&thread, NULL, collapse, p));
	for (i = 0; i < 20 || __atomic_load_n(&collapsed, __ATOMIC_RELAXED) < 5; i++) {
		CHECK(!madvise(p, N * page, MADV_DONTNEED));
		write_pages(p, N);
	}
	stop = true;
	CHECK(!pthread_join(thread, NULL));
	d = since_last();
	CHECK_EQ(d.failed, 0);
	CHECK(d.class[VMTRACE_CLASS_ANON] > 0);
	check_exact();
}

#define LARGE 65536

/* One fault maps all the pages of a large folio. */
static void large_folios(void)
{
	const char *enabled = "/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled";
	size_t size = 8 * LARGE;
	struct delta d;
	char *p;

	if (access(enabled, F_OK))
		skip("this kernel has no large folios of anonymous memory");
	swap_on(4 * size / page);
	CHECK(write_file(enabled, "always"));
	p = mmap(NULL, size + LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	p = (char *)(((size_t)p + LARGE - 1) / LARGE * LARGE);
	warm_up();
	write_pages(p, size / page);
	d = since_last();
	CHECK_EQ(d.minor, 8);
	CHECK_EQ(d.pages, size / page);
	CHECK_ALL(&d, ANON);
	CHECK(wait_until(swapped_out, &(struct range){ p, size / page }));
	since_last();
	read_pages(p, size / page);
	d = since_last();
	CHECK(d.minor + d.major >= 8 && d.class[VMTRACE_CLASS_SWAP_READ] >= 8);
	CHECK_EQ(d.pages, size / page);
	check_two(&d, VMTRACE_CLASS_SWAP_READ, d.class[VMTRACE_CLASS_SWAP_READ],
		  VMTRACE_CLASS_SWAP_CACHE, d.class[VMTRACE_CLASS_SWAP_CACHE]);
	CHECK(write_file(enabled, "never"));
	swap_off();
	check_exact();
}

/* do_fault_around(): the neighbours that are in the page cache are mapped along. */
static void fault_around(void)
{
	size_t pages = 4 * LARGE / page;
	int fd = make_file(disk_dir(), "hard", pages);
	struct delta d;
	char *p;

	p = mmap(NULL, 5 * LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	p = (char *)(((size_t)p + LARGE - 1) / LARGE * LARGE);
	CHECK(mmap(p, 4 * LARGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == p);
	warm_up();
	read_pages(p, pages);
	d = since_last();
	CHECK_EQ(d.minor, 4);
	CHECK_EQ(d.pages, pages);
	CHECK_ALL(&d, FILE_HIT);
	check_exact();
}

static void huge_shmem(void)
{
	size_t size = huge_size();
	int fd = huge_tmpfs_file(size);
	struct delta d;
	char *p, *q;

	p = mmap(fresh_huge(1), size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	q = mmap(fresh_huge(1), size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	warm_up();
	write_pages(p, N);
	read_pages(q, N);
	d = since_last();
	CHECK_EQ(d.minor, 2);
	CHECK_EQ(d.pages, 2 * size / page);
	CHECK_ALL(&d, THP);
	/* wp_huge_pmd() unmaps the huge page, do_cow_fault() copies a small one. */
	write_pages(q, 1);
	d = since_last();
	CHECK_EQ(d.minor, 1);
	CHECK_ALL(&d, COW_COPY);
	/* The others are no longer mapped. */
	write_pages(q, N);
	d = since_last();
	CHECK_EQ(d.minor, N - 1);
	CHECK_ALL(&d, FILE_COW);
	check_exact();
}

static size_t hugetlb_size;

static void write_hugetlb(void *p)
{
	struct delta d;

	warm_up();
	*(volatile char *)p = 1;
	*((volatile char *)p + hugetlb_size) = 1;
	d = since_last();
	/* More where the CPU does not mark pages as used by itself. */
	CHECK(d.minor >= 2 && d.minor <= 4);
	CHECK_ALL(&d, HUGETLB);
	check_exact();
}

static void hugetlb_after_fork(void)
{
	int fd = hugetlb_file(2, &hugetlb_size);
	size_t size = 2 * hugetlb_size;
	char *p;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	write_hugetlb(p);
	/* In a child, mapped anew; and the copies that a private mapping makes. */
	reap(spawn(write_hugetlb, p));
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED && write_file("/proc/sys/vm/nr_hugepages", "6"))
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {
		write_file("/proc/sys/vm/nr_hugepages", "0");
		skip("not enough huge pages for private copies");
	}
	write_hugetlb(p);
	reap(spawn(write_hugetlb, p));
	CHECK(write_file("/proc/sys/vm/nr_hugepages", "0"));
}

static void fill(char *p, const char *other)
{
	int i;

	for (i = 0; i < N; i++)
		memset(p + i * page, other ? other[i * page] : i + 77, page);
}

static bool merged(void *want)
{
	size_t shared = 0, sharing = 0;
	FILE *f = fopen("/sys/kernel/mm/ksm/pages_shared", "r");
	FILE *g = fopen("/sys/kernel/mm/ksm/pages_sharing", "r");

	CHECK(f && g && fscanf(f, "%zu", &shared) == 1 && fscanf(g, "%zu", &sharing) == 1);
	fclose(f);
	fclose(g);
	return shared + sharing >= (size_t)want;
}

static void same_page_merging(void)
{
	char *p = fresh(N), *q = fresh(N), *r = fresh(N);
	struct delta d;

	if (!write_file("/sys/kernel/mm/ksm/sleep_millisecs", "10") ||
	    !write_file("/sys/kernel/mm/ksm/pages_to_scan", "1000"))
		skip("this kernel has no KSM");
	/* Pages of a process that has ended are counted until ksmd comes by, and it is stopped. */
	CHECK(write_file("/sys/kernel/mm/ksm/run", "2"));
	CHECK(!merged((void *)1L));
	fill(p, NULL);
	fill(q, p);
	fill(r, p);
	CHECK(!madvise(p, N * page, MADV_MERGEABLE) && !madvise(q, N * page, MADV_MERGEABLE) &&
	      !madvise(r, N * page, MADV_MERGEABLE));
	CHECK(write_file("/sys/kernel/mm/ksm/run", "1"));
	CHECK(wait_until(merged, (void *)(3L * N)));
	CHECK(write_file("/sys/kernel/mm/ksm/run", "0"));
	warm_up();
	write_pages(p, N);
	write_pages(q, N);
	d = since_last();
	CHECK_EQ(d.minor, 2 * N);
	CHECK_ALL(&d, COW_COPY);
	/* break_ksm(): nobody writes, the kernel wants them apart. */
	CHECK(!madvise(r, N * page, MADV_UNMERGEABLE));
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, COW_COPY);
	check_exact();
}

/* Frames without struct page, mapped when mmap() returns; a private one is copied. */
static void frames(void)
{
#ifdef __x86_64__
	off_t where = 0xf0000; /* the BIOS */
#else
	off_t where = 0; /* QEMU's flash memory */
#endif
	int fd = open("/dev/mem", O_RDWR);
	struct delta d;
	char *p, *q;

	if (fd < 0)
		skip("no /dev/mem (errno %d)", errno);
	p = mmap(NULL, 13 * page, PROT_READ, MAP_SHARED, fd, where);
	q = mmap(NULL, 13 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, where);
	if (p == MAP_FAILED || q == MAP_FAILED)
		skip("/dev/mem does not map that (errno %d)", errno);
	warm_up();
	read_pages(p, 13);
	d = since_last();
	CHECK_EQ(d.minor, 0);
	write_pages(q, 13);
	d = since_last();
	CHECK_EQ(d.minor, 13);
	CHECK_ALL(&d, COW_COPY);
	check_exact();
}

/* A device's memory of which the kernel has pages, but no file has them. */
static void device_pages(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_DUMMY };
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	struct delta d;
	char *p;

	if (fd < 0)
		skip("no perf events (errno %d)", errno);
	p = map_file(fd, 9, PROT_READ | PROT_WRITE, MAP_SHARED);
	warm_up();
	read_pages(p, 9);
	d = since_last();
	if (d.minor == 0)
		skip("this kernel maps them when mmap() returns, as Linux does since 6.15");
	CHECK_EQ(d.minor, 9);
	CHECK_ALL(&d, SPECIAL);
	check_exact();
}

/* Memory that keeps its contents, as x86 has it with memmap=64M!768M on the command line. */
static void dax_file(void)
{
	static const char dir[] = "/tmp/vmtrace-dax";
	struct delta d;
	char *p;
	int fd;

	if (system("(modprobe nd_e820; modprobe nd_pmem; modprobe ext4) 2>/dev/null; "
		   "test -b /dev/pmem0"))
		skip("no persistent memory");
	mkdir(dir, 0700);
	CHECK(!system("mke2fs -q -F -b 4096 /dev/pmem0 >/dev/null 2>&1"));
	if (mount("/dev/pmem0", dir, "ext4", 0, "dax"))
		skip("no file system with DAX (errno %d)", errno);
	fd = make_file(dir, "hard", N);
	p = map_file(fd, N, PROT_READ | PROT_WRITE, MAP_SHARED);
	CHECK(!umount2(dir, MNT_DETACH));
	warm_up();
	read_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, SPECIAL);
	write_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, MKWRITE);
	CHECK(!munmap(p, N * page));
	p = map_file(fd, N, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	since_last();
	write_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, SPECIAL);
	check_exact();
}

static void __attribute__((noinline)) deep(size_t pages)
{
	char frame[pages * page];

	while (pages--)
		*(volatile char *)(frame + pages * page) = 1;
}

static void stack_and_heap(void)
{
	struct delta d;
	char *p;

	warm_up();
	deep(N);
	d = since_last();
	/* A few pages are there from before. */
	CHECK(d.minor > N - 24 && d.minor <= N + 1);
	CHECK_ALL(&d, ANON);
	p = sbrk(N * page);
	CHECK(p != (void *)-1);
	since_last();
	p = (char *)(((size_t)p + page - 1) / page * page);
	write_pages(p, N - 1);
	d = since_last();
	CHECK(d.minor == N - 1 || d.minor == N - 2);
	CHECK_ALL(&d, ANON);
	check_exact();
}

static void moved_and_given_back(void)
{
	char *p = fresh(N), *q;
	struct delta d;

	warm_up();
	write_pages(p, N);
	since_last();
	q = mremap(p, N * page, 2 * N * page, MREMAP_MAYMOVE | MREMAP_FIXED, fresh(2 * N));
	CHECK(q != MAP_FAILED && q != p);
	since_last();
	write_pages(q, 2 * N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, ANON);
	CHECK(!madvise(q, N * page, MADV_DONTNEED));
	write_pages(q, 2 * N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, ANON);
	/* Clean now; a CPU that does not mark pages dirty by itself asks for it. */
	CHECK(!madvise(q, N * page, MADV_FREE));
	write_pages(q, 2 * N);
	d = since_last();
#ifdef __x86_64__
	CHECK_EQ(d.minor, 0);
#else
	CHECK(d.minor == 0 || d.minor == N);
#endif
	CHECK_ALL(&d, SPURIOUS);
	check_exact();
}

static void made_writable(void)
{
	int fd = make_file(disk_dir(), "hard", N);
	char *p = fresh(N), *shared = map_file(fd, N, PROT_READ, MAP_SHARED);
	char *private = map_file(fd, N, PROT_READ, MAP_PRIVATE);
	struct delta d;

	warm_up();
	write_pages(p, N);
	read_pages(shared, N);
	read_pages(private, N);
	CHECK(!mprotect(p, N * page, PROT_NONE));
	since_last();
	CHECK_EQ(signal_at(p), SIGSEGV);
	since_last();
	CHECK_EQ(signal_at(p), SIGSEGV);
	d = since_last();
	CHECK_EQ(d.minor + d.major + d.failed, 0);
	/* change_pte_range() may know already that nobody else has the page. */
	CHECK(!mprotect(p, N * page, PROT_READ | PROT_WRITE));
	write_pages(p, N);
	d = since_last();
	CHECK(d.minor == 0 || d.minor == N);
	CHECK_ALL(&d, COW_REUSE);
	CHECK(!mprotect(shared, N * page, PROT_READ | PROT_WRITE));
	write_pages(shared, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, MKWRITE);
	CHECK(!mprotect(private, N * page, PROT_READ | PROT_WRITE));
	write_pages(private, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, COW_COPY);
	CHECK(!msync(shared, N * page, MS_SYNC));
	check_exact();
}

static void soft_dirty(void)
{
	char *p = fresh(N);
	struct delta d;
	struct stats s;

	write_pages(p, N);
	warm_up();
	CHECK(write_file("/proc/self/clear_refs", "4"));
	/* What measures was written to as well. */
	CHECK_EQ(read_stats(SELF, &s), 0);
	write_pages(p, N);
	d = since_last();
	if (!d.minor)
		skip("this kernel has no soft-dirty bits");
	/* More of them: this program's own. */
	CHECK(d.minor >= N);
	CHECK_ALL(&d, COW_REUSE);
	check_exact();
}

static long long remote_faults(void)
{
	struct stats s;

	CHECK_EQ(read_stats(SELF, &s), 0);
	return s.origin_remote;
}

/* A child that has read these pages, and is stopped. */
static pid_t stopped_child(const char *p)
{
	pid_t pid = fork();
	int status;

	CHECK(pid >= 0);
	if (pid == 0) {
		read_pages(p, N);
		CHECK(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		raise(SIGSTOP);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status));
	return pid;
}

static void from_outside(void)
{
	char *closed = fresh(N);
	long long remote;
	struct delta d;
	pid_t pid;
	int i;
	char *text =
		map_file(make_file(disk_dir(), "hard", N), N, PROT_READ | PROT_EXEC, MAP_PRIVATE);

	write_pages(closed, N);
	CHECK(!mprotect(closed, N * page, PROT_NONE));
	pid = stopped_child(text);
	warm_up();
	remote = remote_faults();
	/* Read-only program text that is mapped; and PROT_NONE, which is no NUMA hint. */
	since_last();
	for (i = 0; i < N; i++)
		CHECK(!ptrace(PTRACE_POKEDATA, pid, text + i * page, 1L));
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, COW_COPY);
	for (i = 0; i < N; i++)
		CHECK(!ptrace(PTRACE_POKEDATA, pid, closed + i * page, 1L));
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, COW_COPY);
	CHECK_EQ(remote_faults() - remote, 2 * N);
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	check_exact();
}

/* A pin for reading, too, wants pages that are the child's alone: FAULT_FLAG_UNSHARE. */
static void pinned_from_outside(void)
{
	char *shared = fresh(N), *buffer = fresh(N);
	struct iovec to = { buffer, N * page }, from = { shared, N * page };
	long long remote;
	struct delta d;
	pid_t pid;

	if (process_vm_readv(getpid(), NULL, 0, NULL, 0, 0))
		skip("no process_vm_readv in this kernel (errno %d)", errno);
	write_pages(shared, N);
	write_pages(buffer, N);
	pid = stopped_child(shared);
	warm_up();
	write_pages(buffer, N);
	remote = remote_faults();
	since_last();
	CHECK_EQ(process_vm_readv(pid, &to, 1, &from, 1, 0), (long long)(N * page));
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, COW_COPY);
	CHECK_EQ(remote_faults() - remote, N);
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	check_exact();
}

static void program_text(void)
{
	char command[256], path[128];
	struct rusage ru;
	struct stats s;
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/program", disk_dir());
	snprintf(command, sizeof(command), "cp %s %s", self_exe, path);
	CHECK(!system(command));
	pid = fork();
	if (pid == 0) {
		execl(path, path, EXEC_CHECK, NULL);
		_exit(1);
	}
	CHECK_EQ(wait4(pid, &status, 0, &ru), pid);
	CHECK_EQ(status, 0);
	check_exited(pid, &ru);
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK(s.class[VMTRACE_CLASS_FILE_HIT].faults > 0 &&
	      s.class[VMTRACE_CLASS_FILE_COW].faults + s.class[VMTRACE_CLASS_COW_COPY].faults > 0);
	CHECK_EQ(s.class[VMTRACE_CLASS_OTHER].faults, 0);
	CHECK(!unlink(path));
}

static void guard_regions(void)
{
	char *p = fresh(N);
	struct delta d;
	int i;

	write_pages(p, N);
	if (madvise(p, N * page, MADV_GUARD_INSTALL))
		skip("this kernel has no guard regions (errno %d)", errno);
	CHECK_EQ(signal_at(p), SIGSEGV);
	warm_up();
	for (i = 0; i < N; i++)
		CHECK_EQ(signal_at(p + i * page), SIGSEGV);
	d = since_last();
	CHECK_EQ(d.failed, N);
	CHECK_ALL(&d, SIGSEGV);
	CHECK(!madvise(p, N * page, MADV_GUARD_REMOVE));
	write_pages(p, N);
	d = since_last();
	CHECK_EQ(d.minor, N);
	CHECK_ALL(&d, ANON);
	check_exact();
}

static void *change_guards(void *p)
{
	while (!stop) {
		madvise(p, N * page, MADV_GUARD_INSTALL);
		madvise(p, N * page, MADV_GUARD_REMOVE);
	}
	return NULL;
}

/* What was there when the fault began need not be what the kernel meets. */
static void guards_come_and_go(void)
{
	long refused = 0, granted = 0;
	char *p = fresh(N);
	pthread_t thread;
	struct delta d;
	int i;

	if (madvise(p, N * page, MADV_GUARD_INSTALL))
		skip("this kernel has no guard regions (errno %d)", errno);
	CHECK_EQ(signal_at(p), SIGSEGV);
	warm_up();
	CHECK(!pthread_create(&thread, NULL, change_guards, p));
	for (i = 0; i < 20 * N || refused < N || granted < N; i++)
		if (signal_at(p + i % N * page))
			refused++;
		else
			granted++;
	stop = true;
	CHECK(!pthread_join(thread, NULL));
	d = since_last();
	CHECK_EQ(d.failed, d.class[VMTRACE_CLASS_SIGSEGV]);
	check_exact();
}

/* Pages of shared memory in swap have no entry that says so; shmem_fault() finds them. */
static void swapped_shmem(void)
{
	char *p = mmap(NULL, N * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct delta d;

	CHECK(p != MAP_FAILED);
	CHECK(!madvise(p, N * page, MADV_RANDOM));
	CHECK(write_file("/proc/sys/vm/page-cluster", "0"));
	swap_on(4 * N);
	write_pages(p, N);
	CHECK(wait_until(swapped_out, &(struct range){ p, N }));
	warm_up();
	read_pages(p, N);
	d = since_last();
	CHECK_EQ(d.major, N);
	CHECK_ALL(&d, SHMEM);
	swap_off();
	check_exact();
}

/* As many as the guest has CPUs. They get in each other's way by themselves. */
#define THREADS 2
static int arrived;

/* Who waits does not sleep: those who are woken come one after the other. */
static void *write_together(void *p)
{
	int i;

	__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < THREADS)
		sched_yield();
	for (i = 0; i < N; i++)
		*((volatile char *)p + i * page) = 1;
	return NULL;
}

static struct delta together(char *p)
{
	pthread_t thread[THREADS];
	struct delta d;
	int i;

	arrived = 0;
	warm_up();
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&thread[i], NULL, write_together, p));
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(thread[i], NULL));
	d = since_last();
	check_exact();
	return d;
}

/* Whoever comes late finds the page there, or that somebody else is making it. */
static void two_at_one_page(void)
{
	struct delta d = together(fresh(N));

	CHECK(d.class[VMTRACE_CLASS_ANON] >= N);
	CHECK_EQ(d.failed, 0);
}

/* Here, that it has been copied: nobody had it alone, to write to it as it is. */
static void two_at_one_zero_page(void)
{
	struct delta d;
	char *p;
	int i;

	/* What the threads themselves take, they have then. */
	together(fresh(N));
	for (i = 0; i < 10; i++) {
		p = fresh(N);
		read_pages(p, N);
		d = together(p);
		CHECK(d.class[VMTRACE_CLASS_COW_COPY] >= N);
		CHECK_EQ(d.class[VMTRACE_CLASS_COW_REUSE], 0);
		CHECK_EQ(d.failed, 0);
	}
}

static void two_at_one_swapped_page(void)
{
	char *p = fresh(N);
	struct delta d;

	swap_on(4 * N);
	write_pages(p, N);
	CHECK(wait_until(swapped_out, &(struct range){ p, N }));
	d = together(p);
	CHECK(d.class[VMTRACE_CLASS_SWAP_READ] > 0);
	CHECK(d.class[VMTRACE_CLASS_SWAP_READ] + d.class[VMTRACE_CLASS_SWAP_CACHE] >= N);
	CHECK_EQ(d.failed, 0);
	swap_off();
}

/* Page out all of a struct range; true when every entry says swap. */
static bool all_in_swap(void *range)
{
	const struct range *r = range;
	int fd = open("/proc/self/pagemap", O_RDONLY);
	unsigned long long entry;
	size_t i, n = 0;

	CHECK(write_file("/proc/sys/vm/drop_caches", "1"));
	madvise(r->start, r->pages * page, MADV_PAGEOUT);
	for (i = 0; i < r->pages; i++) {
		CHECK_EQ(pread(fd, &entry, 8, ((size_t)r->start / page + i) * 8), 8);
		n += entry >> 62 & 1;
	}
	close(fd);
	return n == r->pages;
}

/* A file on the disk, with and without zswap before it. */
static void swap_file(const char *zswap)
{
	unsigned int *block = calloc(1, page);
	char path[128], *p = fresh(N);
	struct delta d;
	int i, fd;

	if (!write_file("/sys/module/zswap/parameters/enabled", zswap) && *zswap == 'Y')
		skip("no zswap in this kernel, or not its compressor (errno %d)", errno);
	snprintf(path, sizeof(path), "%s/swap", disk_dir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && block);
	/* What mkswap(8) writes: union swap_header, include/linux/swap.h. */
	block[256] = 1;
	block[257] = 4 * N - 1;
	memcpy((char *)block + page - 10, "SWAPSPACE2", 10);
	for (i = 0; i < 4 * N; i++)
		CHECK_EQ(write(fd, block, page), (long long)page);
	CHECK(!fsync(fd));
	CHECK(write_file("/proc/sys/vm/page-cluster", "0"));
	if (swapon(path, 0))
		skip("no swap on that file system (errno %d)", errno);
	write_pages(p, N);
	CHECK(wait_until(all_in_swap, &(struct range){ p, N }));
	warm_up();
	read_pages(p, N);
	d = since_last();
	/* Once written they stay in memory until somebody wants it. */
	CHECK_EQ(d.major, d.class[VMTRACE_CLASS_SWAP_READ]);
	check_two(&d, VMTRACE_CLASS_SWAP_READ, d.class[VMTRACE_CLASS_SWAP_READ],
		  VMTRACE_CLASS_SWAP_CACHE, N - d.class[VMTRACE_CLASS_SWAP_READ]);
	CHECK(!swapoff(path) && !unlink(path));
	write_file("/sys/module/zswap/parameters/enabled", "N");
	check_exact();
}

static void swap_on_disk(void)
{
	swap_file("N");
}

static void compressed_swap(void)
{
	swap_file("Y");
}

const struct test class_hard_tests[] = {
	{ "class: the huge zero page is written", write_to_the_huge_zero_page, "" },
	{ "class: a huge page after fork", copy_of_a_huge_page, "" },
	{ "class: a hole in a huge page", hole_in_a_huge_page, "" },
	{ "class: pages become a huge page during faults", collapse_during_faults, "" },
	{ "class: large folios, swapped too", large_folios, "" },
	{ "class: neighbours in the page cache", fault_around, "" },
	{ "class: huge pages of tmpfs", huge_shmem, "" },
	{ "class: hugetlb, shared and copied", hugetlb_after_fork, "" },
	{ "class: pages merged by KSM", same_page_merging, "" },
	{ "class: /dev/mem", frames, "" },
	{ "class: special, pages of a device", device_pages, "" },
	{ "class: special, DAX", dax_file, "" },
	{ "class: stack and heap", stack_and_heap, "" },
	{ "class: mremap, MADV_DONTNEED, MADV_FREE", moved_and_given_back, "" },
	{ "class: mprotect", made_writable, "" },
	{ "class: soft-dirty bits cleared", soft_dirty, "" },
	{ "class: ptrace", from_outside, "" },
	{ "class: process_vm_readv", pinned_from_outside, "" },
	{ "class: program text", program_text, "" },
	{ "class: guard regions", guard_regions, "" },
	{ "class: guard regions that come and go", guards_come_and_go, "" },
	{ "class: swapped shmem", swapped_shmem, "" },
	{ "class: two threads at one page", two_at_one_page, "" },
	{ "class: two threads at one zero page", two_at_one_zero_page, "" },
	{ "class: two threads at one swapped page", two_at_one_swapped_page, "" },
	{ "class: a swap file", swap_on_disk, "" },
	{ "class: a swap file behind zswap", compressed_swap, "" },
	{ 0 },
};
