// SPDX-License-Identifier: GPL-2.0
/* failures.c - accesses that fail are counted by reason, and told where they were */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background.h"
#include "harness.h"

#define N    11 /* how often a test fails on purpose */
#define KEPT 8	/* failures of a process that the module keeps */

static const char *const reasons[] = {
#define KEY(key, meaning) #key,
	VMTRACE_REASONS(KEY)
#undef KEY
};

static const char *const wheres[] = {
#define NAME(symbol, name, meaning) name,
	VMTRACE_WHERES(NAME)
#undef NAME
};

/* By reason, in the order of VMTRACE_REASONS. */
struct counts {
	long long of[VMTRACE_REASON_COUNT];
};

static struct counts counts_of(pid_t pid)
{
	struct stats s;

	CHECK_EQ(read_stats(pid, &s), 0);
	return (struct counts){ {
#define COUNT(key, meaning) s.key,
		VMTRACE_REASONS(COUNT)
#undef COUNT
	} };
}

static void check_counts(const struct counts *got, const struct counts *want)
{
	int i;

	for (i = 0; i < VMTRACE_REASON_COUNT; i++)
		if (got->of[i] != want->of[i]) {
			note("%lld %s, want %lld", got->of[i], reasons[i], want->of[i]);
			_exit(1);
		}
}

/* One line of the table, cell by cell. */
struct failure {
#define CELL(column, meaning) const char *column;
	VMTRACE_FAILURES_COLUMNS(CELL)
#undef CELL
};

struct failures {
#define NUMBER(key, meaning) long long key;
	VMTRACE_FAILURES_NUMBERS(NUMBER)
#undef NUMBER
	struct failure last[KEPT];
	char text[8 * 8192];
};

static struct failures failures;

static long long number_of(const char *text, const char *key)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\n%s:\t", key);
	at = strstr(text, line);
	if (!at) {
		note("no line '%s' in:\n%s", key, text);
		_exit(1);
	}
	return strtoll(at + strlen(line), NULL, 10);
}

static char *parse_failure(char *line, struct failure *f)
{
	char *end = strchr(line, '\n');

	CHECK(end);
	*end = 0;
#define CELL(column, meaning)      \
	CHECK(line);               \
	f->column = line;          \
	line = strchr(line, '\t'); \
	if (line)                  \
		*line++ = 0;
	VMTRACE_FAILURES_COLUMNS(CELL)
#undef CELL
	CHECK(!line);
	return end + 1;
}

static const struct failures *read_failures(pid_t pid)
{
	struct failures *f = &failures;
	size_t n = 0;
	ssize_t got;
	char *table;
	int fd = ask_about(pid, VMTRACE_FAILURES_FILE), i;

	CHECK(fd >= 0);
	while ((got = read(fd, f->text + n, sizeof(f->text) - 1 - n)) > 0)
		n += got;
	CHECK_EQ(got, 0);
	close(fd);
	f->text[n] = 0;
	CHECK(!strncmp(f->text, "format:\t2\nname:\t", 16));
#define NUMBER(key, meaning) f->key = number_of(f->text, #key);
	VMTRACE_FAILURES_NUMBERS(NUMBER)
#undef NUMBER
	CHECK_EQ(f->pid, pid);
	CHECK_EQ(f->lost, 0);
	CHECK_EQ(f->kept, f->failures < KEPT ? f->failures : KEPT);
#define COLUMN(column, meaning) "\t" #column
	table = strstr(f->text, &(VMTRACE_FAILURES_COLUMNS(COLUMN) "\n")[1]);
#undef COLUMN
	CHECK(table);
	table = strchr(table, '\n') + 1;
	for (i = 0; i < f->kept; i++)
		table = parse_failure(table, &f->last[i]);
	CHECK(!*table);
	return f;
}

static unsigned long hex(const char *text)
{
	return strtoul(text, NULL, 16);
}

/* An address of user space without what arm64 ignores of it. */
static unsigned long untagged(unsigned long address)
{
#ifdef __aarch64__
	if (!(address >> 55 & 1))
		return address & ((1UL << 56) - 1);
#endif
	return address;
}

