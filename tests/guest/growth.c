// SPDX-License-Identifier: GPL-2.0
/* growth.c - first touches are counted to the last one, and delays are what our own clock says */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static bool is_past(void *moment)
{
	return now() > *(long long *)moment;
}

/* Long enough to be seen among what else there is; what is asserted are the clock's bounds. */
static void let_time_pass(void)
{
	long long moment = now() + 30000000;

	CHECK(wait_until(is_past, &moment));
}

/* Something happened between the two. */
struct span {
	long long before, behind;
};

#define DO(span, what)                 \
	do {                           \
		(span).before = now(); \
		what;                  \
		(span).behind = now(); \
	} while (0)

static void check_delay(const struct mapping *m, const struct span *born, const struct span *touch)
{
	CHECK(m->delay_ns >= touch->before - born->behind);
	CHECK(m->delay_ns <= touch->behind - born->before);
}

static void check_age(const struct mapping *m, const struct span *born, const struct span *look)
{
	CHECK(m->age_ns >= look->before - born->behind);
	CHECK(m->age_ns <= look->behind - born->before);
}

#define PROT_RW	  (PROT_READ | PROT_WRITE)
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map_at(char *where, size_t pages, int prot)
{
	char *p = mmap(where, pages * page, prot, ANONYMOUS | (where ? MAP_FIXED : 0), -1, 0);

	CHECK(p != MAP_FAILED && (!where || p == where));
	/* Or else neighbours would not be one mapping with it. */
	CHECK(prot == PROT_NONE || !madvise(p, pages * page, MADV_NOHUGEPAGE) || errno == EINVAL);
	return p;
}

/* Room for so many pages: what is mapped in it, and does not touch, is a mapping of its own. */
static char *room(size_t pages)
{
	return map_at(NULL, pages + 2, PROT_NONE) + page;
}

static char *alone(size_t pages)
{
	return map_at(room(pages), pages, PROT_RW);
}

/* ------------------------------------------- what is said of one mapping */

static void map_wait_touch(void)
{
	struct span born, touch, look;
	const struct mapping *m;
	struct ledger l;
	char *p;

	DO(born, p = alone(7));
	DO(look, read_own(&l));
	m = find(&l, p);
	CHECK_EQ(m->pages.reserved, 7);
	CHECK_EQ(m->first_touch, 0);
	CHECK_EQ(m->delay_ns, -1);
	check_age(m, &born, &look);
	let_time_pass();
	DO(touch, write_pages(p + 2 * page, 1));
	let_time_pass();
	write_pages(p, 7);
	read_pages(p, 7);
	DO(look, read_own(&l));
	m = find(&l, p);
	CHECK_EQ(m->first_touch, 7);
	check_age(m, &born, &look);
	check_delay(m, &born, &touch);
	/* What is given back is touched first again, but nothing waits for it. */
	CHECK(!madvise(p, 3 * page, MADV_DONTNEED));
	write_pages(p, 7);
	read_own(&l);
	m = find(&l, p);
	CHECK_EQ(m->first_touch, 10);
	check_delay(m, &born, &touch);
}

static void who_touches(void)
{
	char *p = alone(30), *populated, *empty;
	struct ledger l;
	int fds[2];

	/* The write that replaces the zero page finds an entry. */
	read_pages(p, 5);
	write_pages(p, 5);
	/* The kernel, for us. */
	CHECK(!pipe(fds) && write(fds[1], "x", 1) == 1 && read(fds[0], p + 5 * page, 1) == 1);
	CHECK(!mlock(p + 6 * page, 4 * page) && !munlock(p + 6 * page, 4 * page));
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 5 + 1 + 4);
	populated = mmap(NULL, 9 * page, PROT_RW, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	CHECK(populated != MAP_FAILED);
	read_own(&l);
	/* One fault may bring many pages of a file. */
	CHECK(find(&l, populated)->first_touch > 0 && find(&l, populated)->first_touch <= 9);
	CHECK(find(&l, populated)->delay_ns >= 0);
	/* What fails leaves no page. */
	empty = mmap(NULL, page, PROT_RW, MAP_SHARED, memfd_create("empty", 0), 0);
	CHECK(empty != MAP_FAILED);
	CHECK_EQ(signal_at(empty), SIGBUS);
	read_own(&l);
	CHECK_EQ(find(&l, empty)->first_touch, 0);
	CHECK_EQ(find(&l, empty)->delay_ns, -1);
}

static void huge_page(void)
{
	char *p = fresh_huge(2);
	struct ledger l;
	long long n;

	read_own(&l);
	n = find(&l, p)->first_touch;
	*p = 1;
	read_own(&l);
	if (!find(&l, p)->pages.huge)
		skip("no huge page was to be had");
	CHECK_EQ(find(&l, p)->first_touch, n + 1);
}

/* A thread remembers where it touches memory until some is given back. */
static void forget_where(void)
{
	CHECK(!munmap(alone(1), page));
}

