// SPDX-License-Identifier: GPL-2.0
/* class_numa.c - what each fault was, on a machine with two nodes: hints and migration */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "rwp.h"

#define N	101
#define SECONDS 60

/* Of <linux/mempolicy.h>. */
#define MPOL_DEFAULT 0
#define MPOL_BIND    2
#define MPOL_MF_MOVE (1 << 1)

#define BALANCING "/proc/sys/kernel/numa_balancing"

/* The node of the CPU where we run, and stay from here on. Skips if there is no other. */
static unsigned int our_node(void)
{
	unsigned int cpu, node;
	cpu_set_t set;

	if (access("/sys/devices/system/node/node1", F_OK))
		skip("this machine has one node: run with scripts/vm --numa 2");
	CHECK(!syscall(SYS_getcpu, &cpu, &node, NULL));
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CHECK(!sched_setaffinity(0, sizeof(set), &set));
	CHECK(!syscall(SYS_getcpu, &cpu, &node, NULL));
	return node;
}

/* Memory that is touched from now on comes from this node; or from anywhere again. */
static void bind_to(unsigned int node)
{
	unsigned long mask = 1UL << node;

	CHECK(!syscall(SYS_set_mempolicy, MPOL_BIND, &mask, 8 * sizeof(mask)));
}

static void bind_to_none(void)
{
	CHECK(!syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0));
}

/* Let the scheduler look for work after 10 ms of run time, and every 100 ms. */
static void let_it_balance(void)
{
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	write_file("/sys/kernel/debug/sched/numa_balancing/scan_delay_ms", "10");
	write_file("/sys/kernel/debug/sched/numa_balancing/scan_period_min_ms", "100");
	if (!write_file(BALANCING, "1"))
		skip("this kernel does not balance nodes");
}

static long long read_vmstat(const char *key)
{
	FILE *f = fopen("/proc/vmstat", "r");
	long long value = 0;
	char name[64];

	CHECK(f);
	while (fscanf(f, "%63s %lld", name, &value) == 2 && strcmp(name, key))
		;
	fclose(f);
	return value;
}

/*
 * Pages of the other node, in a process of one thread that runs on this one: such pages
 * get a hint (change_pte_range(), mm/mprotect.c), each until it is moved here.
 */
static void hints(char *p, size_t pages, const char *marked)
{
	long long before = read_vmstat(marked), counted = read_vmstat("numa_hint_faults");
	time_t end = time(NULL) + SECONDS;
	struct stats s;

	warm_up();
	let_it_balance();
	while (read_vmstat(marked) == before && time(NULL) < end)
		read_pages(p, pages);
	read_pages(p, pages);
	CHECK(write_file(BALANCING, "0"));
	CHECK(read_vmstat(marked) > before);
	/* The first time for the hints in what reads them. */
	read_vmstat(marked);
	CHECK_EQ(read_stats(SELF, &s), 0);
	counted = read_vmstat("numa_hint_faults") - counted;
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(s.class[VMTRACE_CLASS_NUMA].faults, counted);
	CHECK(s.class[VMTRACE_CLASS_NUMA].faults > 0);
	check_exact();
}

static void small_pages(void)
{
	unsigned int node = our_node();
	char *p = fresh(N);

	bind_to(!node);
	write_pages(p, N);
	bind_to_none();
	hints(p, N, "numa_pte_updates");
}

static void huge_pages(void)
{
	unsigned int node = our_node();
	char *p = fresh_huge(1);

	bind_to(!node);
	write_pages(p, 1);
	bind_to_none();
	/* One fault for all of it. */
	hints(p, huge_size() / page, "numa_huge_pte_updates");
}

/* In memory that a userfaultfd may protect: that looks alike, but for a bit. */
static void beside_protected(void)
{
	unsigned int node = our_node();
	char *p = fresh(N);
	struct stats s;

	bind_to(!node);
	write_pages(p, N);
	bind_to_none();
	rwp_open(p, N * page, true);
	/* These are accessed, and so may get hints; the others are never. */
	read_pages(p, N / 2);
	hints(p, N / 2, "numa_pte_updates");
	CHECK_EQ(read_stats(SELF, &s), 0);
	CHECK_EQ(s.class[VMTRACE_CLASS_USERFAULT].faults, N / 2);
}

static volatile bool stop;

static void move_to(char *p, unsigned int node)
{
	static void *pages[N];
	static int nodes[N], status[N];
	int i;

	for (i = 0; i < N; i++) {
		pages[i] = p + i * page;
		nodes[i] = node;
	}
	CHECK_EQ(syscall(SYS_move_pages, 0, (long)N, pages, nodes, status, MPOL_MF_MOVE) < 0, 0);
}

static void *move_about(void *p)
{
	unsigned int node;

	for (node = 0; !stop; node = !node)
		move_to(p, node);
	return NULL;
}

static void migration(void)
{
	time_t end = time(NULL) + SECONDS;
	char *p = fresh(N);
	pthread_t thread;
	struct stats s;

	if (access("/sys/devices/system/node/node1", F_OK))
		skip("this machine has one node: run with scripts/vm --numa 2");
	write_pages(p, N);
	warm_up();
	CHECK(!pthread_create(&thread, NULL, move_about, p));
	do {
		write_pages(p, N);
		CHECK_EQ(read_stats(SELF, &s), 0);
	} while (!s.class[VMTRACE_CLASS_MIGRATION].faults && time(NULL) < end);
	stop = true;
	CHECK(!pthread_join(thread, NULL));
	CHECK(s.class[VMTRACE_CLASS_MIGRATION].faults > 0);
	check_exact();
}

const struct test class_numa_tests[] = {
	{ "class: numa hints", small_pages, "" },
	{ "class: numa hints of huge pages", huge_pages, "" },
	{ "class: numa hints beside protected pages", beside_protected, "" },
	{ "class: migration", migration, "" },
	{ 0 },
};