/* A way to fail, and what is to be said of it. */
struct scene {
	const char *name;
	void (*act)(const struct scene *s);
	char *address;
	int reason; /* -1: what the kernel says */
	enum vmtrace_where where;
	unsigned long distance; /* ANY: whatever; so in the next */
	unsigned long offset;
	const char *perms; /* NULL: whatever */
	const char *path;
};

#define ANY (-1UL)

static void check_failure(const struct failure *f, const struct scene *s, pid_t tid)
{
	unsigned long address = untagged(hex(f->address)), start = hex(f->start), end = hex(f->end);
	unsigned long distance = strtoul(f->distance, NULL, 10), offset = hex(f->offset);
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	CHECK(strtoull(f->time_ns, NULL, 10) <= now.tv_sec * 1000000000ULL + now.tv_nsec);
	if (tid)
		CHECK_EQ(strtol(f->tid, NULL, 10), tid);
	if (s->reason >= 0 && strcmp(f->reason, reasons[s->reason]))
		note("%s: %s, want %s", s->name, f->reason, reasons[s->reason]);
	CHECK(s->reason < 0 || !strcmp(f->reason, reasons[s->reason]));
	if (strcmp(f->where, wheres[s->where]))
		note("%s: %s is %s %s-%s %s, want %s", s->name, f->address, f->where, f->start,
		     f->end, f->name, wheres[s->where]);
	CHECK(!strcmp(f->where, wheres[s->where]));
	if (s->where == VMTRACE_WHERE_INSIDE)
		CHECK(address >= start && address < end && distance == address - start);
	if (s->where == VMTRACE_WHERE_BEYOND)
		CHECK(address >= end && distance == address - end);
	if (s->where == VMTRACE_WHERE_BEFORE)
		CHECK(address < start && distance == start - address);
	/* Of what cannot be an address, x86 tells none. */
	if (s->address && s->reason != VMTRACE_REASON_segv_other)
		CHECK_EQ(address, untagged((unsigned long)s->address));
	if (s->distance != ANY)
		CHECK_EQ(distance, s->distance);
	if (s->offset != ANY)
		CHECK_EQ(offset, s->offset);
	if (s->perms)
		CHECK(!strcmp(f->perms, s->perms));
	if (s->path && strcmp(f->name, s->path))
		note("%s: in '%s', want '%s'", s->name, f->name, s->path);
	CHECK(!s->path || !strcmp(f->name, s->path));
}

static void act_write(const struct scene *s)
{
	*(volatile char *)s->address = 1;
}

static void act_read(const struct scene *s)
{
	(void)*(volatile char *)s->address;
}

static void act_call(const struct scene *s)
{
	((void (*)(void))s->address)();
}

static __attribute__((noinline)) int dig(int depth)
{
	volatile char frame[512];

	frame[0] = depth;
	frame[511] = depth ? dig(depth + 1) : 0;
	return frame[0] + frame[511];
}

static void act_dig(const struct scene *s)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };

	(void)s;
	CHECK(!setrlimit(RLIMIT_STACK, &limit));
	dig(1);
}

#define FILE_PAGES 3
#define OVERRUN	   8

static char file_path[128], shown_path[128];