static void grown_by_brk(void)
{
	struct span born, touch;
	struct ledger l;
	long long n;
	char *p;
	int i;

	/* Pages of its own, and not the rest of one. */
	CHECK(sbrk(page - (size_t)sbrk(0) % page) != (void *)-1);
	CHECK(sbrk(page) != (void *)-1);
	write_pages((char *)sbrk(0) - page, 1);
	read_own(&l);
	n = find(&l, (char *)sbrk(0) - page)->first_touch;
	for (i = 0; i < 3; i++) {
		DO(born, p = sbrk(5 * page));
		let_time_pass();
		/* The last time they left this one: it is touched first, but is no part of it. */
		if (i) {
			forget_where();
			write_pages(p - page, 1);
		}
		read_own(&l);
		CHECK_EQ(find(&l, p)->delay_ns, -1);
		CHECK(find(&l, p)->age_ns >= 0);
		DO(touch, write_pages(p + page, 1));
		write_pages(p, 4);
		read_own(&l);
		CHECK_EQ(find(&l, p)->first_touch, n + 5 * i + 4);
		check_delay(find(&l, p), &born, &touch);
	}
	CHECK(!strcmp(find(&l, p)->name, "[heap]"));
	/* However often it grows, it is one. */
	n = l.growths;
	for (i = 0; i < 100; i++)
		write_pages(sbrk(page), 1);
	read_own(&l);
	CHECK_EQ(l.growths, n);
	/* What shrinks takes along what it has. */
	CHECK(sbrk(-50 * (long)page) != (void *)-1);
	DO(born, p = sbrk(5 * page));
	read_own(&l);
	CHECK_EQ(find(&l, p)->delay_ns, -1);
	DO(touch, write_pages(p, 1));
	read_own(&l);
	check_delay(find(&l, p), &born, &touch);
	/* What was there before it came so bit by bit, and nobody knows when. */
	CHECK(!munmap(p - page, 6 * page));
	read_own(&l);
	CHECK_EQ(find(&l, p - 2 * page)->age_ns, -1);
}

/* What was refused has changed nothing. */
static void refused(void)
{
	struct rlimit old, limit = { 0 };
	struct span born, touch, look;
	struct ledger l;
	char *p, *end;

	CHECK(sbrk(page - (size_t)sbrk(0) % page) != (void *)-1);
	DO(born, p = sbrk(5 * page));
	DO(touch, write_pages(p, 3));
	end = sbrk(0);
	CHECK(!getrlimit(RLIMIT_AS, &old));
	limit.rlim_max = old.rlim_max;
	CHECK(!setrlimit(RLIMIT_AS, &limit));
	CHECK(sbrk(50 * page) == (void *)-1 && errno == ENOMEM);
	CHECK(!setrlimit(RLIMIT_AS, &old));
	CHECK(sbrk(0) == end);
	DO(look, read_own(&l));
	check_age(find(&l, p), &born, &look);
	check_delay(find(&l, p), &born, &touch);
	DO(born, p = alone(5));
	DO(touch, write_pages(p, 3));
	CHECK(munmap(p, 1UL << 62) && errno == EINVAL);
	DO(look, read_own(&l));
	CHECK_EQ(find(&l, p)->first_touch, 3);
	check_age(find(&l, p), &born, &look);
	check_delay(find(&l, p), &born, &touch);
}

static void prepare_total(size_t mappings);

/* What brk gives back, and what shmdt does, is no longer there. */
static void given_back(void)
{
	int id = shmget(IPC_PRIVATE, 6 * page, IPC_CREAT | 0600);
	char *p = room(6), *start;
	long long gone, growths;
	struct ledger l;

	CHECK(id >= 0 && !munmap(p, 6 * page));
	/* What the C library has for this is touched now, and not in between. */
	prepare_total(100);
	CHECK(shmat(id, p, 0) == p && !shmdt(p) && shmat(id, p, 0) == p);
	write_pages(p, 6);
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 6);
	gone = l.first_touch_gone;
	growths = l.growths;
	CHECK(!shmdt(p) && !shmctl(id, IPC_RMID, NULL));
	read_own(&l);
	CHECK_EQ(l.first_touch_gone, gone + 6);
	CHECK_EQ(l.growths, growths - 1);
	map_at(p, 6, PROT_RW);
	read_own(&l);
	CHECK_EQ(l.growths, growths);
	/* The heap, as a whole: nothing of it is left to hold its touches. */
	CHECK(sbrk(page - (size_t)sbrk(0) % page) != (void *)-1);
	start = sbrk(page);
	write_pages(start, 1);
	CHECK(!munmap(start, page));
	p = sbrk(8 * page);
	write_pages(p, 8);
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 8);
	gone = l.first_touch_gone;
	growths = l.growths;
	CHECK(sbrk(-8 * (long)page) != (void *)-1);
	read_own(&l);
	CHECK_EQ(l.first_touch_gone, gone + 8);
	CHECK_EQ(l.growths, growths - 1);
}

/* As malloc of 1 MiB has it: what comes is next to what was there, and becomes one with it. */
static void merged(void)
{
	char *p = room(30), *q = p + 10 * page;
	struct span born, touch, look;
	const struct mapping *m;
	struct ledger l;

	map_at(q, 20, PROT_RW);
	write_pages(q, 8);
	let_time_pass();
	DO(born, map_at(p, 10, PROT_RW));
	DO(look, read_own(&l));
	m = find(&l, q);
	CHECK_EQ(m->start, (unsigned long)p);
	CHECK_EQ(m->pages.reserved, 30);
	CHECK_EQ(m->first_touch, 8);
	CHECK_EQ(m->delay_ns, -1);
	check_age(m, &born, &look);
	let_time_pass();
	write_pages(q, 20);
	read_own(&l);
	CHECK_EQ(find(&l, q)->delay_ns, -1);
	DO(touch, write_pages(p, 1));
	read_own(&l);
	m = find(&l, q);
	CHECK_EQ(m->first_touch, 21);
	check_delay(m, &born, &touch);
}

