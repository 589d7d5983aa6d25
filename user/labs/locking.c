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

enum {
	REHEARSAL,
	ONE_MAPPING,
	MANY_MAPPINGS,
	ROUNDS
};

static struct team {
	pthread_barrier_t start, done;
	int threads;
	size_t pages, page_size; /* for each thread */
	char *part[ROUNDS][THREADS_MAX];
} team;

static void *work(void *argument)
{
	char room[16 * 1024];

	/* All the stack that the barriers will want. */
	lab_write(room, sizeof(room) / 1024, 1024);
	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&team.start);
		lab_write(team.part[round][(size_t)argument], team.pages, team.page_size);
		pthread_barrier_wait(&team.done);
	}
	return NULL;
}

/* A part for each thread, and between them pages that nobody may touch, if there are any. */
static int divide(struct lab *lab, int round, size_t between)
{
	size_t each = team.pages + between;
	char *block = lab_block(lab, team.threads * each, 0);

	if (!block)
		return -ENOMEM;
	for (int i = 0; i < team.threads; i++) {
		team.part[round][i] = block + i * each * team.page_size;
		if (between && mprotect(team.part[round][i] + team.pages * team.page_size,
					between * team.page_size, PROT_NONE) != 0)
			return -errno;
	}
	return 0;
}

static int count_mappings(int round)
{
	struct range mapping = { 0 };
	int count = 0;

	for (int i = 0; i < team.threads; i++) {
		uintptr_t last = mapping.start;

		if (pages_mapping((uintptr_t)team.part[round][i], &mapping) != 0)
			return -1;
		count += mapping.start != last;
	}
	return count;
}

static void run(struct lab *lab, const char *name, int round, int mappings)
{
	struct timespec from, to;

	lab_begin(lab, name);
	clock_gettime(CLOCK_MONOTONIC, &from);
	pthread_barrier_wait(&team.start);
	pthread_barrier_wait(&team.done);
	clock_gettime(CLOCK_MONOTONIC, &to);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_ANON, (long long)team.pages * team.threads);
	lab_number(lab, "mappings that they touched", "", mappings, count_mappings(round));
	lab_note(lab, "all of it took", "%lld us",
		 (to.tv_sec - from.tv_sec) * 1000000LL + (to.tv_nsec - from.tv_nsec) / 1000);
	if (!lab->vmtrace)
		return;
	lab_note(lab, "asleep in these faults", "%lld us", lab_asleep_ns(lab) / 1000);
	/*
	 * From 6.8 on the first write to a mapping (without anon_vma) may be tried again with
	 * mmap_lock, by 6.12 only if somebody holds that as a writer: vmf_anon_prepare(),
	 * mm/memory.c.
	 */
	if (memory_kernel_is(6, 8) && !memory_kernel_is(6, 12))
		lab_note(lab, "tried again", "%lld times", lab_retried(lab));
	else
		lab_number(lab, "tried again", "times", 0, lab_retried(lab));
}

static int measure(struct lab *lab)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	/* CONFIG_PER_VMA_LOCK (mm/Kconfig) came with 6.4, for x86 and arm64. */
	bool own_locks = memory_kernel_is(6, 4);
	struct timespec now;
	pthread_t thread;
	int err;

	team.threads = online < 2 ? 2 : online > THREADS_MAX ? THREADS_MAX : (int)online;
	team.page_size = (size_t)lab->page_size;
	team.pages = (lab_pages(lab) + team.threads - 1) / team.threads;
	for (int round = 0; round < ROUNDS; round++) {
		err = divide(lab, round, round == MANY_MAPPINGS ? 1 : 0);
		if (err)
			return err;
	}
	pthread_barrier_init(&team.start, NULL, team.threads + 1);
	pthread_barrier_init(&team.done, NULL, team.threads + 1);
	for (int i = 0; i < team.threads; i++) {
		err = pthread_create(&thread, NULL, work, (void *)(size_t)i);
		if (err)
			return -err;
	}
	/* Not measured: the threads touch their stacks only now. */
	pthread_barrier_wait(&team.start);
	pthread_barrier_wait(&team.done);
	clock_gettime(CLOCK_MONOTONIC, &now);

	run(lab, "one mapping", ONE_MAPPING, 1);
	lab_explain(lab,
		    "%d threads touched %zu pages each, at once: one fault for each page, whoever "
		    "holds which lock. All held the lock of the %s, as readers.",
		    team.threads, team.pages, own_locks ? "one mapping" : "address space");

	run(lab, "many mappings", MANY_MAPPINGS, team.threads);
	lab_explain(
		lab,
		"The same faults, but %s. The wait for the lock comes before what vmtrace times: "
		"it is not in the time asleep.",
		own_locks ? "each thread held the lock of its own mapping" :
			    "again all held the one lock: this kernel has no locks of mappings");
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