/* The mapping of a file that is followed by a hole. */
static char *map_file(int prot, int flags, size_t pages, size_t first)
{
	char *p = mmap(NULL, 64 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *q;
	int fd = open(file_path, O_RDWR);

	CHECK(p != MAP_FAILED && fd >= 0);
	CHECK(!munmap(p, 64 * page));
	q = mmap(p + 16 * page, pages * page, prot, flags | MAP_FIXED, fd, first * page);
	CHECK(q != MAP_FAILED);
	close(fd);
	return q;
}

#define SCENES 16
static struct scene scenes[SCENES];
static int nr_scenes;

static void add(struct scene s)
{
	CHECK(nr_scenes < SCENES);
	scenes[nr_scenes++] = s;
}

static void set_the_scenes(void)
{
	char *p;
	int fd;

	snprintf(file_path, sizeof(file_path), "%s/some\tfile", disk_dir());
	fd = open(file_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && !ftruncate(fd, FILE_PAGES * page));
	close(fd);
	snprintf(shown_path, sizeof(shown_path), "%s/some\\011file", disk_dir());

#define MAPERR VMTRACE_REASON_segv_maperr
#define ACCERR VMTRACE_REASON_segv_accerr
	add((struct scene){ "a null pointer", act_read, NULL, MAPERR, VMTRACE_WHERE_BEFORE, ANY,
			    ANY, NULL, self_exe });
	p = map_file(PROT_READ, MAP_SHARED, 1, 1);
	add((struct scene){ "an overrun", act_read, p + page + OVERRUN, MAPERR,
			    VMTRACE_WHERE_BEYOND, OVERRUN, 2 * page + OVERRUN, "r--s",
			    shown_path });
	add((struct scene){ "an underrun", act_read, p - OVERRUN, MAPERR, VMTRACE_WHERE_BEFORE,
			    OVERRUN, page - OVERRUN, "r--s", shown_path });
	p = map_file(PROT_READ, MAP_PRIVATE, FILE_PAGES, 0);
	add((struct scene){ "a write to a read-only file", act_write, p + page + 123, ACCERR,
			    VMTRACE_WHERE_INSIDE, page + 123, page + 123, "r--p", shown_path });
	p = fresh(1);
	CHECK(!mprotect(p, page, PROT_NONE));
	add((struct scene){ "a read without permission", act_read, p + 5, ACCERR,
			    VMTRACE_WHERE_INSIDE, ANY, 0, "---p", "" });
	p = fresh(1);
	write_pages(p, 1);
	add((struct scene){ "data that is executed", act_call, p, ACCERR, VMTRACE_WHERE_INSIDE, ANY,
			    0, "rw-p", "" });
	p = map_file(PROT_READ | PROT_WRITE, MAP_SHARED, FILE_PAGES + 2, 0);
	add((struct scene){ "a write beyond the end of a file", act_write,
			    p + FILE_PAGES * page + 77, VMTRACE_REASON_bus_adrerr,
			    VMTRACE_WHERE_INSIDE, FILE_PAGES * page + 77, FILE_PAGES * page + 77,
			    "rw-s", shown_path });
	add((struct scene){ "a stack that is full", act_dig, NULL, MAPERR, VMTRACE_WHERE_BEFORE,
			    ANY, ANY, "rw-p", "[stack]" });
	add((struct scene){ "an address of the kernel", act_read, (char *)0xffffff8000000000UL, -1,
			    VMTRACE_WHERE_NOWHERE, 0, 0, "----", "" });
#ifdef __x86_64__
	add((struct scene){ "an address that cannot be", act_read, (char *)0x8000000000000000UL,
			    VMTRACE_REASON_segv_other, VMTRACE_WHERE_NOWHERE, 0, 0, "----", "" });
#else
	add((struct scene){ "an address that cannot be", act_read, (char *)0x00f0000000000000UL, -1,
			    VMTRACE_WHERE_NOWHERE, 0, 0, "----", "" });
	/* The upper byte of an address means nothing there. */
	add((struct scene){ "a null pointer with a tag", act_read, (char *)0x8000000000000000UL,
			    MAPERR, VMTRACE_WHERE_BEFORE, ANY, ANY, NULL, self_exe });
	add((struct scene){ "a misaligned instruction", act_call, (char *)act_call + 2,
			    VMTRACE_REASON_bus_adraln, VMTRACE_WHERE_INSIDE, ANY, ANY, "r-xp",
			    self_exe });
#endif
}

static __thread sigjmp_buf back;
static __thread siginfo_t seen;
static struct counts told; /* what the kernel told the handlers */

static int reason_of(const siginfo_t *info)
{
	if (info->si_signo == SIGSEGV)
		return info->si_code == SEGV_MAPERR ? MAPERR :
		       info->si_code == SEGV_ACCERR ? ACCERR :
						      VMTRACE_REASON_segv_other;
	return info->si_code == BUS_ADRERR ? VMTRACE_REASON_bus_adrerr :
	       info->si_code == BUS_ADRALN ? VMTRACE_REASON_bus_adraln :
					     VMTRACE_REASON_bus_other;
}

static void go_back(int sig, siginfo_t *info, void *context)
{
	(void)context;
	seen = *info;
	__atomic_add_fetch(&told.of[reason_of(info)], 1, __ATOMIC_RELAXED);
	siglongjmp(back, sig);
}

static void handle_failures(void)
{
	struct sigaction action = { .sa_sigaction = go_back, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	static char stack[65536];
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };

	CHECK(!sigaltstack(&alternate, NULL));
	CHECK(!sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGBUS, &action, NULL));
}