/* ------------------------------------------- mappings that change */

static void mapped_again(void)
{
	struct span born, touch, look;
	const struct mapping *m;
	struct ledger l;
	long long gone;
	char *p, *outer = room(14);

	p = map_at(outer + page, 12, PROT_RW);
	write_pages(p, 12);
	read_own(&l);
	gone = l.first_touch_gone;
	CHECK(!munmap(p, 12 * page));
	read_own(&l);
	CHECK_EQ(l.first_touch_gone, gone + 12);
	let_time_pass();
	DO(born, map_at(p, 12, PROT_RW));
	DO(look, read_own(&l));
	m = find(&l, p);
	CHECK_EQ(m->first_touch, 0);
	CHECK_EQ(m->delay_ns, -1);
	check_age(m, &born, &look);
	let_time_pass();
	DO(touch, write_pages(p, 3));
	/* Over it, at once. */
	read_own(&l);
	check_delay(find(&l, p), &born, &touch);
	DO(born, map_at(p, 12, PROT_RW));
	DO(look, read_own(&l));
	m = find(&l, p);
	CHECK_EQ(m->first_touch, 0);
	CHECK_EQ(m->delay_ns, -1);
	check_age(m, &born, &look);
	CHECK_EQ(l.first_touch_gone, gone + 12 + 3);
	/* Whoever knows it from before does not take it for the same. */
	write_pages(p, 5);
	CHECK(!munmap(p, 12 * page));
	DO(born, map_at(p, 12, PROT_RW));
	DO(touch, write_pages(p, 4));
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 4);
	check_delay(find(&l, p), &born, &touch);
}

static void fixed_over_a_part(void)
{
	struct span old, born, touched, look;
	const struct mapping *m;
	struct ledger l;
	long long gone;
	char *p;

	DO(old, p = alone(30));
	let_time_pass();
	DO(touched, write_pages(p, 30));
	read_own(&l);
	gone = l.first_touch_gone;
	DO(born, map_at(p + 10 * page, 10, PROT_READ));
	DO(look, read_own(&l));
	m = find(&l, p + 10 * page);
	CHECK_EQ(m->first_touch, 0);
	CHECK_EQ(m->delay_ns, -1);
	check_age(m, &born, &look);
	/* Nobody knows where the touches were: they are the lower part's. */
	CHECK_EQ(find(&l, p)->first_touch, 30);
	CHECK_EQ(find(&l, p + 20 * page)->first_touch, 0);
	CHECK_EQ(l.first_touch_gone, gone);
	check_age(find(&l, p), &old, &look);
	check_age(find(&l, p + 20 * page), &old, &look);
	check_delay(find(&l, p), &old, &touched);
	check_delay(find(&l, p + 20 * page), &old, &touched);
	/* But now they are two. */
	CHECK(!madvise(p, 30 * page, MADV_DONTNEED));
	write_pages(p + 20 * page, 7);
	read_pages(p + 10 * page, 2);
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 30);
	CHECK_EQ(find(&l, p + 10 * page)->first_touch, 2);
	CHECK_EQ(find(&l, p + 20 * page)->first_touch, 7);
	CHECK(!munmap(p, 20 * page));
	read_own(&l);
	CHECK_EQ(l.first_touch_gone, gone + 30 + 2);
	CHECK_EQ(find(&l, p + 20 * page)->first_touch, 7);
}

/* As a thread's arena of malloc has it: borders that move do not mix up what is touched later. */
static void protected(void)
{
	struct span born, touch;
	struct ledger l;
	char *p;

	DO(born, p = alone(40));
	CHECK(!mprotect(p, 10 * page, PROT_READ) && !mprotect(p + 30 * page, 10 * page, PROT_NONE));
	let_time_pass();
	DO(touch, write_pages(p + 10 * page, 5));
	read_pages(p, 3);
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 3);
	CHECK_EQ(find(&l, p + 10 * page)->first_touch, 5);
	CHECK_EQ(find(&l, p + 30 * page)->first_touch, 0);
	check_delay(find(&l, p + 10 * page), &born, &touch);
	CHECK(find(&l, p)->delay_ns > find(&l, p + 10 * page)->delay_ns);
	CHECK_EQ(find(&l, p + 30 * page)->delay_ns, -1);
	CHECK(!mprotect(p + 30 * page, 5 * page, PROT_RW));
	write_pages(p + 10 * page, 25);
	read_own(&l);
	CHECK_EQ(find(&l, p + 10 * page)->first_touch, 25);
	CHECK_EQ(find(&l, p + 35 * page)->first_touch, 0);
	CHECK(!mprotect(p, 40 * page, PROT_RW));
	write_pages(p, 40);
	read_own(&l);
	/* The three pages that were read are there. */
	CHECK_EQ(find(&l, p)->first_touch, 40);
	/* Whoever knows the mapping from before sees that it is two, and one, and two. */
	p = alone(40);
	write_pages(p, 5);
	CHECK(!mprotect(p + 20 * page, 20 * page, PROT_READ));
	read_pages(p + 20 * page, 1);
	CHECK(!mprotect(p, 40 * page, PROT_RW));
	write_pages(p + 5 * page, 1);
	write_pages(p + 30 * page, 7);
	CHECK(!mprotect(p + 20 * page, 20 * page, PROT_READ));
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 6);
	CHECK_EQ(find(&l, p + 20 * page)->first_touch, 1 + 7);
	/* Until somebody comes, it is one in both. */
	p = alone(10);
	write_pages(p, 4);
	CHECK(!mprotect(p + 5 * page, 5 * page, PROT_READ));
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 4);
	CHECK_EQ(find(&l, p + 5 * page)->first_touch, 0);
	CHECK(find(&l, p + 5 * page)->age_ns >= 0);
}

