// SPDX-License-Identifier: GPL-2.0
/*
 * workload.c - programs that fault, fork and read, and what that took
 *
 *   workload cost NAME...             page faults of one kind, or forks
 *   workload file PATH...             open, read to the end and close
 *   workload run COMMAND [WORD]...    from fork to exit, its output thrown away
 *   workload load FILE.ko [KEY=VALUE]...  finit_module
 *   workload unload MODULE            delete_module
 *   workload entry                    from fork to the child's first instruction
 *   workload contend THREADS MMS      read faults of threads on CPUs of their own
 *   workload share THREADS MMS        the same, all of it marked, and summed up
 *   workload ramfs DIRECTORY          make it, and mount a file system that is page cache alone
 *   workload nothing                  begin and end
 *   workload ask FILE QUESTION        write the question, read the answer, of a topic in debugfs
 *   workload end PID                  from a signal to its exit
 *   workload populate threads|processes|mappings N
 *                                     sleepers with a fault each, or one with mappings; "ready",
 *                                     then until killed
 *   workload marked VERB ...          with markers for the plugins; cost and share always have them
 *
 * Prints lines "NAME UNITS TOTAL OWN": how many faults, forks or bytes it was, what the
 * CPU's counter says it took, and the CPU time of this thread and its children alone,
 * in ns. With scripts/vm --icount a tick of the counter is a ns and an instruction, and
 * what lies between TOTAL and OWN are other processes on the only CPU. Each thing is done
 * once more than it is printed: the first time warms up.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "marker.h"
#include "workload.h"

#define PASSES	    3
#define PAGES	    2048
#define HUGE_PAGES  16
#define FORKS	    32
#define CHILD_PAGES 16
/* A file page brings its neighbours along, this many bytes together at the most. */
#define FAULT_AROUND (64 << 10)

size_t page_size;
int marked;

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

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static uint64_t children_ns(void)
{
	struct rusage r;

	getrusage(RUSAGE_CHILDREN, &r);
	return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000000ull +
	       (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000ull;
}

static uint64_t faults(void)
{
	struct rusage r;

	getrusage(RUSAGE_THREAD, &r);
	return r.ru_minflt + r.ru_majflt;
}

static void begin(struct sample *s)
{
	s->own = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	if (marked)
		marker(MARKER_BEGIN);
	s->total = ticks();
}

static void end(struct sample *s)
{
	s->total = ticks() - s->total;
	if (marked)
		marker(MARKER_END);
	s->own = clock_ns(CLOCK_THREAD_CPUTIME_ID) - s->own;
}

static void begin_with_children(struct sample *s)
{
	uint64_t ns = children_ns();

	begin(s);
	s->own += ns;
}

static void end_with_children(struct sample *s)
{
	end(s);
	s->own += children_ns();
}

volatile char *map(size_t size, int flags, int fd)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

void advise(volatile char *p, size_t size, int advice)
{
	if (madvise((void *)p, size, advice))
		err(1, "madvise");
}

void touch(volatile char *p, size_t size, size_t step, int writes, struct sample *s)
{
	uint64_t before = faults();
	size_t i;

	begin(s);
	if (writes)
		for (i = 0; i < size; i += step)
			p[i] = 1;
	else
		for (i = 0; i < size; i += step)
			(void)p[i];
	end(s);
	s->units = faults() - before;
}

static void touch_fresh(int writes, struct sample *s)
{
	size_t size = PAGES * page_size;
	volatile char *p = map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	advise(p, size, MADV_NOHUGEPAGE);
	touch(p, size, page_size, writes, s);
	munmap((void *)p, size);
}

static void cost_write(struct sample *s)
{
	touch_fresh(1, s);
}

static void cost_read(struct sample *s)
{
	touch_fresh(0, s);
}

/* Pages that are in the page cache, of a file in the current directory. */
static void cost_file(struct sample *s)
{
	size_t size = PAGES / 8 * FAULT_AROUND, written;
	char block[FAULT_AROUND] = { 1 };
	volatile char *p;
	int fd = open("workload.data", O_RDWR | O_CREAT, 0600);

	if (fd < 0)
		err(1, "workload.data");
	for (written = lseek(fd, 0, SEEK_END); written < size; written += sizeof(block))
		if (write(fd, block, sizeof(block)) != sizeof(block))
			err(1, "workload.data");
	p = map(size, MAP_SHARED, fd);
	close(fd);
	touch(p, size, FAULT_AROUND, 0, s);
	munmap((void *)p, size);
}

pid_t fork_or_die(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	return pid;
}

void reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	if (status)
		errx(1, "the child ended with status %d", status);
}

