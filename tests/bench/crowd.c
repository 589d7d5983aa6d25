// SPDX-License-Identifier: GPL-2.0
/* crowd.c - many threads or processes: contend, share and populate, see workload.c */
#include <err.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "workload.h"

#define BLOCKS	    64
#define BLOCK_PAGES 256

/* Threads on several CPUs */

struct contender {
	pthread_t thread;
	struct contest *contest;
	int cpu;
};

/**
 * struct contest - shared by all processes of one run
 * @waiting: threads that are not ready yet
 * @busy: threads that are not done yet
 * @shares: all faults but some at the begin are marked, and measured as one
 * @samples: one for each thread
 */
struct contest {
	atomic_int waiting;
	atomic_int busy;
	int shares;
	struct sample samples[64];
};

static int compare(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->total > y->total) - (x->total < y->total);
}

/*
 * The median of many short times: the guest's CPUs are threads of a machine that
 * has other things to do now and then, but not in most of them.
 */
static void touch_blocks(volatile char *p, size_t size, struct sample *median)
{
	struct sample blocks[BLOCKS];
	int i;

	for (i = 0; i < BLOCKS; i++)
		touch(p + i * size, size, page_size, 0, &blocks[i]);
	qsort(blocks, BLOCKS, sizeof(blocks[0]), compare);
	*median = blocks[BLOCKS / 2];
}

/* Nobody sleeps: the kernel has nothing to do for it. */
static void meet(atomic_int *missing)
{
	atomic_fetch_sub(missing, 1);
	while (atomic_load(missing))
		;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %d", cpu);
}

static void *contend(void *data)
{
	struct contender *c = data;
	size_t block = BLOCK_PAGES * page_size, size = BLOCKS * block;
	struct sample warm_up, *s = &c->contest->samples[c->cpu];
	/* A mapping of its own: the page that cannot be accessed keeps it apart. */
	volatile char *p = map(size + page_size, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	advise(p, size, MADV_NOHUGEPAGE);
	if (mprotect((void *)(p + size), page_size, PROT_NONE))
		err(1, "mprotect");
	if (c->contest->shares) {
		/* On one CPU, so that what they get for it are neighbours. */
		pin(0);
		touch(p, block, page_size, 0, &warm_up);
		/* The kernel does some of what it has to do for those that ended before later. */
		sleep(1);
	}
	pin(c->cpu);
	meet(&c->contest->waiting);
	marked = c->contest->shares;
	if (marked)
		touch(p + block, size - block, page_size, 0, s);
	else
		touch_blocks(p, block, s);
	/* While others are measured nobody exits. */
	meet(&c->contest->busy);
	return NULL;
}

static void contend_threads(struct contest *contest, int first, int count)
{
	struct contender c[64];
	int i;

	for (i = 0; i < count; i++) {
		c[i] = (struct contender){ .contest = contest, .cpu = first + i };
		if (pthread_create(&c[i].thread, NULL, contend, &c[i]))
			errx(1, "cannot create thread %d", i);
	}
	for (i = 0; i < count; i++)
		pthread_join(c[i].thread, NULL);
}

/* Returns how many threads it had, whose samples are in @contest. */
static int run_contest(struct contest *contest, int argc, char **argv)
{
	int threads = argc == 2 ? atoi(argv[0]) : 0, mms = argc == 2 ? atoi(argv[1]) : 0, i;

	if (threads < 1 || threads > 64 || mms < 1 || threads % mms)
		errx(2, "want THREADS MMS: THREADS up to 64, a multiple of MMS");
	atomic_store(&contest->waiting, threads);
	atomic_store(&contest->busy, threads);
	for (i = 0; i < mms; i++)
		if (!fork_or_die()) {
			contend_threads(contest, i * threads / mms, threads / mms);
			_exit(0);
		}
	for (i = 0; i < mms; i++)
		reap(-1);
	return threads;
}

static struct contest *new_contest(void)
{
	return (void *)map(sizeof(struct contest), MAP_SHARED | MAP_ANONYMOUS, -1);
}

int workload_contend(int argc, char **argv)
{
	struct contest *contest = new_contest();
	int threads = run_contest(contest, argc, argv), i;

	for (i = 0; i < threads; i++)
		print("contend", &contest->samples[i]);
	return 0;
}

int workload_share(int argc, char **argv)
{
	struct contest *contest = new_contest();
	struct sample sum = { 0 };
	int threads, i;

	contest->shares = 1;
	threads = run_contest(contest, argc, argv);
	for (i = 0; i < threads; i++) {
		sum.units += contest->samples[i].units;
		sum.total += contest->samples[i].total;
		sum.own += contest->samples[i].own;
	}
	print("share", &sum);
	return 0;
}

/* Many that sleep */

/* Each in turn: the one who waits for it leaves it the CPU. */
static sem_t *settled;

static void *sleeper(void *stack)
{
	/* The far end: whoever made this thread has touched the near one. */
	*(volatile char *)stack = 1;
	sem_post(settled);
	for (;;)
		pause();
	return NULL;
}

/* All stacks in one mapping: there is a limit to the number of mappings. */
static void populate_threads(int n)
{
	size_t least = PTHREAD_STACK_MIN, size = least > 8 * page_size ? least : 8 * page_size;
	volatile char *stacks = map(n * size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	pthread_attr_t attr;
	pthread_t thread;
	int i, error;

	advise(stacks, n * size, MADV_NOHUGEPAGE);
	pthread_attr_init(&attr);
	for (i = 0; i < n; i++) {
		void *stack = (void *)(stacks + i * size);

		error = pthread_attr_setstack(&attr, stack, size);
		if (error)
			errx(1, "a stack of %zu bytes: %s", size, strerror(error));
		error = pthread_create(&thread, &attr, sleeper, stack);
		if (error)
			errx(1, "thread %d: %s", i, strerror(error));
		sem_wait(settled);
	}
}

static void populate_processes(int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (!fork_or_die()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			sem_post(settled);
			for (;;)
				pause();
		}
		sem_wait(settled);
	}
}

/* Pages that may be accessed take turns with pages that may not, so that each is a mapping. */
static void populate_mappings(int n)
{
	volatile char *p = map(n * page_size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int i;

	advise(p, n * page_size, MADV_NOHUGEPAGE);
	for (i = 0; i < n; i++)
		if (i % 2)
			p[i * page_size] = 1;
		else if (mprotect((void *)(p + i * page_size), page_size, PROT_NONE))
			err(1, "mapping %d", i);
}

int workload_populate(int argc, char **argv)
{
	int n = argc == 2 ? atoi(argv[1]) : 0;

	if (n < 1)
		errx(2, "populate threads|processes|mappings N");
	settled = (sem_t *)map(page_size, MAP_SHARED | MAP_ANONYMOUS, -1);
	sem_init(settled, 1, 0);
	if (!strcmp(argv[0], "threads"))
		populate_threads(n);
	else if (!strcmp(argv[0], "mappings"))
		populate_mappings(n);
	else
		populate_processes(n);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