static int fail(const struct scene *s)
{
	int sig = sigsetjmp(back, 1);

	if (!sig)
		s->act(s);
	return sig;
}

/* In a child, because the stack can be filled only once. */
static void fail_and_go_on(void *scene)
{
	const struct scene *s = scene;
	const struct failures *f;
	struct counts got;
	int i, j;

	handle_failures();
	for (i = 1; i <= N; i++) {
		CHECK(fail(s));
		got = counts_of(getpid());
		check_counts(&got, &told);
		f = read_failures(getpid());
		CHECK_EQ(f->failures, i);
		for (j = 0; j < f->kept; j++)
			check_failure(&f->last[j], s, getpid());
		CHECK_EQ(strtol(f->last[j - 1].signal, NULL, 10), seen.si_signo);
		CHECK_EQ(strtol(f->last[j - 1].code, NULL, 10), seen.si_code);
		if (seen.si_code != 0x80) /* SI_KERNEL: no address */
			CHECK_EQ(untagged(hex(f->last[j - 1].address)),
				 untagged((unsigned long)seen.si_addr));
		CHECK(!strcmp(f->last[j - 1].reason, reasons[reason_of(&seen)]));
	}
	CHECK_EQ(told.of[reason_of(&seen)], N);
}

static void handled(void)
{
	int i, status;
	pid_t pid;

	set_the_scenes();
	for (i = 0; i < nr_scenes; i++) {
		pid = spawn(fail_and_go_on, &scenes[i]);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (status)
			note("%s: status %d", scenes[i].name, status);
		CHECK_EQ(status, 0);
	}
}

static bool tracked(void *pid)
{
	return !access(stats_path((long)pid), F_OK);
}

/* A child that runs @run and is to die of it; what is left of it is read by the caller. */
static pid_t die_of(void (*run)(const struct scene *s), const struct scene *s, int *sig)
{
	pid_t pid = fork();
	int status;

	CHECK(pid >= 0);
	if (pid == 0) {
		run(s);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	*sig = WTERMSIG(status);
	CHECK(wait_until(tracked, (void *)(long)pid));
	return pid;
}

static void check_dead(pid_t pid, const struct scene *s)
{
	const struct failures *f = read_failures(pid);
	struct counts got = counts_of(pid), want = { 0 };
	unsigned int i;

	CHECK_EQ(f->failures, 1);
	check_failure(&f->last[0], s, pid);
	for (i = 0; i < VMTRACE_REASON_COUNT; i++)
		want.of[i] = !strcmp(f->last[0].reason, reasons[i]);
	check_counts(&got, &want);
}

static void act_once(const struct scene *s)
{
	s->act(s);
}

static bool all_over(void *arg)
{
	struct summary s;

	(void)arg;
	read_summary(&s);
	return s.exited >= nr_scenes;
}

static void deadly(void)
{
	pid_t pids[SCENES];
	int i, sig;

	set_the_scenes();
	module_load("");
	for (i = 0; i < nr_scenes; i++) {
		pids[i] = die_of(act_once, &scenes[i], &sig);
		CHECK(sig == SIGSEGV || sig == SIGBUS);
		check_dead(pids[i], &scenes[i]);
	}
	/* The same when nothing is left of them but the record. */
	CHECK(wait_until(all_over, NULL));
	for (i = 0; i < nr_scenes; i++)
		check_dead(pids[i], &scenes[i]);
	module_unload();
}

static const struct scene null_read = {
	"a null pointer", act_read, NULL, MAPERR, VMTRACE_WHERE_BEFORE, ANY, ANY, NULL, NULL
};

static void ignore_it(const struct scene *s)
{
	signal(SIGSEGV, SIG_IGN);
	s->act(s);
}

static void block_it(const struct scene *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	handle_failures();
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->act(s);
}

static void block_and_have_it_pending(const struct scene *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGSEGV);
	s->act(s);
}

