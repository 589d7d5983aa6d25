// SPDX-License-Identifier: GPL-2.0
/* mapped.c - the pages that faults mapped and the tables they took are those that are there */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

/* How many of these pages are mapped, of ours or of a file. */
static long long present(const char *p, size_t pages)
{
	static unsigned long long entry[1024];
	int fd = open("/proc/self/pagemap", O_RDONLY);
	long long sum = 0;
	size_t i;

	CHECK(pages <= sizeof(entry) / sizeof(entry[0]));
	CHECK_EQ(pread(fd, entry, pages * 8, (size_t)p / page * 8), (long long)pages * 8);
	close(fd);
	for (i = 0; i < pages; i++)
		sum += entry[i] >> 63;
	return sum;
}

/* A file of so many pages, with or without holes in the page cache. */
static int file_of(size_t pages, bool holes)
{
	int fd = make_file(disk_dir(), "mapped", pages);
	size_t i;

	/* Without this, reading one page reads its neighbours, too. */
	CHECK(!posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM));
	for (i = 0; holes && i < pages; i++)
		if (random() % 3 == 0)
			CHECK(!posix_fadvise(fd, i * page, page, POSIX_FADV_DONTNEED));
	return fd;
}

enum how {
	READ,
	WRITE,
	MIXED
};

#define FILE_PAGES 400

/* Touch some pages of a mapping that is new, in no order; it is not aligned to 64 KiB. */
static void touch(int fd, int flags, enum how how)
{
	size_t start = random() % (FILE_PAGES / 2);
	size_t pages = 1 + random() % (FILE_PAGES - start);
	size_t n = pages / 4 + 1 + random() % pages, i;
	long long copied, there;
	struct delta d;
	char *p;

	p = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, flags, fd, start * page);
	CHECK(p != MAP_FAILED);
	CHECK(!madvise(p, pages * page, MADV_NOHUGEPAGE) || how != READ);
	CHECK_EQ(present(p, pages), 0);
	since_last();
	for (i = 0; i < n; i++) {
		char *at = p + random() % pages * page;

		if (how == WRITE || (how == MIXED && random() % 2))
			*(volatile char *)at = 1;
		else
			*(volatile char *)at;
	}
	d = since_last();
	there = present(p, pages);
	copied = d.class[VMTRACE_CLASS_COW_COPY];
	CHECK(there > 0);
	CHECK_EQ(d.pages, there + copied);
	CHECK(!munmap(p, pages * page));
	since_last();
}

static void pages_that_are_there(void)
{
	long rounds = scaled(40), i;
	int full = file_of(FILE_PAGES, false), memory = memfd_create("mapped", 0);

	srandom(7);
	CHECK(!ftruncate(memory, FILE_PAGES * page));
	warm_up();
	present((char *)&rounds, 1);
	for (i = 0; i < rounds; i++) {
		int holes = file_of(FILE_PAGES, true);

		touch(-1, MAP_PRIVATE | MAP_ANONYMOUS, MIXED);
		touch(-1, MAP_SHARED | MAP_ANONYMOUS, MIXED);
		touch(full, MAP_PRIVATE, READ);
		touch(full, MAP_PRIVATE, MIXED);
		touch(full, MAP_SHARED, MIXED);
		touch(full, MAP_SHARED, WRITE);
		touch(holes, MAP_SHARED, READ);
		touch(holes, MAP_PRIVATE, MIXED);
		touch(memory, MAP_SHARED, MIXED);
		close(holes);
	}
	check_exact();
}

/* A table of the lowest level maps as much as a huge page does, whether there are any or not. */
static size_t table_size(void)
{
	return page * (page / 8);
}

static void tables_that_are_there(void)
{
	static struct stats before, after;
	size_t table = table_size(), n = 40, i;
	struct delta d;
	char *p;

	warm_up();
	CHECK_EQ(read_stats(SELF, &after), 0);
	p = mmap(NULL, (n + 1) * table, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED && !madvise(p, (n + 1) * table, MADV_NOHUGEPAGE));
	CHECK_EQ(read_stats(SELF, &before), 0);
	since_last();
	for (i = 0; i < n; i++)
		*(volatile char *)(p + i * table) = 1;
	d = since_last();
	CHECK_EQ(read_stats(SELF, &after), 0);
	CHECK_ALL(&d, ANON);
	CHECK_EQ(d.minor, n);
	CHECK(d.tables >= (long long)n - 1);
	CHECK_EQ(d.tables * page, after.pgtables_bytes - before.pgtables_bytes);
	/* They stay when the pages go; since 6.14 they may go, too (CONFIG_PT_RECLAIM). */
	CHECK(!madvise(p, n * table, MADV_DONTNEED));
	CHECK_EQ(read_stats(SELF, &before), 0);
	since_last();
	for (i = 0; i < n; i++)
		*(volatile char *)(p + i * table) = 1;
	d = since_last();
	CHECK_EQ(read_stats(SELF, &after), 0);
	CHECK_EQ(d.pages, n);
	CHECK_EQ(d.tables * page, after.pgtables_bytes - before.pgtables_bytes);
	check_exact();
}

