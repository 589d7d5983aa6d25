// SPDX-License-Identifier: GPL-2.0
/* hot.c - which instructions and pages fault most: <pid>/hot in debugfs */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define DEBUGFS	  "/sys/kernel/debug/" VMTRACE_DIR
#define NAME_SIZE 256

struct row {
	long long faults;
	unsigned long address, start, offset;
	char name[NAME_SIZE];
};

/* A file; sum is what its lines say together. */
struct hot {
#define DECLARE(key, meaning) long long key;
	VMTRACE_HOT_NUMBERS(DECLARE)
#undef DECLARE
	struct {
		int count;
		long long sum;
		struct row row[VMTRACE_HOT_LINES];
	} kind[VMTRACE_HOT_KIND_COUNT];
};

static const char *path_of(pid_t pid)
{
	static char path[64];

	snprintf(path, sizeof(path), DEBUGFS "/%d/" VMTRACE_HOT, pid ? pid : getpid());
	return path;
}

static bool has_hot(void *pid)
{
	return !access(path_of((long)pid), R_OK);
}

static void wait_for_hot(pid_t pid)
{
	if (access(DEBUGFS, R_OK))
		skip("no debugfs (errno %d)", errno);
	CHECK(wait_until(has_hot, (void *)(long)pid));
}

static long long number_of(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	CHECK(at && at[-1] == '\n' && !strncmp(at + strlen(key), ":\t", 2));
	return strtoll(at + strlen(key) + 2, NULL, 10);
}

static void parse_row(struct hot *h, const char *line)
{
#define NAME(symbol, name, meaning) name,
	static const char *const kinds[] = { VMTRACE_HOT_KINDS(NAME) };
#undef NAME
	char kind[8], *end;
	struct row r;
	int n = 0, k;

	/* No blank at the end: it would take the newline for one. */
	k = sscanf(line, "%7s\t%lld\t%lx\t%lx\t%lx%n", kind, &r.faults, &r.address, &r.start,
		   &r.offset, &n);
	CHECK_EQ(k, 5);
	CHECK(line[n++] == '\t');
	end = strchr(line + n, '\n');
	CHECK(end && end - line - n < NAME_SIZE);
	memcpy(r.name, line + n, end - line - n);
	r.name[end - line - n] = 0;
	k = strcmp(kind, kinds[VMTRACE_HOT_IP]) ? VMTRACE_HOT_PAGE : VMTRACE_HOT_IP;
	CHECK(!strcmp(kind, kinds[k]) && h->kind[k].count < VMTRACE_HOT_LINES);
	h->kind[k].row[h->kind[k].count++] = r;
	h->kind[k].sum += r.faults;
	/* No instruction comes after a page. */
	CHECK(k == VMTRACE_HOT_PAGE || !h->kind[VMTRACE_HOT_PAGE].count);
}

/* What holds of every file. */
static void check_hot(const struct hot *h)
{
	int k, i, j;

	CHECK_EQ(h->ips, h->kind[VMTRACE_HOT_IP].sum + h->ips_others);
	CHECK_EQ(h->pages, h->kind[VMTRACE_HOT_PAGE].sum + h->pages_others);
	CHECK(h->ips_others >= 0 && h->pages_others >= 0 && h->ips <= h->pages);
	for (k = 0; k < VMTRACE_HOT_KIND_COUNT; k++)
		for (i = 0; i < h->kind[k].count; i++) {
			const struct row *r = &h->kind[k].row[i];

			CHECK(r->faults > 0 && r->address && r->start <= r->address);
			CHECK(k == VMTRACE_HOT_IP || r->address % page == 0);
			CHECK(i == 0 || r->faults <= r[-1].faults);
			for (j = 0; j < i; j++)
				CHECK(h->kind[k].row[j].address != r->address);
		}
}

