// SPDX-License-Identifier: GPL-2.0
/* walk.c - the page-table walk, beside what the kernel itself says of the same page */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/kernel-page-flags.h>

#include "lib/error.h"
#include "report/predict.h"
#include "sources/module_topics.h"
#include "sources/thp.h"
#include "sources/walk_stats.h"
#include "background.h"
#include "harness.h"
#include "rwp.h"

#define WALK "/sys/kernel/debug/" VMTRACE_DIR "/" VMTRACE_WALK

static struct walk_stats w;

static void look_up(pid_t pid, const volatile void *address)
{
	struct error error = { "" };

	if (!module_walk(pid, (uintptr_t)address, &w, &error))
		return;
	note("%s", error.text);
	CHECK(!"the walk is done");
}

static bool has(unsigned int set, unsigned int bit)
{
	return set & 1u << bit;
}

/* One number of a file of /proc that has 64 bits for each page. */
static unsigned long long word(const char *path, unsigned long long index)
{
	unsigned long long value = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_EQ(pread(fd, &value, sizeof(value), (off_t)(index * sizeof(value))), sizeof(value));
	close(fd);
	return value;
}

/* Bits of /proc/<pid>/pagemap: Documentation/admin-guide/mm/pagemap.rst. */
#define PM_SOFT_DIRTY (1ull << 55)
#define PM_EXCLUSIVE  (1ull << 56)
#define PM_FILE	      (1ull << 61)
#define PM_SWAP	      (1ull << 62)
#define PM_PRESENT    (1ull << 63)
#define PM_FRAME      ((1ull << 55) - 1)

/* That no two levels have the same table, and that those above the end are tables. */
static void check_levels(void)
{
	const struct walk_level *end = walk_end(&w);
	int i, folded = 0;

	for (i = 0; i < WALK_LEVELS; i++) {
		const struct walk_level *l = &w.level[i];

		if (l->kind == VMTRACE_WALK_KIND_FOLDED) {
			folded++;
			continue;
		}
		if (l < end) {
			CHECK_EQ(l->kind, VMTRACE_WALK_KIND_ABSENT);
			CHECK_EQ(l->index, -1);
			continue;
		}
		CHECK(l->index >= 0);
		if (l > end) {
			CHECK_EQ(l->kind, VMTRACE_WALK_KIND_TABLE);
			CHECK(l->entry && l->pfn && has(l->flags, VMTRACE_WALK_FLAG_VALID));
		}
	}
	CHECK_EQ(w.levels + folded, WALK_LEVELS);
	/* A table of the lowest level fills a page with entries of eight bytes. */
	if (end == w.level)
		CHECK_EQ(end->index, (long long)(w.address / page % (page / 8)));
	CHECK_EQ(w.page_size, (long long)page);
}

/* Whatever is at the address, it must be what the kernel's own files say. */
static void check_walk(const volatile void *address)
{
	unsigned long long map, flags;
	const struct walk_level *end;

	look_up(getpid(), address);
	map = word("/proc/self/pagemap", (uintptr_t)address / page);
	check_levels();
	CHECK_EQ(w.address, (uintptr_t)address);
	end = walk_end(&w);
	CHECK_EQ(!!(map & PM_PRESENT),
		 end->kind == VMTRACE_WALK_KIND_PRESENT || end->kind == VMTRACE_WALK_KIND_HUGE);
	if (map & PM_SWAP && end->kind == VMTRACE_WALK_KIND_SWAP) {
		CHECK_EQ(w.swap_type, (long long)(map & 31));
		CHECK_EQ(w.swap_offset, (long long)((map & PM_FRAME) >> 5));
	}
	if (end->kind != VMTRACE_WALK_KIND_NONE && !strcmp(w.vma_facts, "anon"))
		CHECK_EQ(!!(map & PM_SOFT_DIRTY), has(end->flags, VMTRACE_WALK_FLAG_SOFT_DIRTY));
	if (!(map & PM_PRESENT)) {
		CHECK_EQ(w.page_kind, VMTRACE_WALK_PAGE_NONE);
		return;
	}
	CHECK_EQ(end->pfn, (long long)(map & PM_FRAME));
	if (w.page_kind == VMTRACE_WALK_PAGE_ZERO || w.page_kind == VMTRACE_WALK_PAGE_SPECIAL)
		return;
	flags = word("/proc/kpageflags", end->pfn);
	CHECK_EQ(w.mapcount, (long long)word("/proc/kpagecount", end->pfn));
	CHECK(w.refcount >= 1);
	if (w.page_kind != VMTRACE_WALK_PAGE_HUGETLB)
		CHECK_EQ(!!(flags >> KPF_ANON & 1), w.page_kind == VMTRACE_WALK_PAGE_ANON ||
							    w.page_kind == VMTRACE_WALK_PAGE_KSM);
	CHECK_EQ(!!(flags >> KPF_HUGE & 1), w.page_kind == VMTRACE_WALK_PAGE_HUGETLB);
	CHECK_EQ(!!(map & PM_FILE),
		 w.page_kind == VMTRACE_WALK_PAGE_FILE || w.page_kind == VMTRACE_WALK_PAGE_SHMEM);
	if (w.page_kind != VMTRACE_WALK_PAGE_HUGETLB)
		CHECK_EQ(!!(map & PM_EXCLUSIVE), w.mapcount == 1);
	if (w.page_pages > 1)
		CHECK(flags >> KPF_COMPOUND_HEAD & 1 || flags >> KPF_COMPOUND_TAIL & 1);
	else
		CHECK(!(flags >> KPF_COMPOUND_HEAD & 1 || flags >> KPF_COMPOUND_TAIL & 1));
	if (flags >> KPF_COMPOUND_TAIL & 1)
		return; /* its other flags are those of the head, which is another word */
	CHECK_EQ(!!(flags >> KPF_SWAPBACKED & 1),
		 has(w.page_flag_set, VMTRACE_WALK_PAGE_FLAG_SWAPBACKED));
	CHECK_EQ(!!(flags >> KPF_DIRTY & 1), has(w.page_flag_set, VMTRACE_WALK_PAGE_FLAG_DIRTY));
}

