// SPDX-License-Identifier: GPL-2.0
/*
 * tracee.c - a program whose faults are known, for tracing programs to look at
 *
 *   tracee         take the faults, say which they were
 *   tracee wait    say "ready"; take them after a SIGUSR1, say which they were and "done",
 *                  and exit after another. Between "ready" and the exit it takes no others.
 *
 * Prints lines of a name and numbers. Those with addresses have two, of the first byte and of
 * the one after the last, and how many faults are due there.
 */
#include <err.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <fcntl.h>
#include <unistd.h>

/* Primes, so that no number is another one by accident. */
#define WRITES	   211
#define READS	   101
#define COPIES	   53
#define FILE_PAGES 31
#define FILE_SKIP  5 /* the pages of the file before those that are mapped */
#define KERNEL	   7
#define GUP	   3

/* A section of its own: the linker names both ends. */
#define TOUCHING __attribute__((noinline, section("touching")))
extern const char __start_touching[], __stop_touching[];

/* Makes the compiler set up a frame, from which a tracing program finds the caller. */
#define NEED_FRAME() asm volatile("" ::"r"(__builtin_frame_address(0)))

struct place {
	const char *name;
	char *start;
	size_t pages;
	int faults;
};

enum {
	FIRST,
	ANON,
	ZERO,
	COPY,
	SHMEM,
	COPYOUT,
	PINNED,
	BEYOND,
	HOLE,
	SEALED,
	LAST,
	PLACES
};

static struct place places[PLACES] = {
	[FIRST] = { "first", NULL, 1, 1 },
	[ANON] = { "anon", NULL, WRITES, WRITES },
	[ZERO] = { "zero", NULL, READS, READS },
	[COPY] = { "cow-copy", NULL, COPIES, 2 * COPIES },
	[SHMEM] = { "shmem", NULL, FILE_PAGES, FILE_PAGES },
	[COPYOUT] = { "kernel", NULL, KERNEL, KERNEL },
	[PINNED] = { "gup", NULL, GUP, GUP },
	[BEYOND] = { "sigbus", NULL, 1, 1 },
	[HOLE] = { "segv_maperr", NULL, 1, 0 },
	[SEALED] = { "segv_accerr", NULL, 1, 0 },
	[LAST] = { "last", NULL, 1, 1 },
};

static size_t page;
static sigjmp_buf past;
static struct rusage before, after;

static TOUCHING void write_pages(const struct place *p)
{
	volatile char *at = p->start;
	size_t i;

	NEED_FRAME();
	for (i = 0; i < p->pages; i++)
		at[i * page] = 1;
}

static TOUCHING void read_pages(const struct place *p)
{
	const volatile char *at = p->start;
	size_t i;

	NEED_FRAME();
	for (i = 0; i < p->pages; i++)
		(void)at[i * page];
}

static void go_on(int signal)
{
	(void)signal;
	siglongjmp(past, 1);
}

static void write_in_vain(const struct place *p)
{
	if (!sigsetjmp(past, 1))
		write_pages(p);
}

static char *map(size_t pages, int prot, int fd, off_t offset)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *p = mmap(NULL, pages * page, prot, flags, fd, offset);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

static int make_file(void)
{
	char name[] = "/dev/shm/tracee.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || unlink(name) || ftruncate(fd, (FILE_SKIP + FILE_PAGES) * page))
		err(1, "%s", name);
	return fd;
}

/* Fresh memory for all of them, each a mapping of its own. */
static int prepare(void)
{
	int i, fd = make_file();

	for (i = 0; i < PLACES; i++)
		if (i != SHMEM && i != BEYOND)
			places[i].start = map(places[i].pages, PROT_READ | PROT_WRITE, -1, 0);
	places[SHMEM].start = map(FILE_PAGES, PROT_READ | PROT_WRITE, fd, FILE_SKIP * page);
	places[BEYOND].start = map(1, PROT_READ | PROT_WRITE, fd, (FILE_SKIP + FILE_PAGES) * page);
	if (munmap(places[HOLE].start, page) || mprotect(places[SEALED].start, page, PROT_NONE))
		err(1, "munmap, mprotect");
	return fd;
}

static __attribute__((noinline)) void take_faults(int zeros)
{
	const struct place *p = places;

	getrusage(RUSAGE_SELF, &before);
	read_pages(&p[FIRST]);
	write_pages(&p[ANON]);
	read_pages(&p[ZERO]);
	read_pages(&p[COPY]);
	write_pages(&p[COPY]);
	write_pages(&p[SHMEM]);
	if (read(zeros, p[COPYOUT].start, KERNEL * page) != (ssize_t)(KERNEL * page))
		_exit(1);
	if (mlock(p[PINNED].start, GUP * page))
		_exit(1);
	write_in_vain(&p[BEYOND]);
	write_in_vain(&p[HOLE]);
	write_in_vain(&p[SEALED]);
	read_pages(&p[LAST]);
	getrusage(RUSAGE_SELF, &after);
}

static void say(int out, int fd)
{
	const struct place *p;
	struct stat st;

	fstat(fd, &st);
	dprintf(out, "pid %d\n", getpid());
	dprintf(out, "counted %ld\n",
		after.ru_minflt - before.ru_minflt + after.ru_majflt - before.ru_majflt);
	dprintf(out, "file %llu %u:%u %zu\n", (unsigned long long)st.st_ino, major(st.st_dev),
		minor(st.st_dev), FILE_SKIP * page);
	dprintf(out, "code %#lx %#lx 0\n", (unsigned long)__start_touching,
		(unsigned long)__stop_touching);
	for (p = places; p < places + PLACES; p++)
		dprintf(out, "%s %#lx %#lx %d\n", p->name, (unsigned long)p->start,
			(unsigned long)p->start + p->pages * page, p->faults);
	dprintf(out, "done\n");
}

int main(int argc, char **argv)
{
	int wait = argc > 1 && !strcmp(argv[1], "wait");
	int zeros = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);
	struct sigaction action = { .sa_handler = go_on };
	sigset_t set;
	int fd, signal;

	if (zeros < 0 || null < 0)
		err(1, "/dev/zero, /dev/null");
	page = sysconf(_SC_PAGESIZE);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);

	/* All that the code itself takes is taken the first time. */
	fd = prepare();
	take_faults(zeros);
	say(null, fd);
	raise(SIGUSR1);
	sigwait(&set, &signal);
	fd = prepare();
	if (wait) {
		dprintf(1, "ready\n");
		sigwait(&set, &signal);
	}
	take_faults(zeros);
	say(1, fd);
	if (wait)
		sigwait(&set, &signal);
	return 0;
}