static void moved(void)
{
	struct span born, touch, look;
	const struct mapping *m;
	struct ledger l;
	long long gone;
	char *p = alone(10), *q = room(20);

	write_pages(p, 10);
	let_time_pass();
	read_own(&l);
	gone = l.first_touch_gone;
	DO(born, CHECK(mremap(p, 10 * page, 20 * page, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q));
	DO(look, read_own(&l));
	m = find(&l, q);
	CHECK_EQ(m->pages.populated, 10);
	CHECK_EQ(m->first_touch, 0);
	CHECK_EQ(m->delay_ns, -1);
	check_age(m, &born, &look);
	CHECK_EQ(l.first_touch_gone, gone + 10);
	let_time_pass();
	write_pages(q, 10);
	DO(touch, write_pages(q, 20));
	read_own(&l);
	CHECK_EQ(find(&l, q)->first_touch, 10);
	check_delay(find(&l, q), &born, &touch);
	/* Nobody watches what shrinks and grows where it is, but it is counted. */
	CHECK(mremap(q, 20 * page, 5 * page, 0) == q);
	CHECK(mremap(q, 5 * page, 20 * page, 0) == q);
	write_pages(q, 20);
	read_own(&l);
	CHECK_EQ(find(&l, q)->first_touch, 10 + 15);
}

static void __attribute__((noinline)) descend(int depth)
{
	char frame[4096 * 4];

	memset(frame, 0, sizeof(frame));
	asm volatile("" ::"r"(frame) : "memory");
	if (depth)
		descend(depth - 1);
	asm volatile("" ::"r"(frame) : "memory");
}

static void grown_down(void)
{
	long long touches, all, growths;
	struct ledger l;

	descend(1);
	prepare_ledger(100);
	read_own(&l);
	touches = find(&l, &l)->first_touch;
	all = l.first_touch;
	growths = l.growths;
	descend(100);
	read_own(&l);
	CHECK(!strcmp(find(&l, &l)->name, "[stack]"));
	touches = find(&l, &l)->first_touch - touches;
	CHECK(touches >= 99 * 4 * 4096 / (long long)page);
	CHECK(touches <= l.first_touch - all);
	/* It grew page by page, and is one. */
	CHECK_EQ(l.growths, growths);
}

/* ------------------------------------------- processes and threads */

static char *inherited;

static void child_of_fork(void *arg)
{
	struct span born, look;
	struct ledger l;
	char *p;

	(void)arg;
	read_own(&l);
	CHECK_EQ(find(&l, inherited)->age_ns, -1);
	CHECK_EQ(find(&l, inherited)->delay_ns, -1);
	CHECK_EQ(find(&l, inherited)->first_touch, 0);
	/* What has been touched is copied, and no first touch. */
	write_pages(inherited, 20);
	DO(born, p = alone(5));
	DO(look, read_own(&l));
	CHECK_EQ(find(&l, inherited)->age_ns, -1);
	CHECK_EQ(find(&l, inherited)->delay_ns, -1);
	CHECK_EQ(find(&l, inherited)->first_touch, 12);
	check_age(find(&l, p), &born, &look);
}

static void forked(void)
{
	struct ledger l;

	inherited = alone(20);
	write_pages(inherited, 8);
	reap(spawn(child_of_fork, NULL));
	read_own(&l);
	CHECK_EQ(find(&l, inherited)->first_touch, 8);
}

static void exec_cat(void *arg)
{
	int *fds = arg, i;
	struct ledger l;

	for (i = 0; i < 100; i++)
		alone(2);
	write_pages(alone(333), 333);
	read_own(&l);
	dup2(fds[0], 0);
	dup2(fds[3], 1);
	execl("/bin/cat", "cat", NULL);
	_exit(1);
}

static void executed(void)
{
	struct span life, look;
	int fds[4], i, known = 0;
	struct ledger l;
	pid_t pid;
	char c;

	CHECK(!pipe2(fds, O_CLOEXEC) && !pipe2(fds + 2, O_CLOEXEC));
	life.before = now();
	pid = spawn(exec_cat, fds);
	/* When this comes back, it is another program. */
	CHECK_EQ(write(fds[1], "x", 1), 1);
	CHECK_EQ(read(fds[2], &c, 1), 1);
	DO(look, CHECK_EQ(read_ledger(pid, &l), 0));
	CHECK(l.first_touch_gone >= 333);
	CHECK(l.growths < 100);
	for (i = 0; i < l.mappings; i++) {
		CHECK(l.map[i].age_ns <= look.behind - life.before);
		CHECK(l.map[i].first_touch < 333);
		known += l.map[i].age_ns >= 0;
	}
	CHECK(known);
	close(fds[1]);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

#define THREADS 8
#define SHARED	(64 * THREADS)

#define LAST_PAGES 3

static pthread_barrier_t barrier;
static char *shared;

struct toucher {
	pthread_t thread;
	unsigned int number;
	size_t pages, shared;
	char *own;
};

static void *touch_own_and_shared(void *arg)
{
	struct toucher *t = arg;
	size_t i;

	pthread_barrier_wait(&barrier);
	for (i = 0; i < t->pages; i++) {
		write_pages(t->own + i * page, 1);
		write_pages(shared + (i * THREADS + t->number) % SHARED * page, 1);
	}
	/* Alive when they are counted the first time, and dead the second. */
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	write_pages(t->own + t->pages * page, LAST_PAGES);
	return NULL;
}

/* A first touch is a fault on what is missing: all of these, and no others. */
static long long touches_by_class(const struct delta *d)
{
	return d->class[VMTRACE_CLASS_ANON] + d->class[VMTRACE_CLASS_ZERO] +
	       d->class[VMTRACE_CLASS_THP] + d->class[VMTRACE_CLASS_FILE_COW] +
	       d->class[VMTRACE_CLASS_FILE_HIT] + d->class[VMTRACE_CLASS_FILE_MISS] +
	       d->class[VMTRACE_CLASS_SHMEM];
}

/* First touches, the last time; 0: there was none. */
static long long total;

/*
 * All that happened since the last time was counted, and what was not a first touch was not.
 * With hook=entry the last touches of the other @threads are not yet.
 */
static void check_total_of(const struct ledger *l, int threads)
{
	struct delta d = since_last();
	long long late = total ? touches_by_class(&d) - (l->first_touch - total) : 0;

	CHECK(late >= 0 && late <= (hook_is("entry") ? threads : 0));
	CHECK_EQ(d.class[VMTRACE_CLASS_OTHER] + d.class[VMTRACE_CLASS_USERFAULT], 0);
	total = l->first_touch + late;
}

static void check_total(const struct ledger *l)
{
	check_total_of(l, 0);
}

static void prepare_total(size_t mappings)
{
	struct ledger l;

	warm_up();
	prepare_ledger(mappings);
	/* Twice: the first time has the pages of what counts, a first touch between two looks. */
	read_own(&l);
	check_total(&l);
	total = 0;
	read_own(&l);
	check_total(&l);
	/* To look takes no fault. */
	read_own(&l);
	check_total(&l);
}

static void check_touchers(const struct toucher *t, int alive)
{
	long long touches = 0, late;
	struct ledger l;
	int i;

	read_own(&l);
	check_total_of(&l, alive);
	for (i = 0; i < THREADS; i++) {
		late = (long long)t[i].pages - find(&l, t[i].own)->first_touch;
		CHECK(late >= 0 && late <= (hook_is("entry") && alive ? 1 : 0));
		touches += t[i].shared < 64 ? t[i].shared : 64;
	}
	late = touches - find(&l, shared)->first_touch;
	CHECK(late >= 0 && late <= (hook_is("entry") ? alive : 0));
}

static bool has_so_few_records(void *before)
{
	struct summary s;

	read_summary(&s);
	return s.threads <= ((struct summary *)before)->threads;
}

static void threads(void)
{
	struct toucher t[THREADS];
	struct summary before;
	int i;

	shared = alone(SHARED);
	CHECK(!pthread_barrier_init(&barrier, NULL, THREADS + 1));
	prepare_total(600);
	read_summary(&before);
	for (i = 0; i < THREADS; i++) {
		t[i] = (struct toucher){ .number = i, .pages = 11 + 13 * i, .own = alone(200) };
		t[i].shared = t[i].pages;
		CHECK(!pthread_create(&t[i].thread, NULL, touch_own_and_shared, &t[i]));
	}
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	check_touchers(t, THREADS);
	pthread_barrier_wait(&barrier);
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(t[i].thread, NULL));
	for (i = 0; i < THREADS; i++)
		t[i].pages += LAST_PAGES;
	/* Nobody has asked them: they leave what they counted when their records go. */
	CHECK(wait_until(has_so_few_records, &before));
	check_touchers(t, 0);
}

/* ------------------------------------------- layouts of all kinds */

static unsigned int state;

static unsigned int below(unsigned int n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

#define SLOTS	   60
#define SLOT_PAGES 40

/* A place for a mapping, with a hole behind it. */
struct slot {
	char *at;
	unsigned int pages; /* 0: nothing is mapped */
	long long touches;
	bool is_there[SLOT_PAGES];
	bool waits;
	struct span born, touch;
};

static struct slot slots[SLOTS];

static void slot_map(struct slot *s)
{
	unsigned int n = 1 + below(SLOT_PAGES);

	DO(s->born, map_at(s->at, n, PROT_RW));
	if (n < s->pages)
		CHECK(!munmap(s->at + n * page, (s->pages - n) * page));
	s->pages = n;
	memset(s->is_there, 0, sizeof(s->is_there));
	s->touches = 0;
	s->waits = true;
}

static void slot_unmap(struct slot *s)
{
	CHECK(!munmap(s->at, s->pages * page));
	s->pages = 0;
}

static void slot_touch(struct slot *s)
{
	unsigned int i = below(s->pages), n = 1 + below(s->pages - i);
	struct span touch;

	for (; n--; i++) {
		if (below(2))
			DO(touch, write_pages(s->at + i * page, 1));
		else
			DO(touch, read_pages(s->at + i * page, 1));
		if (s->waits)
			s->touch = touch;
		s->waits = false;
		s->touches += !s->is_there[i];
		s->is_there[i] = true;
	}
}

static void slot_give_back(struct slot *s)
{
	unsigned int i = below(s->pages), n = 1 + below(s->pages - i);

	CHECK(!madvise(s->at + i * page, n * page, MADV_DONTNEED));
	memset(s->is_there + i, 0, n);
}

static void slot_change(struct slot *s)
{
	unsigned int what = below(10);

	if (!s->pages || what == 0)
		slot_map(s);
	else if (what == 1)
		slot_unmap(s);
	else if (what < 4)
		slot_give_back(s);
	else
		slot_touch(s);
}

static void slot_check(const struct slot *s, const struct ledger *l, const struct span *look)
{
	const struct mapping *m;

	if (!s->pages)
		return;
	m = find(l, s->at);
	CHECK_EQ(m->start, (unsigned long)s->at);
	CHECK_EQ(m->pages.reserved, s->pages);
	CHECK_EQ(m->first_touch, s->touches);
	check_age(m, &s->born, look);
	if (s->waits)
		CHECK_EQ(m->delay_ns, -1);
	else
		check_delay(m, &s->born, &s->touch);
}

/* More mappings than a thread remembers, whole ones: each is right, to the page. */
static void random_mappings(void)
{
	char *outer = map_at(NULL, SLOTS * (SLOT_PAGES + 1) + 1, PROT_NONE) + page;
	long i, j, rounds = scaled(200);
	struct span look;
	struct ledger l;

	state = 0x5eed1234;
	CHECK(!munmap(outer - page, (SLOTS * (SLOT_PAGES + 1) + 1) * page));
	for (i = 0; i < SLOTS; i++)
		slots[i].at = outer + i * (SLOT_PAGES + 1) * page;
	prepare_total(600);
	for (i = 0; i < rounds; i++) {
		for (j = 0; j < 50; j++)
			slot_change(&slots[below(SLOTS)]);
		DO(look, read_own(&l));
		check_total(&l);
		for (j = 0; j < SLOTS; j++)
			slot_check(&slots[j], &l, &look);
	}
	note("%ld rounds", rounds);
}

#define ARENA 512

/* Whatever is done to them, no touch is lost: what is not in a mapping any more is gone. */
static void random_changes(void)
{
	static const int prots[] = { PROT_NONE, PROT_READ, PROT_RW, PROT_RW };
	char *arena = room(ARENA);
	static int access_of[ARENA];
	long i, j, rounds = scaled(200);
	struct ledger l;

	state = 0xfeed4321;
	prepare_total(600);
	for (i = 0; i < rounds; i++) {
		for (j = 0; j < 20; j++) {
			unsigned int first = below(ARENA), n = 1 + below(ARENA - first), k;
			char *p = arena + first * page;
			int prot = prots[below(4)];

			switch (below(8)) {
			case 0:
				map_at(p, n, prot);
				break;
			case 1:
				CHECK(!munmap(p, n * page));
				prot = PROT_NONE;
				break;
			case 2:
			case 3:
				/* Refused where there is a hole. */
				if (mprotect(p, n * page, prot))
					map_at(p, n, prot);
				break;
			case 4:
				madvise(p, n * page, MADV_DONTNEED);
				continue;
			default:
				for (k = first; k < first + n; k += 1 + below(3)) {
					if (access_of[k] & PROT_WRITE)
						write_pages(arena + k * page, 1);
					else if (access_of[k])
						read_pages(arena + k * page, 1);
				}
				continue;
			}
			for (k = first; k < first + n; k++)
				access_of[k] = prot;
		}
		read_own(&l);
		check_total(&l);
	}
	note("%ld rounds", rounds);
}

/* growth.h: VMTRACE_GROWTHS */
#define LIMIT 4096

static void too_many(void)
{
	size_t n = LIMIT + 100, i;
	char *p = room(3 * n), *more, *last = p + 3 * (n - 1) * page;
	long long unrecorded, gone;
	struct span born, look;
	struct ledger l;

	prepare_total(2 * n + 100);
	/* So that each mapping is one growth. */
	CHECK(!munmap(p, 3 * n * page));
	read_own(&l);
	CHECK_EQ(l.growths_unrecorded, 0);
	unrecorded = l.growths + n - LIMIT;
	gone = l.first_touch_gone;
	for (i = 0; i < n; i++)
		map_at(p + 3 * i * page, 2, PROT_RW);
	read_own(&l);
	CHECK_EQ(l.growths, LIMIT);
	CHECK_EQ(l.growths_unrecorded, unrecorded);
	for (i = 0; i < n; i++)
		write_pages(p + 3 * i * page, 2);
	/* However often it is touched, and whoever remembers that it is nobody's. */
	for (i = 0; i < 10; i++) {
		CHECK(!madvise(last, 2 * page, MADV_DONTNEED));
		write_pages(last, 2);
	}
	read_own(&l);
	check_total(&l);
	CHECK_EQ(l.growths, LIMIT);
	CHECK_EQ(l.growths_unrecorded, unrecorded);
	CHECK_EQ(l.first_touch_gone, gone + 2 * unrecorded + 20);
	CHECK_EQ(find(&l, p)->first_touch, 2);
	CHECK_EQ(find(&l, last)->first_touch, 0);
	/* There is room for one again, and it comes where none was. */
	CHECK(!munmap(p, 2 * page) && !munmap(last, 2 * page));
	DO(born, map_at(last, 2, PROT_RW));
	write_pages(last, 2);
	DO(look, read_own(&l));
	check_total(&l);
	CHECK_EQ(l.growths, LIMIT);
	CHECK_EQ(find(&l, last)->first_touch, 2);
	check_age(find(&l, last), &born, &look);
	CHECK(!munmap(p, 3 * n * page));
	DO(born, more = alone(3));
	write_pages(more, 3);
	DO(look, read_own(&l));
	check_total(&l);
	CHECK(l.growths < LIMIT / 2);
	CHECK_EQ(find(&l, more)->first_touch, 3);
	check_age(find(&l, more), &born, &look);
}

/* ------------------------------------------- while somebody does something else */

static volatile bool stop;

static void *map_until_stopped(void *arg)
{
	size_t n = 1 + (size_t)arg;

	while (!stop) {
		char *p = mmap(NULL, n * page, PROT_RW, ANONYMOUS, -1, 0);

		CHECK(p != MAP_FAILED);
		write_pages(p, n);
		write_pages(shared + below(SHARED) * page, 1);
		CHECK(!mprotect(p, n / 2 * page, PROT_READ));
		CHECK(!madvise(shared, SHARED * page, MADV_DONTNEED));
		CHECK(!munmap(p, n * page));
	}
	return NULL;
}

static void changes_under_a_reader(void)
{
	pthread_t t[4];
	long i, rounds = scaled(300);
	long long last = 0;
	struct ledger l;

	state = 0xabcd;
	shared = alone(SHARED);
	prepare_total(600);
	for (i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, map_until_stopped, (void *)(7 * i)));
	for (i = 0; i < rounds; i++) {
		/* What we do not do ourselves does not stand still. */
		wait_for_maps(SELF);
		CHECK_EQ(read_ledger(SELF, &l), 0);
		CHECK(l.first_touch >= last);
		last = l.first_touch;
	}
	stop = true;
	for (i = 0; i < 4; i++)
		CHECK(!pthread_join(t[i], NULL));
	read_own(&l);
	note("%lld first touches, %lld of them of what is gone", l.first_touch, l.first_touch_gone);
	CHECK_EQ(l.growths_unrecorded, 0);
	CHECK(l.first_touch > last / 2);
}

static void switched_off(void)
{
	struct ledger l;
	long long n;
	char *p = alone(5), *q = alone(5);

	write_pages(p, 5);
	CHECK(write_file(DEBUGFS "/" VMTRACE_ENABLED, "0"));
	CHECK(!munmap(p, 5 * page));
	map_at(p, 5, PROT_RW);
	write_pages(q, 2);
	read_own(&l);
	CHECK_EQ(find(&l, q)->first_touch, 0);
	CHECK(write_file(DEBUGFS "/" VMTRACE_ENABLED, "1"));
	/* What has become of it meanwhile, nobody knows. */
	read_own(&l);
	CHECK_EQ(find(&l, p)->age_ns, -1);
	CHECK_EQ(find(&l, p)->first_touch, 0);
	n = l.first_touch;
	write_pages(p, 3);
	write_pages(q, 5);
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 3);
	CHECK_EQ(find(&l, q)->first_touch, 3);
	CHECK_EQ(find(&l, q)->age_ns, -1);
	CHECK(l.first_touch >= n + 6);
	/* Who is left out by the filter is only counted. */
	CHECK(write_file(DEBUGFS "/" VMTRACE_FILTER, "pid=1"));
	p = alone(5);
	write_pages(p, 2);
	CHECK(write_file(DEBUGFS "/" VMTRACE_FILTER, ""));
	write_pages(p, 3);
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 1);
	CHECK(find(&l, p)->age_ns >= 0);
}

