// SPDX-License-Identifier: GPL-2.0
/* residency.c - the debugfs file maps equals what pagemap, smaps, maps and mincore say, to the page
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background.h"
#include "harness.h"
#include "maps.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static unsigned int seed, rounds_done;

/* ------------------------------------------- what others say */

static int pagemap_fd, flags_fd;
static unsigned long long zero_pfn;
static size_t huge_pages; /* of a pmd */

#define PRESENT	   (1ULL << 63)
#define SWAPPED	   (1ULL << 62)
#define PFN	   ((1ULL << 55) - 1)
#define FLAGS_ZERO (1ULL << 24) /* KPF_ZERO_PAGE: the huge one, too */

static unsigned long long pagemap_of(const void *address)
{
	unsigned long long entry = 0;

	CHECK_EQ(pread(pagemap_fd, &entry, 8, (unsigned long)address / page * 8), 8);
	return entry;
}

static void prepare_reference(void)
{
	char *p = fresh(1), word[32] = "";
	int fd;

	pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	flags_fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	CHECK(pagemap_fd >= 0 && flags_fd >= 0);
	read_pages(p, 1);
	zero_pfn = pagemap_of(p) & PFN;
	CHECK(zero_pfn);
	/* A pmd maps as many pages as a page holds entries. */
	huge_pages = page / 8;
	fd = open("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", O_RDONLY);
	if (fd >= 0 && read(fd, word, sizeof(word) - 1) > 0)
		CHECK_EQ(strtoull(word, NULL, 10), huge_pages * page);
	close(fd);
	/* Nobody is to change mappings behind our back, nor when the second of these wakes it. */
	write_file("/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none", "0");
	write_file("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs",
		   "1000000000");
	write_file("/sys/kernel/mm/transparent_hugepage/khugepaged/defrag", "0");
}

static bool is_huge_zero(unsigned long long pfn)
{
	static unsigned long long last = -1ULL;
	static bool answer;
	unsigned long long flags;

	/* All pages of a block are of the huge zero page, or none. */
	if (pfn / huge_pages != last) {
		last = pfn / huge_pages;
		CHECK_EQ(pread(flags_fd, &flags, 8, pfn * 8), 8);
		answer = flags & FLAGS_ZERO;
	}
	return answer;
}

/* By pagemap: populated includes special, untouched includes other. */
static struct pages by_pagemap(const struct mapping *m, bool anonymous)
{
	static unsigned long long entry[4096];
	unsigned long at = m->start / page, end = m->end / page;
	struct pages p = { .reserved = end - at };

	while (at < end) {
		size_t n = end - at < 4096 ? end - at : 4096, i;

		CHECK_EQ(pread(pagemap_fd, entry, n * 8, at * 8), (long long)n * 8);
		for (i = 0; i < n; i++) {
			if (!(entry[i] & PRESENT)) {
				p.swapped += !!(entry[i] & SWAPPED);
				p.untouched += !(entry[i] & SWAPPED);
			} else if ((entry[i] & PFN) == zero_pfn) {
				p.zero++;
			} else if (anonymous && is_huge_zero(entry[i] & PFN)) {
				p.zero++;
				p.huge++;
			} else {
				p.populated++;
			}
		}
		at += n;
	}
	return p;
}

/* One mapping of /proc/self/smaps, in pages. */
struct smaps {
	unsigned long start, end;
	long long rss, swap, huge, hugetlb;
};

static long long smaps_pages(const char *value)
{
	return strtoll(value, NULL, 10) * 1024 / page;
}

typedef void compare_smaps(const struct smaps *s, const struct residency *l);

/* Call compare() for each mapping of smaps. */
static void walk_smaps(compare_smaps *compare, const struct residency *l)
{
	struct smaps s = { 0 };
	char *line, *next, *value;

	CHECK(slurp_all(open("/proc/self/smaps", O_RDONLY | O_CLOEXEC)) > 0);
	for (line = slurped; *line; line = next) {
		unsigned long start, end;

		next = next_line(line);
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
			if (s.end)
				compare(&s, l);
			s = (struct smaps){ .start = start, .end = end };
			continue;
		}
		value = strchr(line, ':');
		CHECK(value);
		*value++ = 0;
		if (!strcmp(line, "Rss"))
			s.rss = smaps_pages(value);
		else if (!strcmp(line, "Swap"))
			s.swap = smaps_pages(value);
		else if (!strcmp(line, "AnonHugePages") || !strcmp(line, "ShmemPmdMapped") ||
			 !strcmp(line, "FilePmdMapped"))
			s.huge += smaps_pages(value);
		else if (!strcmp(line, "Shared_Hugetlb") || !strcmp(line, "Private_Hugetlb"))
			s.hugetlb += smaps_pages(value);
	}
	compare(&s, l);
}