static void read_hot(pid_t pid, struct hot *h)
{
	static char text[1 << 16];
	ssize_t n = 0, more;
	int fd = open(path_of(pid), O_RDONLY);
	char *line;

	CHECK(fd >= 0);
	while ((more = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += more;
	CHECK_EQ(more, 0);
	close(fd);
	text[n] = 0;
	CHECK(!strncmp(text, "format:\t1\n", 10));
	memset(h, 0, sizeof(*h));
#define PARSE(key, meaning) h->key = number_of(text, #key);
	VMTRACE_HOT_NUMBERS(PARSE)
#undef PARSE
#define COLUMN(key, meaning) "\t" #key
	line = strstr(text, VMTRACE_HOT_COLUMNS(COLUMN) + 1);
#undef COLUMN
	CHECK(line && line[-1] == '\n');
	for (line = strchr(line, '\n') + 1; *line; line = strchr(line, '\n') + 1)
		parse_row(h, line);
	check_hot(h);
}

static const struct row *find(const struct hot *h, enum vmtrace_hot_kind kind, const void *address)
{
	int i;

	for (i = 0; i < h->kind[kind].count; i++)
		if (h->kind[kind].row[i].address == (unsigned long)address)
			return &h->kind[kind].row[i];
	note("no line for %s %p", kind == VMTRACE_HOT_IP ? "ip" : "page", address);
	_exit(1);
}

/*
 * With hook=entry the last fault of each thread is not in it yet, unless it reads about itself;
 * if there was a reset since, it will be in it, but not in what was counted since.
 */
static void check_about(long long got, long long all, long long threads)
{
	if (hook_is("entry"))
		CHECK(llabs(got - all) <= threads);
	else
		CHECK_EQ(got, all);
}

/* The totals of a process that stands still are those of its other file. */
static void check_totals_of(const struct hot *h, const struct stats *s, long long threads)
{
	check_about(h->ips, s->origin_user + s->origin_kernel, threads);
	check_about(h->pages, s->origin_user + s->origin_kernel + s->origin_gup, threads);
}

static void check_totals(const struct hot *h, const struct stats *s)
{
	check_totals_of(h, s, s->threads);
}

/* The only instruction that faults on the pages it is called for. */
extern char poke_instruction[];

static void __attribute__((noinline, noclone)) poke(char *p)
{
#if defined(__x86_64__)
	asm volatile("poke_instruction: movb $1, (%0)" ::"r"(p) : "memory");
#elif defined(__aarch64__)
	asm volatile("poke_instruction: strb wzr, [%0]" ::"r"(p) : "memory");
#endif
}

static void poke_again(char *p, int times)
{
	/* If the linker put it at a page's start, it would fault on that page of code, too. */
	(void)*(volatile const char *)poke_instruction;
	while (times--) {
		CHECK(!madvise(p, page, MADV_DONTNEED));
		poke(p);
	}
}

/* A child, and what it tells its parent. */
struct shared {
	char *hot, *other, *third;
	char *start;
};
static struct shared *shared;
static int to_parent[2], to_child[2];

static void tell_and_wait(void)
{
	char byte;

	CHECK_EQ(write(to_parent[1], "", 1), 1);
	CHECK_EQ(read(to_child[0], &byte, 1), 1);
}

static pid_t spawn_and_wait(void (*run)(void *))
{
	pid_t pid;
	char byte;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	CHECK(shared != MAP_FAILED && !pipe(to_parent) && !pipe(to_child));
	pid = spawn(run, NULL);
	CHECK_EQ(read(to_parent[0], &byte, 1), 1);
	wait_for_hot(pid);
	return pid;
}

static void go_on(void)
{
	CHECK_EQ(write(to_child[1], "", 1), 1);
}

static void wait_for_parent(void)
{
	char byte;

	CHECK_EQ(read(to_parent[0], &byte, 1), 1);
}

static bool has_fewer_processes(void *than)
{
	struct summary s;

	read_summary(&s);
	return s.processes < (long)than;
}

/* Until nothing of it is alive for vmtrace either, which is later than for us. */
static void end(pid_t pid)
{
	struct summary s;

	read_summary(&s);
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK(wait_until(has_fewer_processes, (void *)(long)s.processes));
}

#define TIMES 1500
#define ONCE  10000

static void poke_in_a_flood(void *arg)
{
	char *many = fresh(ONCE);

	(void)arg;
	/* Not beside it, or they are one mapping. */
	shared->start =
		mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(shared->start != MAP_FAILED && !mprotect(shared->start, page, PROT_NONE) &&
	      !mprotect(shared->start + 2 * page, page, PROT_NONE));
	shared->hot = shared->start + page;
	poke_again(shared->hot, TIMES / 2);
	write_pages(many, ONCE / 2);
	poke_again(shared->hot, TIMES / 2);
	write_pages(many + ONCE / 2 * page, ONCE / 2);
	tell_and_wait();
}

/* Where the instruction is, by /proc/<pid>/maps. */
static void find_ip(pid_t pid, struct row *r)
{
	unsigned long end, ip = (unsigned long)poke_instruction;
	char path[64], line[512];
	int n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		CHECK(sscanf(line, "%lx-%lx %*s %lx %*s %*s %n", &r->start, &end, &r->offset, &n) ==
		      3);
		if (ip < r->start || ip >= end)
			continue;
		r->offset += ip - r->start;
		snprintf(r->name, sizeof(r->name), "%.*s", (int)strcspn(line + n, "\n"), line + n);
		fclose(f);
		return;
	}
	CHECK(!"mapped");
}

static void check_poked(const struct hot *h)
{
	const struct row *r = &h->kind[VMTRACE_HOT_PAGE].row[0];

	CHECK_EQ(r->address, (long long)shared->hot);
	CHECK_EQ(r->faults, TIMES);
	check_about(find(h, VMTRACE_HOT_IP, poke_instruction)->faults, TIMES, 1);
}

static void flood(void)
{
	const struct row *r;
	struct row where;
	struct hot h;
	struct stats s;
	pid_t pid = spawn_and_wait(poke_in_a_flood);

	read_hot(pid, &h);
	CHECK_EQ(read_stats(pid, &s), 0);
	check_totals(&h, &s);
	check_poked(&h);
	/* The loops of write_pages() are one instruction or two. */
	CHECK(h.kind[VMTRACE_HOT_IP].sum >= TIMES + ONCE && h.pages_others > ONCE - 200);
	CHECK_EQ(h.kind[VMTRACE_HOT_PAGE].count, VMTRACE_HOT_LINES);

	r = &h.kind[VMTRACE_HOT_PAGE].row[0];
	CHECK(r->start == r->address && !r->offset && !*r->name);
	r = find(&h, VMTRACE_HOT_IP, poke_instruction);
	find_ip(pid, &where);
	CHECK_EQ(r->start, where.start);
	CHECK_EQ(r->offset, where.offset);
	CHECK(*r->name && !strcmp(r->name, where.name));

	end(pid);
	/* It can still be read; what was mapped is gone. */
	read_hot(pid, &h);
	CHECK_EQ(read_stats(pid, &s), 0);
	check_totals(&h, &s);
	check_poked(&h);
	CHECK(!find(&h, VMTRACE_HOT_IP, poke_instruction)->start);
}

/* One page comes again and again, with seven others in between that do not. */
static void poke_between(void *arg)
{
	char *many = fresh(7 * TIMES);
	int i;

	(void)arg;
	shared->hot = fresh(1);
	/* What came once may lose its place to the next. */
	poke_again(shared->hot, 2);
	for (i = 2; i < TIMES; i++) {
		poke_again(shared->hot, 1);
		write_pages(many + 7 * i * page, 7);
	}
	tell_and_wait();
}

static void between(void)
{
	struct hot h;
	pid_t pid = spawn_and_wait(poke_between);

	read_hot(pid, &h);
	CHECK_EQ(h.kind[VMTRACE_HOT_PAGE].row[0].address, (long long)shared->hot);
	CHECK(h.kind[VMTRACE_HOT_PAGE].row[0].faults > TIMES * 8 / 10);
	CHECK(h.kind[VMTRACE_HOT_PAGE].row[0].faults <= TIMES);
	check_about(find(&h, VMTRACE_HOT_IP, poke_instruction)->faults, TIMES, 1);
	go_on();
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

#define ROUNDS 100

/* More pages than there are places, again and again in the same order. */
static void go_in_circles(void *arg)
{
	char *p = fresh(256);
	int i, n;

	(void)arg;
	shared->hot = p;
	for (i = 0; i < ROUNDS; i++) {
		for (n = 0; n < 256; n++)
			poke(p + n * page);
		CHECK(!madvise(p, 256 * page, MADV_DONTNEED));
	}
	tell_and_wait();
}

static void circles(void)
{
	struct hot h;
	pid_t pid = spawn_and_wait(go_in_circles);
	int i;

	read_hot(pid, &h);
	CHECK_EQ(h.kind[VMTRACE_HOT_PAGE].count, VMTRACE_HOT_LINES);
	for (i = 0; i < VMTRACE_HOT_LINES; i++) {
		const struct row *r = &h.kind[VMTRACE_HOT_PAGE].row[i];

		CHECK(r->address >= (unsigned long)shared->hot);
		CHECK(r->address < (unsigned long)shared->hot + 256 * page);
		CHECK(r->faults > ROUNDS / 2 && r->faults <= ROUNDS);
	}
	check_about(find(&h, VMTRACE_HOT_IP, poke_instruction)->faults, 256 * ROUNDS, 1);
	go_on();
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static pthread_barrier_t touched, done;

static void *poke_two(void *own)
{
	poke_again(own, 300);
	poke_again(shared->third, 400);
	pthread_barrier_wait(&touched);
	pthread_barrier_wait(&done);
	return NULL;
}

static void two_threads(void *arg)
{
	pthread_t a, b;

	(void)arg;
	shared->hot = fresh(1);
	shared->other = fresh(1);
	shared->third = fresh(1);
	pthread_barrier_init(&touched, NULL, 2);
	pthread_barrier_init(&done, NULL, 3);
	/* One after the other, or they take the common page away from each other. */
	CHECK(!pthread_create(&a, NULL, poke_two, shared->hot));
	pthread_barrier_wait(&touched);
	CHECK(!pthread_create(&b, NULL, poke_two, shared->other));
	pthread_barrier_wait(&touched);
	tell_and_wait();
	pthread_barrier_wait(&done);
	CHECK(!pthread_join(a, NULL) && !pthread_join(b, NULL));
	tell_and_wait();
}

static void check_two(pid_t pid)
{
	struct hot h;
	struct stats s;

	read_hot(pid, &h);
	CHECK_EQ(read_stats(pid, &s), 0);
	check_totals(&h, &s);
	check_about(find(&h, VMTRACE_HOT_PAGE, shared->hot)->faults, 300, 1);
	check_about(find(&h, VMTRACE_HOT_PAGE, shared->other)->faults, 300, 1);
	check_about(find(&h, VMTRACE_HOT_PAGE, shared->third)->faults, 800, 2);
	CHECK_EQ(h.kind[VMTRACE_HOT_IP].row[0].address, (long long)poke_instruction);
	check_about(h.kind[VMTRACE_HOT_IP].row[0].faults, 1400, 2);
}

static void threads(void)
{
	pid_t pid = spawn_and_wait(two_threads);

	check_two(pid);
	go_on();
	wait_for_parent();
	check_two(pid);
	end(pid);
	check_two(pid);
}

static void *poke_one(void *p)
{
	poke_again(p, 300);
	return NULL;
}

/* It takes no fault after this, not even to end. */
static void *poke_and_stay(void *p)
{
	poke_one(p);
	pthread_barrier_wait(&touched);
	pause();
	return NULL;
}

static void poke_after_reset(void *arg)
{
	pthread_t dead, alive, idle;

	(void)arg;
	shared->hot = fresh(1);
	shared->other = fresh(1);
	shared->third = fresh(1);
	pthread_barrier_init(&touched, NULL, 2);
	pthread_barrier_init(&done, NULL, 2);
	CHECK(!pthread_create(&dead, NULL, poke_one, shared->hot) && !pthread_join(dead, NULL));
	CHECK(!pthread_create(&alive, NULL, poke_two, shared->other));
	pthread_barrier_wait(&touched);
	CHECK(!pthread_create(&idle, NULL, poke_and_stay, shared->hot));
	pthread_barrier_wait(&touched);
	tell_and_wait();
	poke_again(shared->third, 50);
	pthread_barrier_wait(&done);
	CHECK(!pthread_join(alive, NULL));
	tell_and_wait();
}

static void check_after_reset(pid_t pid)
{
	struct hot h;
	struct stats s;

	read_hot(pid, &h);
	CHECK_EQ(read_stats(pid, &s), 0);
	/* Alive at the reset: three. */
	check_totals_of(&h, &s, 3);
	CHECK_EQ(h.kind[VMTRACE_HOT_PAGE].row[0].address, (long long)shared->third);
	check_about(h.kind[VMTRACE_HOT_PAGE].row[0].faults, 50, 1);
	check_about(find(&h, VMTRACE_HOT_IP, poke_instruction)->faults, 50, 2);
}

static void reset(void)
{
	struct hot h;
	pid_t pid = spawn_and_wait(poke_after_reset);

	read_hot(pid, &h);
	check_about(find(&h, VMTRACE_HOT_PAGE, shared->hot)->faults, 600, 2);
	check_about(find(&h, VMTRACE_HOT_PAGE, shared->third)->faults, 400, 1);
	CHECK(write_file(DEBUGFS "/" VMTRACE_RESET, "1"));
	read_hot(pid, &h);
	CHECK(!h.ips && !h.pages && !h.kind[VMTRACE_HOT_IP].count &&
	      !h.kind[VMTRACE_HOT_PAGE].count);
	go_on();
	wait_for_parent();
	check_after_reset(pid);
	end(pid);
	check_after_reset(pid);
}

#define REMOTE 64

/* What it does to another process is no page of its own, and by no instruction. */
static void for_others(void *arg)
{
	char *mine = fresh(REMOTE), *locked = fresh(REMOTE), *theirs = fresh(REMOTE);
	char path[32];
	pid_t pid;
	int fd;

	(void)arg;
	write_pages(mine, REMOTE);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		pause();
		_exit(0);
	}
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(pwrite(fd, mine, REMOTE * page, (off_t)theirs), (long long)(REMOTE * page));
	close(fd);
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK(!mlock(locked, REMOTE * page));
	tell_and_wait();
}

static void origins(void)
{
	struct hot h;
	struct stats s;
	pid_t pid = spawn_and_wait(for_others);

	read_hot(pid, &h);
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK(s.origin_remote >= REMOTE && s.origin_gup >= REMOTE);
	check_totals(&h, &s);
	go_on();
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

/* A fault that fails is one: those who look for it want its address. */
static void beyond_the_end(void *arg)
{
	int fd = memfd_create("short", 0), i;

	(void)arg;
	CHECK(fd >= 0 && !ftruncate(fd, 3 * page));
	shared->hot = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 2 * page);
	CHECK(shared->hot != MAP_FAILED);
	shared->hot += page;
	/* What the handler needs is there then: nothing comes between. This one is nowhere. */
	CHECK_EQ(signal_at(NULL), SIGSEGV);
	for (i = 0; i < 200; i++)
		CHECK_EQ(signal_at(shared->hot), SIGBUS);
	tell_and_wait();
}

static void failed(void)
{
	const struct row *r;
	struct hot h;
	struct stats s;
	pid_t pid = spawn_and_wait(beyond_the_end);

	read_hot(pid, &h);
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK_EQ(s.failed, 200);
	check_totals(&h, &s);
	r = &h.kind[VMTRACE_HOT_PAGE].row[0];
	CHECK_EQ(r->address, (long long)shared->hot);
	CHECK_EQ(r->faults, 200);
	CHECK_EQ(r->start, (long long)(shared->hot - page));
	CHECK_EQ(r->offset, (long long)(3 * page));
	CHECK(strstr(r->name, "short"));
	go_on();
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static void touch_some(void *arg)
{
	(void)arg;
	write_pages(fresh(100), 100);
	tell_and_wait();
}

static void filtered(void)
{
	struct hot h;
	struct stats s;
	pid_t pid;

	if (access(DEBUGFS, R_OK))
		skip("no debugfs (errno %d)", errno);
	CHECK(write_file(DEBUGFS "/" VMTRACE_FILTER, "comm=nobody"));
	pid = spawn_and_wait(touch_some);
	read_hot(pid, &h);
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK(s.minor >= 100);
	CHECK(!h.ips && !h.pages && !h.kind[VMTRACE_HOT_IP].count &&
	      !h.kind[VMTRACE_HOT_PAGE].count);
	go_on();
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK(write_file(DEBUGFS "/" VMTRACE_FILTER, "\n"));
}

static void poke_for_ever(void *arg)
{
	(void)arg;
	shared->hot = fresh(1);
	tell_and_wait();
	for (;;)
		poke_again(shared->hot, 1000);
}

/* What is read is of one moment: no line is newer than the total. */
static void busy(void)
{
	long rounds = scaled(100), i;
	long long before = 0;
	struct hot h;
	pid_t pid = spawn_and_wait(poke_for_ever);

	go_on();
	for (i = 0; i < 10 * rounds; i++) {
		read_hot(pid, &h);
		CHECK(h.pages >= before);
		before = h.pages;
	}
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

#define MORTALS 32
#define POKES	100

static void *poke_and_die(void *p)
{
	poke_again(p, POKES);
	pthread_barrier_wait(&touched);
	pthread_barrier_wait(&done);
	return NULL;
}

/* Threads that took many faults, and then die when they are told to. */
static void live_and_die(void *arg)
{
	pthread_t thread[MORTALS];
	char *p[MORTALS];
	int i;

	(void)arg;
	shared->hot = fresh(1);
	for (i = 0; i < MORTALS; i++)
		p[i] = fresh(1);
	pthread_barrier_init(&touched, NULL, MORTALS + 1);
	pthread_barrier_init(&done, NULL, MORTALS + 1);
	for (;;) {
		for (i = 0; i < MORTALS; i++)
			CHECK(!pthread_create(&thread[i], NULL, poke_and_die, p[i]));
		pthread_barrier_wait(&touched);
		/* More than once, or others might take its place. */
		poke_again(shared->hot, POKES);
		tell_and_wait();
		pthread_barrier_wait(&done);
		for (i = 0; i < MORTALS; i++)
			CHECK(!pthread_join(thread[i], NULL));
	}
}

/*
 * Whoever dies while a reader adds up is in its sum once. That is a moment after it has
 * exited, and takes few faults: fewer than would be missing, or there twice.
 */
static void dying_threads(void)
{
	static struct stats before, after;
	long rounds = scaled(20), i, n;
	struct hot h;
	pid_t pid = spawn_and_wait(live_and_die);

	for (i = 0; i < rounds; i++) {
		CHECK_EQ(read_stats(pid, &before), 0);
		go_on();
		for (n = 0; n < 100; n++) {
			read_hot(pid, &h);
			CHECK_EQ(read_stats(pid, &after), 0);
			CHECK(h.ips >= before.origin_user + before.origin_kernel -
					       (hook_is("entry") ? before.threads : 0));
			CHECK(h.ips <= after.origin_user + after.origin_kernel);
			before = after;
		}
		wait_for_parent();
	}
	read_hot(pid, &h);
	check_about(find(&h, VMTRACE_HOT_IP, poke_instruction)->faults,
		    (rounds + 1) * (MORTALS + 1) * POKES, MORTALS + 1);
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static void unload_while_open(void)
{
	struct summary s;
	struct stat st;
	char first[10];
	int fd, i;

	module_load("");
	wait_for_hot(SELF);
	read_summary(&s);
	CHECK(s.hot_bytes > 0);
	fd = open(path_of(SELF), O_RDONLY);
	CHECK(fd >= 0);
	CHECK(!fstat(fd, &st));
	CHECK_EQ(st.st_mode & 0777, 0400);
	for (i = 0; i < 5; i++)
		CHECK_EQ(module_try_unload(), -EWOULDBLOCK);
	CHECK_EQ(read(fd, first, sizeof(first)), (long long)sizeof(first));
	CHECK(!memcmp(first, "format:\t1\n", sizeof(first)));
	close(fd);
	module_unload();
}

const struct test hot_tests[] = {
	{ "hot: a page and its instruction are exact in a flood", flood, "" },
	{ "hot: a page that comes again between others", between, "" },
	{ "hot: more pages than places, in circles", circles, "" },
	{ "hot: threads add up, dead or alive", threads, "" },
	{ "hot: reset", reset, "" },
	{ "hot: pages of other processes are left out", origins, "" },
	{ "hot: faults that fail", failed, "" },
	{ "hot: the filter leaves out", filtered, "" },
	{ "hot: a busy process", busy, "" },
	{ "hot: a process with dying threads", dying_threads, "" },
	{ "hot: an open file keeps the module", unload_while_open, NULL },
	{ 0 },
};