static void check_page(const volatile void *address, enum vmtrace_walk_page kind)
{
	check_walk(address);
	CHECK_EQ(w.page_kind, kind);
}

static char *map(size_t pages, int prot, int flags, int fd)
{
	char *p = mmap(NULL, pages * page, prot, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void anonymous(void)
{
	char *p = fresh(8);
	int i;

	for (i = 0; i < 8; i++)
		check_page(p + i * page, VMTRACE_WALK_PAGE_NONE);
	CHECK(!strcmp(w.vma, VMTRACE_WALK_VMA_MAPPED) && !strcmp(w.vma_perms, "rw-p"));
	CHECK(w.vma_start <= (uintptr_t)p && w.vma_end >= (uintptr_t)p + 8 * page);
	CHECK(has(w.fact_set, VMTRACE_WALK_FACT_ANON));
	read_pages(p, 4);
	check_page(p + page, VMTRACE_WALK_PAGE_ZERO);
	CHECK(!has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_WRITE));
	write_pages(p + page, 1);
	check_page(p + page, VMTRACE_WALK_PAGE_ANON);
	CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_WRITE));
	CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_DIRTY));
	CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_ACCESSED));
	CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_USER));
	CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_NX));
	CHECK(has(w.page_flag_set, VMTRACE_WALK_PAGE_FLAG_EXCLUSIVE));
	CHECK_EQ(w.mapcount, 1);
	/* Two neighbours have their entries side by side. */
	i = walk_end(&w)->index;
	check_walk(p + 2 * page - 1);
	CHECK_EQ(walk_end(&w)->index, i);
	CHECK(!mprotect(p, 8 * page, PROT_NONE));
	check_page(p + page, VMTRACE_WALK_PAGE_ANON);
	CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_PROTNONE));
	CHECK(!has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_VALID));
	CHECK(!strcmp(w.vma_perms, "---p"));
	check_page(p + 7 * page, VMTRACE_WALK_PAGE_NONE);
	CHECK(!munmap(p, 8 * page));
	check_page(p + page, VMTRACE_WALK_PAGE_NONE);
	CHECK(!strcmp(w.vma, VMTRACE_WALK_VMA_NONE));
}

static void wait_for_byte(void *fd)
{
	char c;

	CHECK_EQ(read((long)fd, &c, 1), 1);
}

