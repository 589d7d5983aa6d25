// SPDX-License-Identifier: GPL-2.0
/*
 * fault-cost.c - what a page fault costs, in ticks of the CPU's counter
 *
 * Under scripts/vm --icount a tick is an instruction, of the guest's program and
 * kernel alike. Prints its argument and two numbers: ticks for the first write
 * of a fresh page and for the first read, the least of several rounds.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES  4096
#define ROUNDS 6

static uint64_t ticks(void)
{
#if defined(__x86_64__)
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
	uint64_t t;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r"(t)::"memory");
	return t;
#else
#error "which counter?"
#endif
}

static double round_of(int writes)
{
	size_t page = sysconf(_SC_PAGESIZE), i;
	volatile char *p;
	uint64_t begin;

	p = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		err(1, "mmap");
	if (madvise((void *)p, PAGES * page, MADV_NOHUGEPAGE))
		err(1, "madvise");
	begin = ticks();
	for (i = 0; i < PAGES; i++) {
		if (writes)
			p[i * page] = 1;
		else
			(void)p[i * page];
	}
	begin = ticks() - begin;
	munmap((void *)p, PAGES * page);
	return (double)begin / PAGES;
}

static double least(int writes)
{
	double best = round_of(writes), next;
	int i;

	for (i = 1; i < ROUNDS; i++) {
		next = round_of(writes);
		if (next < best)
			best = next;
	}
	return best;
}

int main(int argc, char **argv)
{
	double write = least(1), read = least(0);

	printf("%s %.0f %.0f\n", argc > 1 ? argv[1] : "-", write, read);
	return 0;
}