static char *arena;
#define ARENA 3072 /* pages */

static bool in_arena(unsigned long address)
{
	return address >= (unsigned long)arena && address < (unsigned long)arena + ARENA * page;
}

static void complain(const struct mapping *m, const char *who, const struct pages *p)
{
	note("seed %#x, round %u: %lx-%lx %s %s:", seed, rounds_done, m->start, m->end, m->perms,
	     m->name);
#define TELL(key, meaning) note("%-10s %8lld, %s: %8lld", #key, m->pages.key, who, p->key);
	VMTRACE_MAPS_KINDS(TELL)
#undef TELL
	CHECK(!"the residency is right");
}

/* How many mappings have been compared with what each of the others says. */
static struct {
	long pagemap, smaps, mincore;
} compared;

static bool is_anonymous(const struct mapping *m)
{
	return !*m->name && m->perms[3] == 'p';
}

static void check_by_pagemap(const struct mapping *m)
{
	struct pages p = by_pagemap(m, is_anonymous(m));

	compared.pagemap++;
	if (m->pages.populated + m->pages.special != p.populated || m->pages.zero != p.zero ||
	    m->pages.swapped != p.swapped || m->pages.untouched + m->pages.other != p.untouched)
		complain(m, "pagemap", &p);
}

static void check_by_smaps(const struct smaps *s, const struct residency *l)
{
	const struct mapping *m;
	struct pages p;

	if (!in_arena(s->start))
		return;
	m = find(l, (void *)s->start);
	p = by_pagemap(m, is_anonymous(m));
	compared.smaps++;
	CHECK_EQ(m->start, s->start);
	CHECK_EQ(m->end, s->end);
	p.populated = s->rss + s->hugetlb;
	p.huge += s->huge;
	/* Of shared memory, smaps counts what page tables do not know. */
	if (!is_anonymous(m))
		p.swapped = m->pages.swapped;
	else
		p.swapped = s->swap;
	if (m->pages.populated != p.populated || m->pages.huge != p.huge ||
	    m->pages.swapped != p.swapped)
		complain(m, "smaps", &p);
}

static void check_by_mincore(const struct mapping *m)
{
	static unsigned char in_core[ARENA + 2];
	long long n = 0, i;

	/* Of files it tells what is cached, of swap as well. */
	if (!is_anonymous(m) || m->pages.swapped || m->pages.reserved > ARENA + 2)
		return;
	compared.mincore++;
	CHECK(!mincore((void *)m->start, m->end - m->start, in_core));
	for (i = 0; i < m->pages.reserved; i++)
		n += in_core[i] & 1;
	CHECK_EQ(m->pages.populated + m->pages.zero, n);
}

/* A line of /proc/self/maps: start-end perms offset device inode name. */
static void parse_maps(char *line, struct mapping *m)
{
	char *at, *perms;

	m->start = strtoul(line, &at, 16);
	m->end = strtoul(at + 1, &at, 16);
	perms = at + 1;
	m->offset = strtoull(perms + 5, &at, 16);
	snprintf(m->perms, sizeof(m->perms), "%.4s", perms);
	at = strchr(at + 1, ' ');
	CHECK(at);
	strtoul(at, &at, 10);
	snprintf(m->name, sizeof(m->name), "%s", at + strspn(at, " "));
}

static void check_by_maps(const struct residency *l)
{
	const struct mapping *m = l->map;
	char *line, *next;
	struct mapping k;

	CHECK(slurp_all(open("/proc/self/maps", O_RDONLY | O_CLOEXEC)) > 0);
	for (line = slurped; *line; line = next) {
		next = next_line(line);
		parse_maps(line, &k);
		/* None of the process's. */
		if (!strcmp(k.name, "[vsyscall]"))
			continue;
		CHECK(m < l->map + l->mappings);
		if (m->start != k.start || m->end != k.end || strcmp(m->perms, k.perms) ||
		    m->offset != k.offset || strcmp(m->name, k.name)) {
			note("%lx-%lx %s %llx '%s' in the answer", m->start, m->end, m->perms,
			     m->offset, m->name);
			note("%s in /proc/self/maps", line);
			CHECK(!"the same mapping");
		}
		m++;
	}
	CHECK(m == l->map + l->mappings);
}