/* The child writes to pages that it has from its parent, and copies them. */
static void cost_cow(struct sample *s)
{
	size_t size = PAGES * page_size;
	volatile char *p = map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct sample *shared = (struct sample *)map(page_size, MAP_SHARED | MAP_ANONYMOUS, -1);
	struct sample unused;
	pid_t pid;

	advise(p, size, MADV_NOHUGEPAGE);
	touch(p, size, page_size, 1, &unused);
	pid = fork_or_die();
	if (!pid) {
		touch(p, size, page_size, 1, s);
		*shared = *s;
		_exit(0);
	}
	reap(pid);
	*s = *shared;
	munmap(shared, page_size);
	munmap((void *)p, size);
}

static size_t huge_page_size(void)
{
	unsigned long size = 0;
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "r");

	if (!f || fscanf(f, "%lu", &size) != 1)
		errx(1, "this kernel has no transparent huge pages");
	fclose(f);
	return size;
}

static void cost_thp(struct sample *s)
{
	size_t huge = huge_page_size(), size = HUGE_PAGES * huge;
	volatile char *p = map(size + huge, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	volatile char *aligned = (void *)(((uintptr_t)p + huge - 1) & -huge);
	struct sample second;

	advise(aligned, size, MADV_HUGEPAGE);
	touch(aligned, size, huge, 1, s);
	touch(aligned + page_size, size - page_size, huge, 1, &second);
	if (second.units)
		errx(1, "%llu of %d pages were not huge", (unsigned long long)second.units,
		     HUGE_PAGES);
	munmap((void *)p, size + huge);
}

/* A storm of children that live for some faults. */
static void cost_fork(struct sample *s)
{
	size_t size = CHILD_PAGES * page_size, k;
	volatile char *p = map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	pid_t pid;
	int i;

	s->units = FORKS;
	begin_with_children(s);
	for (i = 0; i < FORKS; i++) {
		pid = fork_or_die();
		if (!pid) {
			for (k = 0; k < size; k += page_size)
				p[k] = 1;
			_exit(0);
		}
		reap(pid);
	}
	end_with_children(s);
	munmap((void *)p, size);
}

static const struct workload {
	const char *name;
	void (*run)(struct sample *s);
} workloads[] = {
	{ "write", cost_write }, { "read", cost_read }, { "file", cost_file },
	{ "cow", cost_cow },	 { "thp", cost_thp },	{ "fork", cost_fork },
};

void print(const char *name, const struct sample *s)
{
	printf("%s %llu %llu %llu\n", name, (unsigned long long)s->units,
	       (unsigned long long)s->total, (unsigned long long)s->own);
	fflush(stdout);
}

static const struct workload *find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	errx(2, "unknown workload '%s'", name);
}

static int do_cost(int argc, char **argv)
{
	const struct workload *w;
	struct sample s;
	int i, pass;

	for (i = 0; i < argc; i++) {
		w = find(argv[i]);
		for (pass = 0; pass <= PASSES; pass++) {
			/* What is printed. */
			marked = pass > 0;
			w->run(&s);
			if (pass)
				print(w->name, &s);
		}
	}
	return 0;
}

/* @question: is written first; NULL: none. */
static void read_whole(const char *path, const char *question, struct sample *s)
{
	static char buffer[1 << 16];
	ssize_t n;
	int fd;

	s->units = 0;
	begin(s);
	fd = open(path, question ? O_RDWR : O_RDONLY);
	if (fd < 0)
		err(1, "%s", path);
	if (question && write(fd, question, strlen(question)) < 0)
		err(1, "%s: '%s'", path, question);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		s->units += n;
	if (n < 0)
		err(1, "%s", path);
	close(fd);
	end(s);
}

static int do_file(int argc, char **argv)
{
	int i, pass, wanted = marked;
	struct sample s;

	for (i = 0; i < argc; i++)
		for (pass = 0; pass <= PASSES; pass++) {
			/* What is printed. */
			marked = wanted && pass > 0;
			read_whole(argv[i], NULL, &s);
			if (pass)
				print(argv[i], &s);
		}
	return 0;
}