#define KPROBES "/sys/kernel/debug/kprobes/enabled"

/* What was not seen is unknown, and not what was there before. */
static void silenced_probes(void)
{
	char *p = alone(5), *q = alone(5);
	struct span born, touch, look;
	struct ledger l;
	long long n;

	if (access(KPROBES, W_OK) || !hook_is("kretprobe"))
		skip("no %s, or it does not silence the hook", KPROBES);
	write_pages(p, 5);
	read_own(&l);
	n = l.first_touch;
	CHECK(write_file(KPROBES, "0"));
	CHECK(!munmap(p, 5 * page));
	map_at(p, 5, PROT_RW);
	write_pages(p, 1);
	CHECK(write_file(KPROBES, "1"));
	read_own(&l);
	CHECK_EQ(find(&l, p)->age_ns, -1);
	CHECK_EQ(find(&l, p)->first_touch, 0);
	CHECK_EQ(find(&l, q)->age_ns, -1);
	CHECK(l.first_touch >= n);
	DO(born, p = alone(5));
	DO(touch, write_pages(p, 2));
	DO(look, read_own(&l));
	check_age(find(&l, p), &born, &look);
	/* Looking is not what makes it forget. */
	DO(look, read_own(&l));
	check_age(find(&l, p), &born, &look);
	check_delay(find(&l, p), &born, &touch);
	CHECK_EQ(find(&l, p)->first_touch, 2);
}

