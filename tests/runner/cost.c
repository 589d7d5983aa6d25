// SPDX-License-Identifier: GPL-2.0
/*
 * cost.c - for tests/runner/run: nanoseconds that a loop takes, and those that page faults
 * take, the best of some rounds each
 */
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

enum {
	ROUNDS = 8,
	TURNS = 10000,
	PAGES = 64,
	PAGE = 4096
};

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static long loop(void)
{
	long start = now();

	for (int turn = 0; turn < TURNS; turn++)
		__asm__ volatile("" ::: "memory");
	return now() - start;
}

static long faults(void)
{
	volatile char *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long start = now(), took;

	if (area == MAP_FAILED)
		return 0;
	for (int page = 0; page < PAGES; page++)
		area[page * PAGE] = 1;
	took = now() - start;
	munmap((void *)area, PAGES * PAGE);
	return took;
}

static long best(long (*work)(void))
{
	long least = work();

	for (int round = 1; round < ROUNDS; round++) {
		long took = work();

		if (took < least)
			least = took;
	}
	return least;
}

int main(void)
{
	printf("%ld %ld\n", best(loop), best(faults));
	return 0;
}