static void ignored_and_blocked(void)
{
	int sig;

	check_dead(die_of(ignore_it, &null_read, &sig), &null_read);
	CHECK_EQ(sig, SIGSEGV);
	check_dead(die_of(block_it, &null_read, &sig), &null_read);
	CHECK_EQ(sig, SIGSEGV);
	check_dead(die_of(block_and_have_it_pending, &null_read, &sig), &null_read);
	CHECK_EQ(sig, SIGSEGV);
}

static volatile int received;

static void receive(int sig)
{
	(void)sig;
	received++;
}

static void vfork_child(void)
{
	struct counts none = { 0 }, got;
	static int i;
	int status;
	pid_t pid;

	for (i = 0; i < N; i++) {
		pid = vfork();

		if (pid == 0) {
			act_read(&null_read);
			_exit(1);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
		CHECK(wait_until(tracked, (void *)(long)pid));
		check_dead(pid, &null_read);
	}
	got = counts_of(getpid());
	check_counts(&got, &none);
}

static void forged_codes(void)
{
	static const int sigs[] = { SIGSEGV, SIGBUS }, codes[] = { 1, 2, 3, 4, 5, 0x80 };
	struct counts none = { 0 }, one = { { [MAPERR] = 1 } }, got;
	int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	unsigned int i, j, sent = 0;
	pid_t pid = getpid(), tid = gettid();
	siginfo_t info;
	char *unmapped;
	int fds[2];

	CHECK(pidfd >= 0 && !pipe(fds));
	for (i = 0; i < 2; i++) {
		signal(sigs[i], receive);
		for (j = 0; j < sizeof(codes) / sizeof(codes[0]); j++) {
			memset(&info, 0, sizeof(info));
			info.si_signo = sigs[i];
			info.si_code = codes[j];
			info.si_addr = &info;
			CHECK(!syscall(SYS_rt_sigqueueinfo, pid, sigs[i], &info));
			CHECK(!syscall(SYS_rt_tgsigqueueinfo, pid, tid, sigs[i], &info));
			CHECK(!syscall(SYS_pidfd_send_signal, pidfd, sigs[i], &info, 0));
			sent += 3;
			/* To the thread: since 6.9. */
			if (!syscall(SYS_pidfd_send_signal, pidfd, sigs[i], &info, 1))
				sent++;
			else
				CHECK_EQ(errno, EINVAL);
		}
		CHECK(!kill(pid, sigs[i]) && !raise(sigs[i]));
		sent += 2;
	}
	CHECK_EQ(received, sent);
	/* Nor is there a signal for what the kernel is asked to access in vain. */
	unmapped = fresh(1);
	CHECK(!munmap(unmapped, page));
	CHECK(write(fds[1], unmapped, 1) < 0 && errno == EFAULT);
	got = counts_of(pid);
	check_counts(&got, &none);
	CHECK_EQ(read_failures(pid)->failures, 0);
	/* The detection does not swallow what comes next. */
	handle_failures();
	CHECK_EQ(fail(&null_read), SIGSEGV);
	got = counts_of(pid);
	check_counts(&got, &one);
}

#define THREADS 50

static pthread_barrier_t barrier;

static void *fail_a_lot(void *arg)
{
	struct scene s = null_read;
	int i;

	(void)arg;
	pthread_barrier_wait(&barrier);
	for (i = 0; i < N; i++)
		CHECK_EQ(fail(&s), SIGSEGV);
	return NULL;
}

static void fifty_threads(void)
{
	const struct counts want = { { [MAPERR] = THREADS * N } };
	const struct failures *f;
	pthread_t threads[THREADS];
	struct counts got;
	int i;

	handle_failures();
	CHECK(!pthread_barrier_init(&barrier, NULL, THREADS));
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&threads[i], NULL, fail_a_lot, NULL));
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(threads[i], NULL));
	got = counts_of(getpid());
	check_counts(&got, &want);
	f = read_failures(getpid());
	CHECK_EQ(f->failures, THREADS * N);
	/* Unknown if another thread changes mappings at that moment. */
	for (i = 0; i < KEPT; i++)
		if (strcmp(f->last[i].where, wheres[VMTRACE_WHERE_UNKNOWN]))
			check_failure(&f->last[i], &null_read, 0);
	/* Nobody does any more: these are all known, and take the places of the others. */
	for (i = 0; i < KEPT; i++)
		CHECK_EQ(fail(&null_read), SIGSEGV);
	f = read_failures(getpid());
	CHECK_EQ(f->failures, THREADS * N + KEPT);
	for (i = 0; i < KEPT; i++)
		check_failure(&f->last[i], &null_read, getpid());
}