/* A huge page keeps a table for the day when it is split. */
static void tables_of_huge_pages(void)
{
	static struct stats before, after;
	char *p = fresh_huge(4), *q = p + 2 * huge_size();
	struct delta d;

	warm_up();
	CHECK_EQ(read_stats(SELF, &after), 0);
	CHECK_EQ(read_stats(SELF, &before), 0);
	since_last();
	write_pages(p, 1);
	write_pages(p + huge_size(), 1);
	read_pages(q, 1);
	d = since_last();
	CHECK_EQ(read_stats(SELF, &after), 0);
	CHECK_EQ(d.minor, 3);
	CHECK_EQ(d.pages, 3 * huge_size() / page);
	CHECK_EQ(d.tables * page, after.pgtables_bytes - before.pgtables_bytes);
	CHECK(d.tables >= 3);
	check_exact();
}

static void unregister(int uffd, const char *p, size_t size)
{
	struct uffdio_range range = { (size_t)p, size };

	CHECK(!ioctl(uffd, UFFDIO_UNREGISTER, &range));
}

struct shrinking {
	int uffd;
	char *p;
	size_t below, size;
};

/* While a fault waits: its mapping loses what is below the address, and all of that is mapped. */
static void *shrink(void *arg)
{
	const struct shrinking *s = arg;
	struct uffdio_range range;
	struct uffd_msg m;

	CHECK_EQ(read(s->uffd, &m, sizeof(m)), (long long)sizeof(m));
	CHECK_EQ(m.event, UFFD_EVENT_PAGEFAULT);
	CHECK(!mprotect(s->p, s->below, PROT_READ));
	unregister(s->uffd, s->p, s->below);
	read_pages(s->p, s->below / page);
	unregister(s->uffd, s->p + s->below, s->size - s->below);
	range = (struct uffdio_range){ (size_t)s->p + s->below, page };
	CHECK(!ioctl(s->uffd, UFFDIO_WAKE, &range));
	return NULL;
}

/*
 * The pages are those of one large folio. Around a fault, the pages of that folio are counted, but
 * only those in the mapping, even if it was larger when the fault began.
 */
static void mapping_that_shrinks(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_MINOR_SHMEM };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MINOR };
	struct shrinking s = { .below = 84 * page, .size = 184 * page };
	int fd = huge_tmpfs_file(huge_size());
	pthread_t thread;
	struct delta d;
	char *whole;

	whole = mmap(fresh_huge(1), huge_size(), PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	s.p = mmap(fresh_huge(1) + 16 * page, s.size, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_FIXED, fd, 0);
	CHECK(whole != MAP_FAILED && s.p != MAP_FAILED);
	*whole = 1;
	s.uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (s.uffd < 0 || ioctl(s.uffd, UFFDIO_API, &api))
		skip("no userfaultfd that does this (errno %d)", errno);
	reg.range = (struct uffdio_range){ (size_t)s.p, s.size };
	CHECK(!ioctl(s.uffd, UFFDIO_REGISTER, &reg));
	warm_up();
	present(s.p, 1);
	since_last();
	CHECK(!pthread_create(&thread, NULL, shrink, &s));
	*(volatile char *)(s.p + s.below);
	CHECK(!pthread_join(thread, NULL));
	d = since_last();
	CHECK(d.retried > 0);
	CHECK_EQ(present(s.p, s.below / page), s.below / page);
	/* More of them: what the other thread mapped in the window, its stack and its text. */
	CHECK(d.pages >= present(s.p, s.size / page));
	CHECK(d.pages <= present(s.p, s.size / page) + 40);
	check_exact();
}

const struct test mapped_tests[] = {
	{ "mapped: the pages of random layouts", pages_that_are_there, "" },
	{ "mapped: page tables of a sparse mapping", tables_that_are_there, "" },
	{ "mapped: a mapping that shrinks during a fault", mapping_that_shrinks, "" },
	{ "mapped: page tables of huge pages", tables_of_huge_pages, "" },
	{ 0 },
};