/* Once: to write may change something. */
static int do_ask(int argc, char **argv)
{
	struct sample s;

	if (argc != 2)
		errx(2, "ask FILE QUESTION");
	read_whole(argv[0], argv[1], &s);
	print(argv[0], &s);
	return 0;
}

static int do_end(int argc, char **argv)
{
	struct sample s = { .units = 1 };
	struct pollfd p = { .events = POLLIN };

	p.fd = argc == 1 ? syscall(SYS_pidfd_open, atoi(argv[0]), 0) : -1;
	if (p.fd < 0)
		err(2, "end PID");
	begin(&s);
	if (syscall(SYS_pidfd_send_signal, p.fd, SIGKILL, NULL, 0) || poll(&p, 1, -1) != 1)
		err(1, "%s", argv[0]);
	end(&s);
	print("end", &s);
	return 0;
}

static void run_command(char **argv, struct sample *s)
{
	pid_t pid;
	int null;

	s->units = 1;
	begin_with_children(s);
	pid = fork_or_die();
	if (!pid) {
		null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	reap(pid);
	end_with_children(s);
}

static int do_run(int argc, char **argv)
{
	struct sample s;
	int pass;

	if (!argc)
		errx(2, "run what?");
	for (pass = 0; pass <= PASSES; pass++) {
		run_command(argv, &s);
		if (pass)
			print(argv[0], &s);
	}
	return 0;
}

/* Once: it cannot be loaded twice. */
static int do_load(int argc, char **argv)
{
	char parameters[512] = "";
	struct sample s = { .units = 1 };
	int fd, i, failed;

	if (!argc)
		errx(2, "load what?");
	for (i = 1; i < argc; i++)
		snprintf(parameters + strlen(parameters), sizeof(parameters) - strlen(parameters),
			 "%s ", argv[i]);
	fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[0]);
	begin(&s);
	failed = syscall(SYS_finit_module, fd, parameters, 0);
	end(&s);
	if (failed)
		errx(1, "%s", strerror(errno));
	print("load", &s);
	return 0;
}

static int do_unload(int argc, char **argv)
{
	struct sample s = { .units = 1 };

	if (!argc)
		errx(2, "unload what?");
	begin(&s);
	if (syscall(SYS_delete_module, argv[0], 0))
		err(1, "%s", argv[0]);
	end(&s);
	print("unload", &s);
	return 0;
}

/* A process has its file before its first instruction: what does it wait for that? */
static int do_entry(int argc, char **argv)
{
	struct sample *s = (struct sample *)map(page_size, MAP_SHARED | MAP_ANONYMOUS, -1);
	uint64_t forked;
	pid_t pid;
	int pass;

	(void)argc;
	(void)argv;
	for (pass = 0; pass <= PASSES; pass++) {
		s->units = 1;
		forked = ticks();
		pid = fork_or_die();
		if (!pid) {
			s->total = ticks() - forked;
			s->own = clock_ns(CLOCK_THREAD_CPUTIME_ID);
			_exit(0);
		}
		reap(pid);
		if (pass)
			print("entry", s);
	}
	return 0;
}

/* Not every guest has the command. */
static int do_ramfs(int argc, char **argv)
{
	if (argc != 1)
		errx(2, "ramfs DIRECTORY");
	mkdir(argv[0], 0755);
	if (mount("ramfs", argv[0], "ramfs", 0, NULL))
		err(1, "%s", argv[0]);
	return 0;
}

static int do_nothing(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "cost", do_cost },
	{ "file", do_file },
	{ "ask", do_ask },
	{ "end", do_end },
	{ "run", do_run },
	{ "load", do_load },
	{ "unload", do_unload },
	{ "entry", do_entry },
	{ "contend", workload_contend },
	{ "share", workload_share },
	{ "populate", workload_populate },
	{ "ramfs", do_ramfs },
	{ "nothing", do_nothing },
};

int main(int argc, char **argv)
{
	size_t i;

	page_size = sysconf(_SC_PAGESIZE);
	if (argc > 1 && !strcmp(argv[1], "marked")) {
		marked = 1;
		argc--;
		argv++;
	}
	for (i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 2, argv + 2);
	errx(2, "unknown verb");
}