static void *fail_once(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&barrier);
	act_read(&null_read);
	return NULL;
}

static void so_many_fail_together(int threads)
{
	pthread_t thread;
	int i;

	CHECK(!pthread_barrier_init(&barrier, NULL, threads));
	for (i = 0; i < threads; i++)
		CHECK(!pthread_create(&thread, NULL, fail_once, NULL));
	pause();
}

static void fail_together(const struct scene *s)
{
	(void)s;
	so_many_fail_together(THREADS);
}

static void fifty_threads_die(void)
{
	const struct failures *f;
	int i, sig;
	pid_t pid;

	for (i = 0; i < N; i++) {
		pid = die_of(fail_together, NULL, &sig);
		CHECK_EQ(sig, SIGSEGV);
		f = read_failures(pid);
		CHECK(f->failures >= 1 && f->failures <= THREADS);
		CHECK_EQ(counts_of(pid).of[MAPERR], f->failures);
	}
}

/* Many failures that reach handle_mm_fault(), and one that does not. */
static void fail_and_die(const struct scene *beyond)
{
	int i;

	handle_failures();
	for (i = 0; i < 50 * N; i++)
		CHECK_EQ(fail(beyond), SIGBUS);
	signal(SIGSEGV, SIG_DFL);
	act_read(&null_read);
	_exit(0);
}

static bool is_exited(void *pid)
{
	struct stats s;

	return !read_stats((pid_t)(long)pid, &s) && !strcmp(s.state, VMTRACE_STATE_EXITED);
}