/* What was born stays so, and waits again. */
static void counted_anew(void)
{
	struct span born, touch, look;
	struct ledger l;
	char *p;

	DO(born, p = alone(30));
	write_pages(p, 10);
	CHECK(write_file(DEBUGFS "/" VMTRACE_RESET, "1"));
	DO(look, read_own(&l));
	CHECK_EQ(find(&l, p)->first_touch, 0);
	CHECK_EQ(find(&l, p)->delay_ns, -1);
	check_age(find(&l, p), &born, &look);
	CHECK(l.first_touch < 10);
	let_time_pass();
	write_pages(p, 10);
	DO(touch, write_pages(p, 15));
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 5);
	check_delay(find(&l, p), &born, &touch);
}

static void probes(void)
{
	struct summary s;

	read_summary(&s);
	note("%lld bytes a growth", s.growth_bytes);
	CHECK(s.growth_bytes > 0);
	CHECK_EQ(s.growth_probes, 4);
	CHECK_EQ(s.growth_missed, 0);
}

static void older_than_the_module(void)
{
	char *p = alone(20), *q;
	struct span born, touch;
	struct ledger l;

	write_pages(p, 5);
	module_load("");
	read_own(&l);
	CHECK_EQ(find(&l, p)->age_ns, -1);
	CHECK_EQ(find(&l, p)->delay_ns, -1);
	CHECK_EQ(find(&l, p)->first_touch, 0);
	write_pages(p, 9);
	DO(born, q = alone(20));
	let_time_pass();
	DO(touch, write_pages(q, 1));
	read_own(&l);
	CHECK_EQ(find(&l, p)->first_touch, 4);
	CHECK_EQ(find(&l, p)->age_ns, -1);
	CHECK_EQ(find(&l, p)->delay_ns, -1);
	check_delay(find(&l, q), &born, &touch);
	module_unload();
}