static void after_fork(void)
{
	char *p = fresh(1);
	long long pfn;
	int pipes[2];
	pid_t pid;

	write_pages(p, 1);
	CHECK(!pipe(pipes));
	pid = spawn(wait_for_byte, (void *)(long)pipes[0]);
	check_page(p, VMTRACE_WALK_PAGE_ANON);
	pfn = walk_end(&w)->pfn;
	CHECK_EQ(w.mapcount, 2);
	CHECK(!has(w.page_flag_set, VMTRACE_WALK_PAGE_FLAG_EXCLUSIVE));
	CHECK(!has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_WRITE));
	look_up(pid, p);
	CHECK_EQ(w.pid, pid);
	CHECK_EQ(walk_end(&w)->pfn, pfn);
	write_pages(p, 1);
	check_page(p, VMTRACE_WALK_PAGE_ANON);
	CHECK(walk_end(&w)->pfn != pfn);
	look_up(pid, p);
	CHECK_EQ(walk_end(&w)->pfn, pfn);
	CHECK_EQ(w.mapcount, 1);
	CHECK_EQ(write(pipes[1], "x", 1), 1);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static void files(void)
{
	int fd = make_file(disk_dir(), "walked", 4),
	    memory = syscall(SYS_memfd_create, "walked", 0);
	char *private, *shared;

	CHECK(memory >= 0 && !ftruncate(memory, 4 * page));
	private = map(6, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	shared = map(6, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	check_page(private, VMTRACE_WALK_PAGE_NONE);
	CHECK(!strcmp(w.cache, "hit") && strstr(w.vma_name, "/walked"));
	read_pages(private, 1);
	check_page(private, VMTRACE_WALK_PAGE_FILE);
	write_pages(private, 1);
	check_page(private, VMTRACE_WALK_PAGE_ANON);
	write_pages(shared + page, 1);
	check_page(shared + page, VMTRACE_WALK_PAGE_FILE);
	CHECK(has(w.fact_set, VMTRACE_WALK_FACT_SHARED) && !strcmp(w.vma_perms, "rw-s"));
	CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_WRITE));
	check_page(shared + 5 * page, VMTRACE_WALK_PAGE_NONE);
	CHECK(!strcmp(w.cache, "end"));
	CHECK(!munmap(shared, 6 * page));
	shared = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 2 * page);
	CHECK(shared != MAP_FAILED);
	check_walk(shared);
	CHECK_EQ(w.vma_offset, 2 * page);

	shared = map(4, PROT_READ | PROT_WRITE, MAP_SHARED, memory);
	check_page(shared, VMTRACE_WALK_PAGE_NONE);
	CHECK(!strcmp(w.cache, "miss"));
	write_pages(shared, 1);
	check_page(shared, VMTRACE_WALK_PAGE_SHMEM);
	CHECK(has(w.fact_set, VMTRACE_WALK_FACT_SHMEM) && !strcmp(w.cache, "hit"));
	shared = map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	write_pages(shared, 1);
	check_page(shared, VMTRACE_WALK_PAGE_SHMEM);
}

/* Room for a huge page, aligned; nothing touched. */
static char *huge_room(size_t *size)
{
	char text[32] = "";
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "r");
	char *p;

	if (!f || !fgets(text, sizeof(text), f))
		skip("this kernel has no huge pages");
	fclose(f);
	*size = strtoul(text, NULL, 10);
	p = map(2 * *size / page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	p += *size - (uintptr_t)p % *size;
	CHECK(!madvise(p, *size, MADV_HUGEPAGE));
	return p;
}

static void huge_page(void)
{
	size_t size;
	char *p = huge_room(&size);
	long long pfn;

	check_page(p, VMTRACE_WALK_PAGE_NONE);
	CHECK(has(w.fact_set, VMTRACE_WALK_FACT_HUGE_FITS));
	CHECK(has(w.fact_set, VMTRACE_WALK_FACT_HUGEPAGE));
	read_pages(p, 1);
	check_walk(p);
	if (walk_end(&w)->kind != VMTRACE_WALK_KIND_HUGE)
		skip("no huge page is free");
	CHECK_EQ(w.page_kind, VMTRACE_WALK_PAGE_ZERO);
	write_pages(p, 1);
	check_page(p, VMTRACE_WALK_PAGE_ANON);
	if (walk_end(&w)->kind != VMTRACE_WALK_KIND_HUGE) {
		/*
		 * Before 6.13, who writes to the huge zero page gets a small one, and the table
		 * that it takes stays where it is.
		 */
		p = huge_room(&size);
		write_pages(p, 1);
		check_page(p, VMTRACE_WALK_PAGE_ANON);
	}
	if (walk_end(&w)->kind != VMTRACE_WALK_KIND_HUGE)
		skip("no huge page is free");
	CHECK_EQ(w.page_pages, (long long)(size / page));
	pfn = walk_end(&w)->pfn;
	check_page(p + 5 * page + 7, VMTRACE_WALK_PAGE_ANON);
	CHECK_EQ(walk_end(&w)->pfn, pfn + 5);
	CHECK_EQ(walk_end(&w) - w.level, 1);
	CHECK_EQ(w.level[0].kind, VMTRACE_WALK_KIND_ABSENT);
}

static void hugetlb(void)
{
	const char *pool = "/proc/sys/vm/nr_hugepages";
	char *p;

	if (!write_file(pool, "2"))
		skip("no hugetlbfs");
	p = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (p == MAP_FAILED) {
		write_file(pool, "0");
		skip("no huge page could be reserved");
	}
	check_page(p, VMTRACE_WALK_PAGE_NONE);
	CHECK(has(w.fact_set, VMTRACE_WALK_FACT_HUGETLB));
	write_pages(p, 1);
	check_page(p + 3 * page, VMTRACE_WALK_PAGE_HUGETLB);
	CHECK_EQ(w.mapcount, 1);
	CHECK(has(w.page_flag_set, VMTRACE_WALK_PAGE_FLAG_EXCLUSIVE));
	write_file(pool, "0");
}

#define SWAPPED 16