static void check_arena(bool thorough)
{
	struct residency l;
	int i;

	read_own(&l);
	check_by_maps(&l);
	for (i = 0; i < l.mappings; i++) {
		if (!in_arena(l.map[i].start))
			continue;
		check_by_pagemap(&l.map[i]);
		check_by_mincore(&l.map[i]);
	}
	if (thorough)
		walk_smaps(check_by_smaps, &l);
}

/* ------------------------------------------- random layouts */

static unsigned int below(unsigned int n)
{
	static unsigned int state;

	if (!n) {
		state = seed;
		return 0;
	}
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

static char access_of[ARENA]; /* PROT_* by page; 0 also where nothing is mapped */
static int disk_fd = -1, memory_fd;

static void set_access(unsigned int first, unsigned int n, int prot)
{
	memset(access_of + first, prot, n);
}

static void map_something(unsigned int first, unsigned int n, int prot)
{
	int flags = MAP_FIXED | (below(2) ? MAP_PRIVATE : MAP_SHARED), fd = -1;

	switch (below(5)) {
	case 0:
		fd = disk_fd;
		break;
	case 1:
		fd = memory_fd;
		break;
	case 2:
		flags = MAP_FIXED | MAP_PRIVATE | MAP_NORESERVE;
		break;
	}
	if (fd < 0)
		flags |= MAP_ANONYMOUS;
	CHECK(mmap(arena + first * page, n * page, prot, flags, fd, fd < 0 ? 0 : first * page) !=
	      MAP_FAILED);
	set_access(first, n, prot);
}

static void touch(unsigned int first, unsigned int n)
{
	unsigned int i, step = 1 + below(5);
	bool write = below(2);

	for (i = first; i < first + n; i += step) {
		if (write && (access_of[i] & PROT_WRITE))
			arena[i * page] = 1 + below(255);
		else if (access_of[i] & PROT_READ)
			read_pages(arena + i * page, 1);
	}
}

static void move(unsigned int first, unsigned int n)
{
	unsigned int to = below(ARENA - n + 1);
	char *old = arena + first * page;
	char *new = &arena[to * page];

	if (to < first + n && first < to + n)
		return;
	/* Refused if it is more than one mapping, on most kernels. */
	if (mremap(old, n * page, n * page, MREMAP_MAYMOVE | MREMAP_FIXED, new) == MAP_FAILED) {
		/* What was at the new place may be gone or not. */
		CHECK(mmap(new, n * page, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0) == new);
		set_access(to, n, 0);
		CHECK(mmap(old, n * page, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0) == old);
	} else {
		memcpy(access_of + to, access_of + first, n);
	}
	set_access(first, n, 0);
}

static void cow_in_a_child(void)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (!pid) {
		touch(0, ARENA);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static void do_something(void)
{
	static const int prots[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				     PROT_READ | PROT_WRITE };
	static const int advice[] = { MADV_DONTNEED, MADV_FREE,	      MADV_HUGEPAGE,
				      MADV_PAGEOUT,  MADV_NOHUGEPAGE, MADV_PAGEOUT };
	unsigned int first = below(ARENA), n = 1 + below(below(2) ? 40 : ARENA - first);
	int prot = prots[below(4)];

	if (first + n > ARENA)
		n = ARENA - first;
	switch (below(10)) {
	case 0:
	case 1:
		map_something(first, n, prot);
		break;
	case 2:
	case 3:
	case 4:
		touch(first, n);
		break;
	case 5:
	case 6:
		/* Refused if there is a hole, or for some kinds of memory. */
		madvise(arena + first * page, n * page, advice[below(6)]);
		break;
	case 7:
		if (!mprotect(arena + first * page, n * page, prot))
			set_access(first, n, prot);
		else
			map_something(first, n, prot);
		break;
	case 8:
		move(first, n);
		break;
	default:
		if (below(4)) {
			touch(first, n);
		} else if (below(2)) {
			CHECK(!munmap(arena + first * page, n * page));
			set_access(first, n, 0);
		} else {
			cow_in_a_child();
		}
	}
}

static void clear_arena(void)
{
	/* Its neighbours are of the same kind and may be one mapping with what is at its edges. */
	CHECK(mmap(arena, ARENA * page, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0) == arena);
	set_access(0, ARENA, 0);
}

static void prepare_arena(void)
{
	size_t size = (ARENA + 4 * page / 8) * page;
	char path[128], *outer;

	outer = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(outer != MAP_FAILED);
	arena = (char *)(((unsigned long)outer + huge_pages * page) & -(huge_pages * page));
	snprintf(path, sizeof(path), "%s/residency", disk_dir());
	disk_fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	memory_fd = memfd_create("residency\ttab", 0);
	CHECK(disk_fd >= 0 && memory_fd >= 0);
	unlink(path);
	CHECK(!ftruncate(disk_fd, ARENA * page) && !ftruncate(memory_fd, ARENA * page));
	clear_arena();
}

static long swapped_in_arena(void)
{
	struct residency l;
	long n = 0;
	int i;

	read_own(&l);
	for (i = 0; i < l.mappings; i++)
		if (in_arena(l.map[i].start))
			n += l.map[i].pages.swapped;
	return n;
}

static void random_layouts(void)
{
	long rounds = scaled(300), swapped = 0;
	int i;

	swap_on(4 * ARENA);
	prepare_reference();
	prepare_arena();
	for (rounds_done = 0; rounds_done < rounds; rounds_done++) {
		if (rounds_done % 20 == 0) {
			seed = 0x1a2b3c00 + rounds_done;
			below(0);
			clear_arena();
		}
		for (i = 0; i < 8; i++)
			do_something();
		check_arena(rounds_done % 4 == 0);
		swapped += swapped_in_arena();
	}
	note("%ld rounds, seeds from 0x1a2b3c00, %ld swapped pages seen", rounds, swapped);
	note("mappings compared: %ld by pagemap, %ld by smaps, %ld by mincore", compared.pagemap,
	     compared.smaps, compared.mincore);
	clear_arena();
	swap_off();
	CHECK(swapped > 0);
	CHECK(compared.pagemap > rounds && compared.smaps > rounds / 4);
	CHECK(compared.mincore > 0);
}

/* ------------------------------------------- one kind at a time */

#define N 251

static void kinds(void)
{
	char *none = mmap(NULL, N * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *p = fresh(N + 2), *written = p + page;
	struct residency l;
	struct pages s;

	CHECK(none != MAP_FAILED);
	/* Alone between two of another kind. */
	CHECK(!mprotect(p, page, PROT_NONE) && !mprotect(p + (N + 1) * page, page, PROT_NONE));
	read_own(&l);
	s = sum_of(&l, written, N);
	CHECK_EQ(s.reserved, N);
	CHECK_EQ(s.untouched, N);
	write_pages(written, 100);
	read_pages(written + 100 * page, 50);
	read_own(&l);
	s = sum_of(&l, written, N);
	CHECK_EQ(s.populated, 100);
	CHECK_EQ(s.zero, 50);
	CHECK_EQ(s.untouched, N - 150);
	CHECK_EQ(s.huge, 0);
	CHECK(!madvise(written, 10 * page, MADV_DONTNEED));
	CHECK(!mprotect(written, N * page, PROT_NONE));
	read_own(&l);
	s = sum_of(&l, p, N + 2);
	CHECK_EQ(s.populated, 90);
	CHECK_EQ(s.untouched, N + 2 - 140);
	CHECK_EQ(find(&l, none)->pages.populated, 0);
	CHECK(!strcmp(find(&l, &l)->name, "[stack]"));
	CHECK(!strcmp(find(&l, read_residency)->name, self_exe));
	check_by_maps(&l);
}

static void huge_and_zero(void)
{
	size_t span = (getpagesize() / 8) * page;
	char *outer, *p;
	struct residency l;
	struct pages s;

	prepare_reference();
	outer = mmap(NULL, 4 * span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(outer != MAP_FAILED);
	p = (char *)(((unsigned long)outer + span) & -span);
	CHECK(!mprotect(p, 2 * span, PROT_READ | PROT_WRITE));
	if (madvise(p, 2 * span, MADV_HUGEPAGE))
		skip("a kernel without huge pages");
	p[0] = 1;
	(void)*(volatile char *)(p + span);
	read_own(&l);
	s = sum_of(&l, p, 2 * huge_pages);
	if (!s.huge)
		skip("no huge page was to be had");
	CHECK_EQ(s.populated, huge_pages);
	CHECK_EQ(s.zero, huge_pages);
	CHECK_EQ(s.huge, 2 * huge_pages);
	/* Both are split: one by giving a page back, the other by a mapping that ends in it. */
	CHECK(!madvise(p, page, MADV_DONTNEED));
	CHECK(!mprotect(p + span, page, PROT_READ));
	read_own(&l);
	s = sum_of(&l, p, 2 * huge_pages);
	CHECK_EQ(s.huge, 0);
	CHECK_EQ(s.populated, huge_pages - 1);
	CHECK_EQ(s.untouched, 1);
	CHECK_EQ(s.zero, huge_pages);
}

static void hugetlb(void)
{
	size_t size = huge_pages ? huge_pages * page : (size_t)getpagesize() / 8 * page;
	struct residency l;
	struct pages s;
	char *p;

	if (!write_file("/proc/sys/vm/nr_hugepages", "4"))
		skip("a kernel without hugetlbfs");
	p = mmap(NULL, 3 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
		 -1, 0);
	if (p == MAP_FAILED) {
		write_file("/proc/sys/vm/nr_hugepages", "0");
		skip("no huge pages to reserve (errno %d)", errno);
	}
	p[size] = 1;
	p[2 * size] = 1;
	read_own(&l);
	s = find(&l, p)->pages;
	CHECK_EQ(s.reserved * page, 3 * size);
	CHECK_EQ(s.populated * page, 2 * size);
	CHECK_EQ(s.huge * page, 2 * size);
	CHECK_EQ(s.untouched * page, size);
	CHECK_EQ(l.hugetlb * page, 2 * size);
	munmap(p, 3 * size);
	write_file("/proc/sys/vm/nr_hugepages", "0");
}

static bool all_out(void *p)
{
	struct residency l;

	CHECK(write_file("/proc/sys/vm/drop_caches", "1"));
	madvise(p, N * page, MADV_PAGEOUT);
	read_own(&l);
	return sum_of(&l, p, N).swapped == N;
}

static void swapped(void)
{
	char *p = fresh(N + 2) + page;
	struct residency l;

	CHECK(!mprotect(p - page, page, PROT_NONE) && !mprotect(p + N * page, page, PROT_NONE));
	swap_on(4 * N);
	write_pages(p, N);
	CHECK(wait_until(all_out, p));
	read_pages(p, 100);
	read_own(&l);
	/* Read-ahead may have brought more. */
	CHECK(sum_of(&l, p, N).populated >= 100);
	CHECK(sum_of(&l, p, N).swapped <= N - 100);
	swap_off();
}

/* Mere addresses cost nothing: to look at each of these pages would take hours. */
static void huge_reservation(void)
{
	size_t size = 1UL << 46;
	struct residency l;
	char *p;
	int i;

	do {
		size /= 2;
		p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	} while (p == MAP_FAILED);
	CHECK(!mprotect(p + size / 2, 1 << 30, PROT_READ | PROT_WRITE));
	CHECK(!madvise(p + size / 2, 1 << 30, MADV_NOHUGEPAGE) || errno == EINVAL);
	for (i = 0; i < 16; i++)
		p[size / 2 + i * (1UL << 26)] = 1;
	for (i = 0; i < 10; i++)
		read_own(&l);
	note("%zu GiB", size >> 30);
	CHECK_EQ(find(&l, p + size / 2)->pages.populated, 16);
	CHECK_EQ(find(&l, p)->pages.untouched, size / 2 / page);
}

static void many_mappings(void)
{
	size_t n = scaled(65000), i;
	struct residency l;
	char *p;

	p = mmap(NULL, n * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED);
	for (i = 0; i < n; i += 2)
		CHECK(!mprotect(p + i * page, page, PROT_READ | PROT_WRITE));
	for (i = 0; i < n; i += 20)
		p[i * page] = 1;
	read_own(&l);
	CHECK(l.mappings >= (long long)n && l.mappings < (long long)n + 64);
	CHECK_EQ(sum_of(&l, p, n).populated, (n + 19) / 20);
	CHECK_EQ(sum_of(&l, p, n).reserved, n);
}

static int pipes[2];

static void *fault_and_wait(void *arg)
{
	char c;

	write_pages(fresh(7), 7);
	CHECK_EQ(write(pipes[1], "x", 1), 1);
	CHECK_EQ(read((long)arg, &c, 1), 0);
	return NULL;
}

static void threads_that_wait(void *fds)
{
	pthread_t t;
	int i;

	close(((int *)fds)[1]);
	for (i = 0; i < 8; i++)
		CHECK(!pthread_create(&t, NULL, fault_and_wait, (void *)(long)((int *)fds)[0]));
	/* The leader goes, its threads and their memory stay. */
	syscall(SYS_exit, 0);
}

/* Its leader is gone, and its threads wait. */
static bool stands_still(void *pid)
{
	int zombies = 0, sleeping = 0, others = 0;
	char path[512];
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	dir = opendir(path);
	CHECK(dir);
	while ((d = readdir(dir))) {
		if (*d->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%ld/task/%s/status", (long)pid, d->d_name);
		if (file_mentions(path, "Z (zombie)"))
			zombies++;
		else if (file_mentions(path, "S (sleeping)"))
			sleeping++;
		else
			others++;
	}
	closedir(dir);
	return zombies == 1 && sleeping == 8 && !others;
}

static void threads_and_counters(void)
{
	struct residency l;
	int fds[2], i, status;
	pid_t pid;
	char c;

	CHECK(!pipe(pipes) && !pipe(fds));
	pid = spawn(threads_that_wait, fds);
	close(fds[0]);
	for (i = 0; i < 8; i++)
		CHECK_EQ(read(pipes[0], &c, 1), 1);
	CHECK(wait_until(stands_still, (void *)(long)pid));
	CHECK_EQ(read_residency(pid, &l), 0);
	CHECK(l.total.populated > 8 * 7);
	check_still(&l);
	close(fds[1]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(read_residency(pid, &l), -ESRCH);
}

static void wait_for_end(void *fds)
{
	char c;

	close(((int *)fds)[1]);
	CHECK_EQ(read(((int *)fds)[0], &c, 1), 0);
}

static void exited(void)
{
	struct residency l;
	char small[64];
	struct stat st;
	int fds[2], fd;
	pid_t pid;

	CHECK(!pipe2(fds, O_CLOEXEC));
	pid = spawn(wait_for_end, fds);
	CHECK_EQ(read_residency(pid, &l), 0);
	fd = ask_about(pid, VMTRACE_MAPS);
	CHECK(fd >= 0 && !fstat(fd, &st));
	CHECK_EQ(st.st_mode, S_IFREG | 0600);
	CHECK(!stat(DEBUGFS, &st));
	CHECK_EQ(st.st_mode, S_IFDIR | 0700);
	close(fds[1]);
	reap(pid);
	/* What was open tells what was so then. */
	CHECK_EQ(read(fd, small, sizeof(small)), (long long)sizeof(small));
	CHECK(!strncmp(small, "format:\t2\nname:\t", 16));
	close(fd);
	CHECK_EQ(read_residency(pid, &l), -ESRCH);
}

static void refused(void *pid)
{
	CHECK(!setgid(65534) && !setuid(65534));
	CHECK_EQ(ask_about((long)pid, VMTRACE_MAPS), -EACCES);
}

/* Of root without capabilities, who may open the file, the process belongs to another. */
static void refused_for_want_of(void *pid)
{
	const struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };

	CHECK(!syscall(SYS_capset, &head, none));
	CHECK_EQ(ask_about((long)pid, VMTRACE_MAPS), -EACCES);
}

static void be_somebody(void *fds)
{
	CHECK(!setgid(1234) && !setuid(1234));
	CHECK_EQ(write(((int *)fds)[3], "x", 1), 1);
	wait_for_end(fds);
}

static void root_alone(void)
{
	void (*const refusals[])(void *) = { refused, refused_for_want_of };
	int fds[4], status;
	unsigned int i;
	pid_t pid, other;
	char c;

	CHECK(!pipe2(fds, O_CLOEXEC) && !pipe2(fds + 2, O_CLOEXEC));
	other = spawn(be_somebody, fds);
	CHECK_EQ(read(fds[2], &c, 1), 1);
	for (i = 0; i < 2; i++) {
		pid = spawn(refusals[i], (void *)(long)other);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, 0);
	}
	close(fds[1]);
	CHECK_EQ(waitpid(other, NULL, 0), other);
}

/* ------------------------------------------- what /proc/vmtrace/<pid> says of it */

static void check_touches(const struct stats *before, long long faults, long long pages)
{
	struct stats now;

	CHECK_EQ(read_stats(SELF, &now), 0);
	CHECK_EQ(now.first_touch_faults - before->first_touch_faults, faults);
	CHECK_EQ(now.first_touch_pages - before->first_touch_pages, pages);
}

static void first_touches(void)
{
	char *p = fresh(60), *shared, *beyond;
	struct stats before;
	int fds[2];

	CHECK(!pipe(fds) && write(fds[1], "x", 1) == 1);
	shared = mmap(NULL, 9 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	beyond = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, memfd_create("empty", 0), 0);
	CHECK(shared != MAP_FAILED && beyond != MAP_FAILED);
	warm_up();
	CHECK_EQ(read_stats(SELF, &before), 0);
	check_touches(&before, 0, 0);
	/* The write that replaces the zero page finds an entry. */
	read_pages(p, 5);
	write_pages(p, 5);
	check_touches(&before, 5, 5);
	/* The kernel touches, for this process. */
	CHECK_EQ(read(fds[0], p + 5 * page, 1), 1);
	CHECK(!mlock(p + 6 * page, 4 * page) && !munlock(p + 6 * page, 4 * page));
	check_touches(&before, 10, 10);
	/* What is given back is touched first again. */
	CHECK(!madvise(p, 3 * page, MADV_DONTNEED));
	write_pages(p, 10);
	check_touches(&before, 13, 13);
	write_pages(shared, 9);
	check_touches(&before, 22, 22);
	/* What fails maps nothing. */
	CHECK_EQ(signal_at(beyond), SIGBUS);
	check_touches(&before, 22, 22);
	check_exact();
}

/* One fault that maps many pages: a huge page; neighbours in the page cache. */
static void first_touches_of_many(void)
{
	size_t span = (getpagesize() / 8) * page;
	int fd = make_file(disk_dir(), "many", 64);
	char *p = fresh_huge(1), *file;
	struct stats before, after;
	struct residency l;

	prepare_residency(400);
	file = mmap(NULL, 64 * page, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(file != MAP_FAILED);
	/* Touch the stack that this takes. */
	read_own(&l);
	warm_up();
	CHECK_EQ(read_stats(SELF, &before), 0);
	read_pages(file, 64);
	CHECK_EQ(read_stats(SELF, &after), 0);
	CHECK_EQ(after.first_touch_pages - before.first_touch_pages, 64);
	CHECK(after.first_touch_faults - before.first_touch_faults < 64);
	before = after;
	*p = 1;
	read_own(&l);
	if (find(&l, p)->pages.huge)
		check_touches(&before, 1, span / page);
}

static long long status_bytes(const char *key)
{
	char line[128];
	long long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			kb = atoll(line + strlen(key) + 1);
	fclose(f);
	CHECK(kb >= 0);
	return kb * 1024;
}

static void memory_of_a_process(void)
{
	char *p = fresh(400);
	struct residency l;
	struct stats s;
	pid_t pid;

	prepare_residency(400);
	write_pages(p, 200);
	CHECK_EQ(read_stats(SELF, &s), 0);
	read_own(&l);
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(s.reserved_bytes, l.total.reserved * page);
	CHECK_EQ(s.resident_bytes + l.hugetlb * page, l.total.populated * page);
	CHECK_EQ(s.swapped_bytes, l.total.swapped * page);
	CHECK_EQ(s.pgtables_bytes, l.pgtables_bytes);
	CHECK_EQ(s.reserved_bytes, status_bytes("VmSize"));
	CHECK_EQ(s.swapped_bytes, status_bytes("VmSwap"));
	/* Of a process that has exited, nothing is left but what it did. */
	pid = spawn(do_nothing, NULL);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK_EQ(s.reserved_bytes + s.resident_bytes + s.swapped_bytes + s.pgtables_bytes, 0);
	CHECK(s.first_touch_faults > 0 && s.first_touch_pages >= s.first_touch_faults);
}

/* ------------------------------------------- while the process does what it likes */

static void map_for_ever(struct background *b, int part, size_t n)
{
	for (;;) {
		char *p = fresh(n);

		write_pages(p, n);
		CHECK(!mprotect(p, n / 2 * page, PROT_READ));
		CHECK(!madvise(p, n / 3 * page, MADV_DONTNEED));
		CHECK(!munmap(p, n * page));
		background_round(b, part);
	}
}

static void *map_in_thread(void *b)
{
	map_for_ever(b, 1, 51);
	return NULL;
}

static void change_for_ever(struct background *b)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, map_in_thread, b));
	map_for_ever(b, 0, 97);
}

static void breed_for_ever(struct background *b)
{
	for (;;) {
		pid_t pid = fork();
		int status;

		CHECK(pid >= 0);
		if (pid == 0) {
			char *p = fresh(997);

			write_pages(p, 997);
			if (getpid() % 2)
				execl("/bin/true", "true", NULL);
			_exit(getpid() % 2);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, 0);
		background_round(b, 0);
	}
}

/* Read the residency of all processes; returns how many there were. */
static int read_all(void)
{
	DIR *dir = opendir("/proc/" VMTRACE_DIR);
	struct dirent *d;
	struct residency l;
	int n = 0;

	while (dir && (d = readdir(dir))) {
		pid_t pid = atoi(d->d_name);
		int err = pid ? read_residency(pid, &l) : -ENOENT;

		CHECK(!err || err == -ESRCH || err == -ENOENT || err == -EIO || err == -ENXIO ||
		      err == -EAGAIN);
		n += !err;
	}
	if (dir)
		closedir(dir);
	return n;
}

/* Now and then, so that there are moments when no file is open. */
static void read_for_ever(struct background *b)
{
	for (;;) {
		if (read_all() > 0)
			background_round(b, 0);
		usleep((long)b->arg);
	}
}

static void readers_and_changes(void)
{
	struct background b[4];
	long i, n = 0;

	background_start(&b[0], change_for_ever, 2, NULL);
	background_start(&b[1], breed_for_ever, 1, NULL);
	background_start(&b[2], breed_for_ever, 1, NULL);
	background_start(&b[3], read_for_ever, 1, (void *)1000L);
	for (i = 0; i < scaled(100); i++) {
		n += read_all();
		if (i % 10 == 0)
			background_goes_on(b, 4);
	}
	background_stop(b, 4);
	note("residency of %ld processes read", n);
	CHECK(n > i);
}

static void unload_while_open(void)
{
	char first[32];
	struct residency l;
	int fd, i;

	module_load("");
	fd = ask_about(SELF, VMTRACE_MAPS);
	CHECK(fd >= 0);
	for (i = 0; i < 5; i++)
		CHECK_EQ(module_try_unload(), -EWOULDBLOCK);
	CHECK_EQ(read_residency(SELF, &l), 0);
	CHECK_EQ(read(fd, first, sizeof(first)), (long long)sizeof(first));
	close(fd);
	module_unload();
	CHECK(access(DEBUGFS, F_OK) && errno == ENOENT);
}

/* Over 10 s: each unload waits for RCU while all CPUs of an emulated guest are busy. */
static void unload_under_readers(void)
{
	struct background b[3];
	long i, tries = 0;

	background_start(&b[0], change_for_ever, 2, NULL);
	background_start(&b[1], breed_for_ever, 1, NULL);
	background_start(&b[2], read_for_ever, 1, (void *)20000L);
	for (i = 0; i < scaled(8); i++) {
		int err;

		module_load(i % 2 ? "history=3" : "");
		background_goes_on(b, 3);
		/* Whoever has a file open is in the way. */
		do {
			err = module_try_unload();
			tries++;
			CHECK(!err || err == -EWOULDBLOCK);
		} while (err);
		CHECK(access(DEBUGFS, F_OK) && errno == ENOENT);
	}
	note("%ld tries for %ld unloads", tries, i);
	background_stop(b, 2);
	/* Nothing to read is left for this one. */
	CHECK_EQ(waitpid(b[2].pid, NULL, WNOHANG), 0);
	CHECK(!kill(b[2].pid, SIGKILL));
	CHECK_EQ(waitpid(b[2].pid, NULL, 0), b[2].pid);
}

const struct test residency_tests[] = {
	{ "residency: every kind of page", kinds, "" },
	{ "residency: huge pages and the huge zero page", huge_and_zero, "" },
	{ "residency: hugetlbfs", hugetlb, "" },
	{ "residency: swapped pages", swapped, "" },
	{ "residency: random layouts as pagemap, smaps, maps and mincore have them", random_layouts,
	  "" },
	{ "residency: a reservation of many TiB", huge_reservation, "" },
	{ "residency: 65000 mappings", many_mappings, "" },
	{ "residency: threads without a leader, and the kernel's counters", threads_and_counters,
	  "" },
	{ "residency: an exited process", exited, "" },
	{ "residency: for root alone", root_alone, "" },
	{ "residency: first touches", first_touches, "" },
	{ "residency: first touches of many pages at once", first_touches_of_many, "" },
	{ "residency: reserved, resident and swapped bytes", memory_of_a_process, "" },
	{ "residency: processes that change, exec and exit under readers", readers_and_changes,
	  "" },
	{ "residency: an open file keeps the module", unload_while_open, NULL },
	{ "residency: unload under readers", unload_under_readers, NULL, .stress = true },
	{ 0 },
};
