// SPDX-License-Identifier: GPL-2.0
/*
 * locking - threads that fault at once, on one mapping and on many
 */
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "labs.h"
#include "memory.h"

#define THREADS_MAX 4
#define ROUNDS	    3 /* of which the first is a rehearsal */

static struct team {
	pthread_barrier_t start, done;
	size_t pages, page_size; /* for each thread */
	char *part[ROUNDS][THREADS_MAX];
} team;

static __attribute__((noinline)) void touch_stack(void)
{
	volatile char room[16 * 1024];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
	lab_keep(room);
}

static void *work(void *argument)
{
	size_t number = (size_t)argument;

	touch_stack();
	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&team.start);
		lab_write(team.part[round][number], team.pages, team.page_size);
		pthread_barrier_wait(&team.done);
	}
	return NULL;
}

/* One mapping, or one for each thread: a page that nobody may touch lies between them. */
static int divide(struct lab *lab, int round, int threads, bool one)
{
	size_t each = (team.pages + !one) * team.page_size;
	char *block = lab_block(lab, threads * each / team.page_size, 0);

	if (!block)
		return -ENOMEM;
	for (int i = 0; i < threads; i++) {
		team.part[round][i] = block + i * each;
		if (!one && mprotect(team.part[round][i] + team.pages * team.page_size,
				     team.page_size, PROT_NONE) != 0)
			return -errno;
	}
	return 0;
}

static int count_mappings(int round, int threads)
{
	struct range mapping = { 0 };
	int count = 0;

	for (int i = 0; i < threads; i++) {
		uintptr_t part = (uintptr_t)team.part[round][i];

		if (part >= mapping.start && part < mapping.end)
			continue;
		if (pages_mapping(part, &mapping) != 0)
			return -1;
		count++;
	}
	return count;
}

/* A step in which all of them touch their parts; returns how long it took, in ns. */
static long long run(struct lab *lab, const char *name)
{
	struct timespec from, to;

	lab_begin(lab, name);
	clock_gettime(CLOCK_MONOTONIC, &from);
	pthread_barrier_wait(&team.start);
	pthread_barrier_wait(&team.done);
	clock_gettime(CLOCK_MONOTONIC, &to);
	lab_end(lab);
	return (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec;
}

static void report(struct lab *lab, int round, int threads, int mappings, long long took)
{
	lab_predict(lab, VMTRACE_CLASS_ANON, (long long)team.pages * threads);
	lab_number(lab, "mappings that they touched", "", mappings, count_mappings(round, threads));
	lab_note(lab, "all of it took", "%lld us", took / 1000);
	if (!lab->vmtrace)
		return;
	lab_note(lab, "tried again", "%lld times", lab_retried(lab));
	lab_note(lab, "asleep in these faults", "%lld us", lab_asleep_ns(lab) / 1000);
}

static int measure(struct lab *lab)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	int threads = online < 2 ? 2 : online > THREADS_MAX ? THREADS_MAX : (int)online, err;
	/* CONFIG_PER_VMA_LOCK came with 6.4, for x86 and arm64 (5e31275cc997). */
	bool own_locks = memory_kernel_is(6, 4);
	struct timespec now;
	pthread_t thread;
	long long took;

	team.page_size = (size_t)lab->page_size;
	team.pages = lab->size / lab->page_size / threads;
	for (int round = 0; round < ROUNDS; round++) {
		err = divide(lab, round, threads, round < ROUNDS - 1);
		if (err)
			return err;
	}
	pthread_barrier_init(&team.start, NULL, threads + 1);
	pthread_barrier_init(&team.done, NULL, threads + 1);
	for (int i = 0; i < threads; i++) {
		err = pthread_create(&thread, NULL, work, (void *)(size_t)i);
		if (err)
			return -err;
	}
	/* A rehearsal, not measured, for their stacks are touched only now. */
	pthread_barrier_wait(&team.start);
	pthread_barrier_wait(&team.done);
	clock_gettime(CLOCK_MONOTONIC, &now);

	took = run(lab, "one mapping");
	report(lab, 1, threads, 1, took);
	lab_explain(lab,
		    "%d threads touched %zu pages each, at once: one fault for each page, "
		    "whoever holds which lock. %s",
		    threads, team.pages,
		    own_locks ? "All of them held the lock of the one mapping, as readers." :
				"All of them held the lock of the address space, as readers.");

	took = run(lab, "many mappings");
	report(lab, 2, threads, threads, took);
	lab_explain(lab,
		    "The same faults. %s Vmtrace sees a fault only when it has its lock: the "
		    "wait for that is not in the time asleep.",
		    own_locks ?
			    "Each thread held the lock of its own mapping." :
			    "This kernel has no locks of mappings: again all held the lock of the "
			    "address space.");
	return 0;
}

const struct lab_info lab_locking = {
	.name = "locking",
	.sentence = "threads that fault at once, on one mapping and on many",
	.concept =
		"A fault may not meet a mapping that is just being changed, so it holds a lock as "
		"a reader, as many faults may at once; who changes mappings, as mmap does, must "
		"wait for them, and they for it. Until Linux 6.3 this was one lock for the whole "
		"address space (mmap_lock); since 6.4 each mapping has a lock of its own, which is "
		"tried first. How long a fault takes depends on the lock, but never how many there "
		"are.",
	.size = 4 << 20,
	.measure = measure,
};