/* A process without room for its counts: its faults are dropped, its failures are none of them. */
static void table_full(void)
{
	const struct scene *beyond = NULL;
	struct rusage usage, ours, ours_after;
	struct summary before, after;
	long long dropped, theirs, own;
	struct stats s;
	int i, status;
	pid_t pid;

	set_the_scenes();
	for (i = 0; i < nr_scenes; i++)
		if (scenes[i].reason == VMTRACE_REASON_bus_adrerr)
			beyond = &scenes[i];
	CHECK(beyond);
	module_load("max_threads=1");
	getrusage(RUSAGE_SELF, &ours);
	read_summary(&before);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		fail_and_die(beyond);
	CHECK_EQ(wait4(pid, &status, 0, &usage), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	read_summary(&after);
	getrusage(RUSAGE_SELF, &ours_after);
	CHECK(wait_until(is_exited, (void *)(long)pid));
	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK_EQ(s.dropped, usage.ru_minflt + usage.ru_majflt);
	CHECK_EQ(s.minor + s.major + s.unobserved, 0);
	CHECK_EQ(s.bus_adrerr, 50 * N);
	CHECK_EQ(s.segv_maperr, 1);
	dropped = after.dropped - before.dropped;
	theirs = usage.ru_minflt + usage.ru_majflt;
	own = ours_after.ru_minflt + ours_after.ru_majflt - ours.ru_minflt - ours.ru_majflt;
	/* The test's own may be dropped as well. */
	CHECK(dropped >= theirs && dropped <= theirs + own);
	module_unload();
}

#define DYING 10 /* threads; with more of them a round takes an emulated guest too long */

static void die_for_ever(struct background *b)
{
	for (;;) {
		pid_t pid = fork();
		int status;

		CHECK(pid >= 0);
		if (pid == 0)
			so_many_fail_together(DYING);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
		background_round(b, 0);
	}
}

static void handle_for_ever(struct background *b, int part)
{
	for (;;) {
		CHECK_EQ(fail(&null_read), SIGSEGV);
		background_round(b, part);
	}
}

static void *handle_in_thread(void *b)
{
	handle_for_ever(b, 1);
	return NULL;
}

/* The lock that the look-up needs is never free for long. */
static void *map_for_ever(void *b)
{
	for (;;) {
		char *p = fresh(1);

		write_pages(p, 1);
		CHECK(!munmap(p, page));
		background_round(b, 2);
	}
	return NULL;
}

static void threads_for_ever(struct background *b)
{
	pthread_t thread;
	int i;

	handle_failures();
	for (i = 0; i < 4; i++)
		CHECK(!pthread_create(&thread, NULL, i ? handle_in_thread : map_for_ever, b));
	handle_for_ever(b, 0);
}

/* The test's file, which comes a moment after the module; and those of any process. */
static void read_for_ever(struct background *b)
{
	int pid;

	for (pid = 100;; pid = pid < 3000 ? pid + 1 : 100) {
		read_to_end(ask_about(pid, VMTRACE_FAILURES_FILE), 4096);
		if (pid % 16 == 0 && read_to_end(ask_about(getppid(), VMTRACE_FAILURES_FILE), 4096))
			background_round(b, 0);
	}
}

/* Over 10 s: each unload waits for RCU while all CPUs of an emulated guest are busy. */
static void loads_and_unloads(void)
{
	long i, rounds = scaled(30);
	struct background b[4];
	int err;

	background_start(&b[0], die_for_ever, 1, NULL);
	background_start(&b[1], threads_for_ever, 3, NULL);
	background_start(&b[2], die_for_ever, 1, NULL);
	background_start(&b[3], read_for_ever, 1, NULL);
	for (i = 0; i < rounds; i++) {
		module_load(i % 2 ? "history=3" : "");
		background_goes_on(b, 4);
		/* An open file of debugfs pins the module. */
		while ((err = module_try_unload()))
			CHECK_EQ(err, -EAGAIN);
		CHECK(access("/proc/" VMTRACE_DIR, F_OK));
	}
	background_stop(b, 3);
	/* Nothing to read is left for this one. */
	CHECK(!kill(b[3].pid, SIGKILL));
	CHECK_EQ(waitpid(b[3].pid, NULL, 0), b[3].pid);
}

#define PARAMS ""
const struct test failure_tests[] = {
	{ "failures: each kind, handled", handled, PARAMS },
	{ "failures: each kind, fatal", deadly, NULL },
	{ "failures: ignored, blocked and pending signals", ignored_and_blocked, PARAMS },
	{ "failures: forged signals and EFAULT are none", forged_codes, PARAMS },
	{ "failures: of a vfork child are its own", vfork_child, PARAMS },
	{ "failures: 50 threads", fifty_threads, PARAMS },
	{ "failures: 50 threads killed by them", fifty_threads_die, PARAMS },
	{ "failures: with a full table", table_full, NULL },
	{ "failures: rounds of load and unload", loads_and_unloads, NULL, .stress = true },
	{ 0 },
};