static void storm(void *arg)
{
	pthread_t t;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	state = 0x1234 + (long)arg;
	shared = alone(SHARED);
	CHECK(!pthread_create(&t, NULL, map_until_stopped, (void *)30));
	map_until_stopped(arg);
}

/* Over 10 s: each unload waits for RCU while all CPUs of an emulated guest are busy. */
static void load_under_storms(void)
{
	pid_t pids[2];
	struct ledger l;
	struct summary s;
	long i;

	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i])
			storm((void *)(50 * i));
	}
	for (i = 0; i < scaled(10); i++) {
		module_load("");
		wait_for_maps(pids[i % 2]);
		CHECK_EQ(read_ledger(pids[i % 2], &l), 0);
		read_summary(&s);
		CHECK_EQ(s.growth_probes, 4);
		module_unload();
	}
	for (i = 0; i < 2; i++) {
		CHECK_EQ(waitpid(pids[i], NULL, WNOHANG), 0);
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

const struct test growth_tests[] = {
	{ "growth: a mapping waits, and is touched", map_wait_touch, "" },
	{ "growth: what is a first touch", who_touches, "" },
	{ "growth: a huge page is touched once", huge_page, "" },
	{ "growth: the heap", grown_by_brk, "" },
	{ "growth: what is refused", refused, "" },
	{ "growth: given back by brk and shmdt", given_back, "" },
	{ "growth: a mapping that becomes one with its neighbour", merged, "" },
	{ "growth: mapped again at the same place", mapped_again, "" },
	{ "growth: a mapping over a part of another", fixed_over_a_part, "" },
	{ "growth: borders that move", protected, "" },
	{ "growth: mremap", moved, "" },
	{ "growth: the stack", grown_down, "" },
	{ "growth: fork", forked, "" },
	{ "growth: exec", executed, "" },
	{ "growth: threads", threads, "" },
	{ "growth: random mappings, to the page", random_mappings, "" },
	{ "growth: random changes lose no touch", random_changes, "" },
	{ "growth: more than there is room for", too_many, "" },
	{ "growth: changes under a reader", changes_under_a_reader, "" },
	{ "growth: switched off, and filtered", switched_off, "" },
	{ "growth: probes that were silenced", silenced_probes, "" },
	{ "growth: reset", counted_anew, "" },
	{ "growth: all probes are placed", probes, "" },
	{ "growth: a mapping older than the module", older_than_the_module, NULL },
	{ "growth: load and unload while memory comes and goes", load_under_storms, NULL,
	  .stress = true },
	{ 0 },
};