static void swapped(void)
{
	struct range r = { fresh(SWAPPED), SWAPPED };
	size_t i;

	swap_on(4 * SWAPPED);
	write_pages(r.start, SWAPPED);
	CHECK(wait_until(swapped_out, &r));
	for (i = 0; i < SWAPPED; i++) {
		check_page(r.start + i * page, VMTRACE_WALK_PAGE_NONE);
		CHECK_EQ(walk_end(&w)->kind, VMTRACE_WALK_KIND_SWAP);
		CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_EXCLUSIVE));
	}
	swap_off();
	check_page(r.start, VMTRACE_WALK_PAGE_ANON);
}

/* The walk of every page of this process, and of the addresses around its mappings. */
static void whole_process(void)
{
	unsigned long from, to;
	char line[512], name[256];
	bool stack = false, vdso = false;
	FILE *f = fopen("/proc/self/maps", "r");

	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned long a;

		name[0] = '\0';
		CHECK(sscanf(line, "%lx-%lx %*s %*s %*s %*s %255s", &from, &to, name) >= 2);
		/* Outside of the user's addresses: x86 shows it to all. */
		if (!strcmp(name, "[vsyscall]"))
			continue;
		/* The heap and the stack are changed by whoever looks: only there, or not. */
		for (a = from; a < to && a - from < 64 * page; a += page) {
			look_up(getpid(), (void *)a);
			check_levels();
			if (strcmp(name, "[heap]") && strcmp(name, "[stack]"))
				check_walk((void *)a);
			CHECK_EQ(w.vma_start, from);
			CHECK(!strncmp(w.vma_name, name, strlen(name)));
		}
		stack |= !strcmp(name, "[stack]");
		vdso |= !strcmp(name, "[vdso]");
	}
	fclose(f);
	CHECK(stack && vdso);
}

static int put_request(int fd, const char *text)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : errno;
}

static void bad_requests(void)
{
	static const char *const wrong[] = {
		"",
		" ",
		"\n",
		"1",
		"1 ",
		"x 1",
		"1 x",
		"-1 1",
		"+1 1",
		"1 +1",
		"1 -1",
		"1 0x",
		"1 1 1",
		"1 0x1g",
		"1,1",
		"0x1 1",
		"1 1x",
		"self 1",
		"2147483648 1",
		"99999999999999999999 1",
		"1 18446744073709551616",
		"1 0x10000000000000000",
		"1 0x 1",
		"1 1\n1",
	};
	char text[4096], request[64], all[64] = "1\0001";
	int fd;
	size_t i;
	pid_t pid;

	CHECK(access(WALK, F_OK) == 0);
	fd = open(WALK, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(read(fd, text, sizeof(text)) < 0 && errno == ENODATA);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(lseek(fd, 7, SEEK_SET) < 0 && errno == ENODATA);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int err = *wrong[i] ? put_request(fd, wrong[i]) : EINVAL;

		if (err != EINVAL)
			note("'%s'", wrong[i]);
		CHECK_EQ(err, EINVAL);
	}
	CHECK(write(fd, all, 3) < 0 && errno == EINVAL);
	memset(all, ' ', sizeof(all));
	memcpy(all, "1 1", 3);
	CHECK_EQ(write(fd, all, 64), 64);
	CHECK(write(fd, text, 65) < 0 && errno == EINVAL);
	CHECK(write(fd, map(1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1), 8) < 0 &&
	      errno == EFAULT);
	CHECK_EQ(put_request(fd, "1 0xffffffffffffffff"), EFAULT);
	CHECK_EQ(put_request(fd, "1 18446744073709551615"), EFAULT);
	CHECK_EQ(put_request(fd, "1 0xffff800000000000"), EFAULT);
	CHECK_EQ(put_request(fd, "2147483647 0"), ESRCH);
	CHECK_EQ(put_request(fd, "0 0"), ESRCH);
	CHECK_EQ(put_request(fd, "2 0"), ENXIO); /* kthreadd */
	/* A zombie has no memory any more. */
	pid = fork();
	if (!pid)
		_exit(0);
	CHECK(!waitid(P_PID, pid, NULL, WEXITED | WNOWAIT));
	snprintf(request, sizeof(request), "%d 0x1000", pid);
	CHECK_EQ(put_request(fd, request), ESRCH);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_EQ(put_request(fd, request), ESRCH);

	/* What was refused has changed nothing. */
	CHECK_EQ(put_request(fd, " \t1 \t 0x1000\n\n"), 0);
	CHECK_EQ(put_request(fd, "1 x"), EINVAL);
	i = (size_t)read(fd, text, sizeof(text) - 1);
	CHECK(i > 0 && i < sizeof(text));
	text[i] = '\0';
	CHECK(strstr(text, "pid:\t1\naddress:\t0x1000\n"));
	CHECK_EQ(read(fd, text, sizeof(text)), 0);
	/* Small bites, of one instant; another walk begins anew. */
	CHECK_EQ(put_request(fd, "1 4096"), 0);
	for (i = 0; read(fd, text + i, 1) == 1; i++)
		;
	text[i] = '\0';
	CHECK(strstr(text, "address:\t0x1000\n") && strstr(text, "\npte\t"));
	CHECK_EQ(put_request(fd, "1 0x2000"), 0);
	CHECK_EQ(read(fd, text, 20), 20);
	CHECK_EQ(put_request(fd, "1 0x3000"), 0);
	CHECK(read(fd, text, sizeof(text)) > 0);
	CHECK(strstr(text, "address:\t0x3000\n") && !strncmp(text, "format:\t2\n", 10));
	/* Who writes only can write; who reads only cannot ask. */
	close(fd);
	fd = open(WALK, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(put_request(fd, "1 0"), 0);
	close(fd);
	fd = open(WALK, O_RDONLY | O_CLOEXEC);
	CHECK_EQ(put_request(fd, "1 0"), EBADF);
	CHECK(read(fd, text, sizeof(text)) < 0 && errno == ENODATA);
	close(fd);
}

static void highest_addresses(void)
{
	int fd = open(WALK, O_RDWR | O_CLOEXEC), bit = 63;
	unsigned long long end = 0;
	char request[64];

	CHECK(fd >= 0);
	/* Find where user space ends by asking; the page before it is walked, it is not. */
	for (; bit >= 12; bit--) {
		snprintf(request, sizeof(request), "%d 0x%llx", getpid(), (end | 1ull << bit) - 1);
		if (!put_request(fd, request))
			end |= 1ull << bit;
	}
	note("user space ends at 0x%llx", end);
	CHECK(end > (uintptr_t)&end);
	snprintf(request, sizeof(request), "%d 0x%llx", getpid(), end);
	CHECK_EQ(put_request(fd, request), EFAULT);
	check_walk((void *)(end - 1));
	CHECK_EQ(w.page_kind, VMTRACE_WALK_PAGE_NONE);
	check_walk(NULL);
	CHECK(!strcmp(w.vma, VMTRACE_WALK_VMA_NONE));
	close(fd);
}

struct cap {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[2];
};

static void drop(int capability)
{
	struct cap c = { .header = { .version = _LINUX_CAPABILITY_VERSION_3 } };

	CHECK(!syscall(SYS_capget, &c.header, c.data));
	c.data[capability / 32].effective &= ~(1u << capability % 32);
	CHECK(!syscall(SYS_capset, &c.header, c.data));
}

static void without(void *what)
{
	char *p = fresh(1);
	int i, fd, err;

	/* Opened with the capability: it may be used without. */
	write_pages(p, 1);
	fd = open(WALK, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	drop((long)what);
	CHECK_EQ(put_request(fd, "1 0"), 0);
	close(fd);
	fd = open(WALK, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	err = put_request(fd, "1 0");
	close(fd);
	if ((long)what == CAP_SYS_PTRACE) {
		CHECK_EQ(err, EPERM);
		return;
	}
	CHECK_EQ(err, 0);
	look_up(getpid(), p);
	CHECK_EQ(walk_end(&w)->kind, VMTRACE_WALK_KIND_PRESENT);
	for (i = 0; i < WALK_LEVELS; i++)
		CHECK(!w.level[i].entry && !w.level[i].pfn);
}

static void other_user(void *unused)
{
	(void)unused;
	CHECK(!setresuid(1000, 1000, 1000));
	CHECK(open(WALK, O_RDWR) < 0 && errno == EACCES);
}

static void capabilities(void)
{
	reap(spawn(without, (void *)(long)CAP_SYS_PTRACE));
	reap(spawn(without, (void *)(long)CAP_SYS_ADMIN));
	reap(spawn(other_user, NULL));
}

static void pid_namespaces(void)
{
	int status;
	pid_t pid;

	/* The first process of a new namespace is 1 there, and walks itself as that. */
	CHECK(!unshare(CLONE_NEWPID));
	pid = fork();
	if (!pid) {
		char *p = fresh(1);

		CHECK_EQ(getpid(), 1);
		write_pages(p, 1);
		look_up(1, p);
		CHECK_EQ(w.page_kind, VMTRACE_WALK_PAGE_ANON);
		CHECK_EQ(w.pid, 1);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* The address is that of the workload's; what happens there is nobody's business. */
static volatile bool stop;
static long moved, split; /* times */

static void *move_about(void *arg)
{
	char **where = arg;

	while (!stop) {
		char *p = fresh(4);

		__atomic_store_n(where, p, __ATOMIC_RELAXED);
		write_pages(p, 4);
		madvise(p, 2 * page, MADV_DONTNEED);
		mprotect(p, page, PROT_READ);
		munmap(p, 4 * page);
		__atomic_fetch_add(&moved, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *split_huge_pages(void *arg)
{
	size_t size;
	char *p = huge_room(&size);

	while (!stop) {
		__atomic_store_n((char **)arg, p + page, __ATOMIC_RELAXED);
		write_pages(p, 3);
		madvise(p, page, MADV_DONTNEED);
		madvise(p, size, MADV_DONTNEED);
		__atomic_fetch_add(&split, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void exec_and_exit(struct background *b)
{
	close(2);
	for (;;) {
		pid_t pid = fork();
		int status;

		CHECK(pid >= 0);
		if (!pid) {
			if (fork())
				execl(self_exe, self_exe, NULL); /* says how it is used */
			_exit(0);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2);
		background_round(b, 0);
	}
}

/* Of the test, and of what may have any of the numbers after its own. */
static void walk_for_ever(struct background *b)
{
	char *const *where = b->arg, request[64], text[8192];
	int fd = open(WALK, O_RDWR | O_CLOEXEC), pid = getppid(), next = pid, i;

	CHECK(fd >= 0);
	for (i = 0;; i++) {
		int err;

		if (i % 3)
			next++;
		else
			next = pid;
		snprintf(request, sizeof(request), "%d 0x%lx", next,
			 (unsigned long)__atomic_load_n(where, __ATOMIC_RELAXED));
		err = put_request(fd, request);
		CHECK(!err || err == ESRCH || err == ENXIO || err == EFAULT);
		CHECK(err || read(fd, text, sizeof(text)) > 100);
		if (!err)
			background_round(b, next != pid);
		if (next > pid + 200)
			next = pid;
	}
}

static bool both_go_on(void *goals)
{
	const long *until = goals;

	return __atomic_load_n(&moved, __ATOMIC_RELAXED) >= until[0] &&
	       __atomic_load_n(&split, __ATOMIC_RELAXED) >= until[1];
}

static void walkers_and_movers(void)
{
	long rounds = scaled(100), goals[2];
	char **where = (char **)map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	struct background b[3];
	pthread_t t[2];
	int i;

	background_start(&b[0], walk_for_ever, 2, where);
	background_start(&b[1], walk_for_ever, 2, where + 1);
	background_start(&b[2], exec_and_exit, 1, NULL);
	CHECK(!pthread_create(&t[0], NULL, move_about, where));
	CHECK(!pthread_create(&t[1], NULL, split_huge_pages, where + 1));
	for (; rounds > 0; rounds--) {
		look_up(getpid(), where[rounds % 2]);
		CHECK(w.page_kind < VMTRACE_WALK_PAGE_COUNT);
		if (rounds % 10)
			continue;
		goals[0] = __atomic_load_n(&moved, __ATOMIC_RELAXED) + 2;
		goals[1] = __atomic_load_n(&split, __ATOMIC_RELAXED) + 2;
		CHECK(wait_until(both_go_on, goals));
		background_goes_on(b, 3);
	}
	background_stop(b, 3);
	stop = true;
	for (i = 0; i < 2; i++)
		CHECK(!pthread_join(t[i], NULL));
}

static void open_while_unloading(void)
{
	char text[64];
	int fd;

	module_load("");
	fd = open(WALK, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(put_request(fd, "1 0"), 0);
	/* Busy, as long as it is open; and all goes on. */
	CHECK_EQ(module_try_unload(), -EAGAIN);
	CHECK(read(fd, text, sizeof(text)) == sizeof(text));
	CHECK_EQ(put_request(fd, "1 0"), 0);
	close(fd);
	module_unload();
	CHECK(access(WALK, F_OK) && errno == ENOENT);
}

static void open_and_close(struct background *b)
{
	for (;;) {
		int fd = open(WALK, O_RDWR | O_CLOEXEC), err;
		char text[64];

		if (fd < 0)
			continue;
		err = put_request(fd, "1 0x1000");
		if (read(fd, text, sizeof(text)) == sizeof(text)) {
			CHECK_EQ(err, 0);
			background_round(b, 0);
		} else {
			CHECK_EQ(errno, EIO);
		}
		close(fd);
	}
}

/* Over 10 s: each unload waits for RCU while all CPUs of an emulated guest are busy. */
static void opened_while_unloading(void)
{
	long rounds = scaled(15);
	struct background b;

	background_start(&b, open_and_close, 1, NULL);
	for (; rounds > 0; rounds--) {
		int err;

		module_load("");
		background_goes_on(&b, 1);
		do {
			err = module_try_unload();
			CHECK(!err || err == -EAGAIN || err == -EBUSY);
		} while (err);
	}
	CHECK_EQ(waitpid(b.pid, NULL, WNOHANG), 0);
	CHECK(!kill(b.pid, SIGKILL));
	CHECK_EQ(waitpid(b.pid, NULL, 0), b.pid);
}

/* What will happen, and then what did. */

static sigjmp_buf back;

static void jump_back(int sig)
{
	siglongjmp(back, sig);
}

static int touch(volatile char *p, bool write)
{
	int sig = sigsetjmp(back, 1);

	if (sig)
		return sig;
	if (write)
		*p = 1;
	else
		(void)*p;
	return 0;
}

static enum thp_mode thp = THP_NEVER;

static bool is_met(struct prediction p, const struct delta *d, int sig)
{
	switch (p.end) {
	case PREDICT_NONE:
		return !sig && !d->minor && !d->major && !d->failed;
	case PREDICT_REFUSED:
		return sig == SIGSEGV && !d->minor && !d->major && !d->failed;
	case PREDICT_FAILED:
		return sig && !d->minor && !d->major && d->failed == 1 && d->class[p.class] == 1;
	case PREDICT_MINOR:
		return !sig && d->minor == 1 && !d->major && d->class[p.class] == 1;
	case PREDICT_MAJOR:
		return !sig && !d->minor && d->major == 1 && d->class[p.class] == 1;
	default:
		return !sig && d->minor + d->major == 1 && d->class[p.class] == 1;
	}
}

static void try_it(volatile char *p, bool write, const char *file, int line)
{
	static struct predictions said;
	struct delta d;
	int sig, i;

	/* Twice, so that nothing of it is missing when it counts. */
	since_last();
	look_up(getpid(), p);
	said = predict(&w, thp, write);
	since_last();
	sig = touch(p, write);
	d = since_last();
	if (is_met(said.first, &d, sig) || (said.unless && is_met(said.second, &d, sig)))
		return;
	note("%s:%d: %s: said end %d class %d%s%s", file, line, write ? "write" : "read",
	     said.first.end, said.first.class, said.unless ? " unless " : "",
	     said.unless ? said.unless : "");
	note("page %s (%s), vma %s %s (%s), entry %s, %lld mapped, %lld references", w.page,
	     w.page_flags, w.vma, w.vma_perms, w.vma_facts, walk_kinds[walk_end(&w)->kind],
	     w.mapcount, w.refcount);
	note("signal %d, minor %lld, major %lld, failed %lld", sig, d.minor, d.major, d.failed);
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		if (d.class[i])
			note("class %d: %lld", i, d.class[i]);
	_exit(1);
}

#define READ(p)	 try_it(p, false, __FILE__, __LINE__)
#define WRITE(p) try_it(p, true, __FILE__, __LINE__)
/* And what it said is this, and nothing else. */
#define SAID(what, symbol) said_only(what, VMTRACE_CLASS_##symbol)

static void said_only(bool write, enum vmtrace_class class)
{
	struct predictions p = predict(&w, thp, write);

	CHECK(!p.unless);
	CHECK_EQ(p.first.class, class);
}

static void prepare(void)
{
	signal(SIGSEGV, jump_back);
	signal(SIGBUS, jump_back);
	touch(NULL, false); /* the first signal's own faults */
	touch(NULL, true);
	look_up(getpid(), NULL);
	warm_up();
}

static void predict_anonymous(void)
{
	char *p = fresh(8), *q = fresh(2);

	prepare();
	READ(p);
	SAID(false, ZERO);
	READ(p);
	WRITE(p);
	SAID(true, COW_COPY);
	WRITE(p);
	READ(p);
	WRITE(p + page);
	SAID(true, ANON);
	WRITE(p + page);
	CHECK(!mprotect(p, 8 * page, PROT_READ));
	READ(p);
	WRITE(p);
	READ(p + 2 * page);
	WRITE(p + 3 * page);
	CHECK(!mprotect(p, 8 * page, PROT_NONE));
	READ(p);
	WRITE(p);
	READ(p + 4 * page);
	WRITE(p + 5 * page);
	CHECK(!mprotect(p, 8 * page, PROT_READ | PROT_WRITE));
	READ(p);
	WRITE(p);
	CHECK(!munmap(q, 2 * page));
	READ(q);
	WRITE(q);
	WRITE(p + 6 * page);
	CHECK(!madvise(p + 6 * page, page, MADV_DONTNEED));
	READ(p + 6 * page);
	SAID(false, ZERO);
}

static void predict_after_fork(void)
{
	char *p = fresh(3);
	int pipes[2];
	pid_t pid;

	write_pages(p, 3);
	prepare();
	CHECK(!pipe(pipes));
	pid = spawn(wait_for_byte, (void *)(long)pipes[0]);
	READ(p);
	WRITE(p);
	SAID(true, COW_COPY);
	CHECK_EQ(write(pipes[1], "x", 1), 1);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	/* It is nobody else's any more. */
	WRITE(p + page);
	CHECK_EQ(predict(&w, thp, true).first.class, VMTRACE_CLASS_COW_REUSE);
	READ(p + 2 * page);
}

static void predict_files(void)
{
	int fd = make_file(disk_dir(), "walked", 64),
	    memory = syscall(SYS_memfd_create, "walked", 0);
	char *private, *shared;

	CHECK(memory >= 0 && !ftruncate(memory, 4 * page));
	private = map(65, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	shared = map(65, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	CHECK(!madvise(private, 65 * page, MADV_RANDOM));
	CHECK(!madvise(shared, 65 * page, MADV_RANDOM));
	prepare();
	READ(private);
	SAID(false, FILE_HIT);
	WRITE(private);
	SAID(true, COW_COPY);
	WRITE(private + 60 * page);
	SAID(true, FILE_COW);
	READ(private + 64 * page);
	SAID(false, SIGBUS);
	READ(shared);
	WRITE(shared);
	SAID(true, MKWRITE);
	WRITE(shared);
	WRITE(shared + 60 * page);
	SAID(true, FILE_HIT);
	WRITE(shared + 64 * page);
	SAID(true, SIGBUS);

	CHECK(!munmap(private, 65 * page) && !munmap(shared, 65 * page));
	CHECK(!fsync(fd) && write_file("/proc/sys/vm/drop_caches", "1"));
	private = map(65, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	CHECK(!madvise(private, 65 * page, MADV_RANDOM));
	since_last();
	READ(private + 30 * page);
	SAID(false, FILE_MISS);
	READ(private + 30 * page);
	WRITE(private + 20 * page);

	shared = map(4, PROT_READ | PROT_WRITE, MAP_SHARED, memory);
	READ(shared);
	WRITE(shared + page);
	SAID(true, SHMEM);
	WRITE(shared + page);
}

static void predict_swapped(void)
{
	struct range r = { fresh(SWAPPED), SWAPPED };

	swap_on(4 * SWAPPED);
	write_pages(r.start, SWAPPED);
	CHECK(wait_until(swapped_out, &r));
	prepare();
	READ(r.start);
	READ(r.start);
	WRITE(r.start + 9 * page);
	WRITE(r.start + 9 * page);
	WRITE(r.start);
	swap_off();
}

static void predict_huge(void)
{
	size_t size;
	char *p = huge_room(&size);

	thp = THP_ADVISED;
	prepare();
	READ(p);
	WRITE(p);
	READ(p + 5 * page);
	WRITE(p + 5 * page);
	CHECK(!madvise(p, size, MADV_DONTNEED));
	WRITE(p + 7 * page);
	p = huge_room(&size);
	WRITE(p + 7 * page);
	CHECK_EQ(predict(&w, thp, true).first.class, VMTRACE_CLASS_THP);
	WRITE(p + 7 * page);
	WRITE(p + 8 * page);
}

/* By a userfaultfd, and nobody may wait for it here. */
static void predict_protected(void)
{
	char *p = fresh(3);
	int fd;

	write_pages(p, 2);
	fd = rwp_open(p, 3 * page, true);
	prepare();
	look_up(getpid(), p);
	CHECK(strstr(w.vma_facts, "uffd-rwp"));
	CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_PROTNONE));
	CHECK(has(walk_end(&w)->flags, VMTRACE_WALK_FLAG_UFFD_WP));
	READ(p);
	SAID(false, USERFAULT);
	READ(p);
	WRITE(p);
	WRITE(p + page);
	SAID(true, USERFAULT);
	WRITE(p + page);
	WRITE(p + 2 * page);
	SAID(true, ANON);
	CHECK(!mprotect(p, 3 * page, PROT_NONE));
	READ(p);
	CHECK(!close(fd));
}

static void predict_stack(void)
{
	volatile char here = 0;
	const char *p;

	prepare();
	look_up(getpid(), &here);
	CHECK_EQ(predict(&w, thp, true).first.end, PREDICT_NONE);
	p = (const char *)(uintptr_t)w.vma_start;
	look_up(getpid(), p - 3 * page);
	CHECK(!strcmp(w.vma, VMTRACE_WALK_VMA_BELOW));
	WRITE((char *)(uintptr_t)(p - 3 * page));
	CHECK_EQ(predict(&w, thp, true).first.class, VMTRACE_CLASS_ANON);
}

const struct test walk_tests[] = {
	{ "walk: anonymous memory", anonymous, "" },
	{ "walk: after fork", after_fork, "" },
	{ "walk: files and shared memory", files, "" },
	{ "walk: huge pages", huge_page, "" },
	{ "walk: hugetlbfs", hugetlb, "" },
	{ "walk: swapped pages", swapped, "" },
	{ "walk: a whole process", whole_process, "" },
	{ "walk: highest and lowest addresses", highest_addresses, "" },
	{ "walk: bad requests", bad_requests, "" },
	{ "walk: capabilities", capabilities, "" },
	{ "walk: pid namespaces", pid_namespaces, "" },
	{ "walk: predictions: anonymous memory", predict_anonymous, "" },
	{ "walk: predictions: after fork", predict_after_fork, "" },
	{ "walk: predictions: files and shared memory", predict_files, "" },
	{ "walk: predictions: swapped pages", predict_swapped, "" },
	{ "walk: predictions: huge pages", predict_huge, "" },
	{ "walk: predictions: protected by a userfaultfd", predict_protected, "" },
	{ "walk: predictions: below the stack", predict_stack, "" },
	{ "walk: processes that remap, exec and exit", walkers_and_movers, "" },
	{ "walk: unloading with the file open", open_while_unloading, NULL },
	{ "walk: unloading while it is opened", opened_while_unloading, NULL, .stress = true },
	{ 0 },
};
