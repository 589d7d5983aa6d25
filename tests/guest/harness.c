// SPDX-License-Identifier: GPL-2.0
/* harness.c - a small KTAP harness; see harness.h */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

/* kselftest.h's code for a skip. */
#define EXIT_SKIP 4
/* A test that takes longer hangs; guests without KVM are slow. */
#define TEST_SECONDS 900
#define WAIT_SECONDS 60

size_t page;
const char *self_exe;
static const char *module_path;

void note(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	dprintf(1, "# %s\n", line);
}

#define SKIP_SIZE 256
static char *skip_reason; /* shared with the process of each test */

void skip(const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	vsnprintf(skip_reason, SKIP_SIZE, why, ap);
	va_end(ap);
	_exit(EXIT_SKIP);
}

void check(bool ok, const char *file, int line, const char *what)
{
	if (ok)
		return;
	note("%s:%d: not true: %s (errno %d: %s)", file, line, what, errno, strerror(errno));
	_exit(1);
}

void check_eq(long long a, long long b, const char *file, int line, const char *sa, const char *sb)
{
	if (a == b)
		return;
	note("%s:%d: %s is %lld, but %s is %lld", file, line, sa, a, sb, b);
	_exit(1);
}

/* The text after "key:\t" at the beginning of a line. */
static const char *value_of(const char *text, const char *key)
{
	size_t n = strlen(key);
	const char *line;

	for (line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, n) && line[n] == ':' && line[n + 1] == '\t')
			return line + n + 2;
	}
	note("no line '%s:' in:\n%s", key, text);
	_exit(1);
}

static void copy_line(char *to, size_t size, const char *from)
{
	size_t n = strcspn(from, "\n");

	if (n >= size)
		n = size - 1;
	memcpy(to, from, n);
	to[n] = 0;
}

static const char *const class_names[] = {
#define NAME(symbol, name, meaning) name,
	VMTRACE_CLASSES(NAME)
#undef NAME
};

static void parse_row(const char *line, struct class_row *row)
{
	char *end = (char *)line + strcspn(line, "\t");

#define PARSE(column, meaning) \
	CHECK(*end == '\t');   \
	row->column = strtoll(end + 1, &end, 10);
	VMTRACE_CLASS_COLUMNS(PARSE)
#undef PARSE
	CHECK(*end == '\n');
}

static void parse_classes(const char *text, struct stats *s)
{
	const char *line = strstr(text, "\nclass\t");
	size_t i, n;

	CHECK(line);
	memset(s->class, 0, sizeof(s->class));
	for (line = strchr(line + 1, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
		n = strcspn(line, "\t");
		for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
			if (strlen(class_names[i]) == n && !strncmp(line, class_names[i], n))
				break;
		CHECK(i < VMTRACE_CLASS_COUNT);
		parse_row(line, &s->class[i]);
	}
}

/* What holds between the numbers of every process at every moment. */
static void check_sums(const struct stats *s)
{
	long long counted = 0, major = 0, failed = 0, unknown;
	size_t i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		const struct class_row *c = &s->class[i];

		*(i < VMTRACE_CLASS_SIGSEGV ? &counted : &failed) += c->faults;
		major += c->major;
		CHECK(c->asleep_ns <= c->total_ns && c->max_ns <= c->total_ns);
		CHECK(c->p50_ns <= c->p90_ns && c->p90_ns <= c->p99_ns && c->p99_ns <= c->max_ns);
	}
	/* Those that failed nobody knows how. */
	unknown = s->failed - failed;
	CHECK(unknown >= 0 && unknown <= s->class[VMTRACE_CLASS_OTHER].faults);
	CHECK_EQ(counted - unknown, s->minor + s->major);
	CHECK_EQ(major, s->major);
	CHECK_EQ(s->origin_user + s->origin_kernel + s->origin_gup + s->origin_remote,
		 counted + failed);
	CHECK_EQ(s->kernel_minor + s->kernel_major,
		 s->minor + s->major + s->dropped + s->unobserved);
}

int parse_stats(const char *text, struct stats *s)
{
	CHECK_EQ(strtoll(value_of(text, "format"), NULL, 10), VMTRACE_FORMAT);
	copy_line(s->name, sizeof(s->name), value_of(text, "name"));
	copy_line(s->state, sizeof(s->state), value_of(text, "state"));
#define PARSE(key, meaning) s->key = strtoll(value_of(text, #key), NULL, 10);
	VMTRACE_PROCESS_NUMBERS(PARSE)
#undef PARSE
	parse_classes(text, s);
	check_sums(s);
	return 0;
}

static int slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int err;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	err = errno;
	close(fd);
	if (n < 0)
		return -err;
	CHECK(n < (ssize_t)size - 1);
	text[n] = 0;
	return 0;
}

const char *stats_path(pid_t pid)
{
	static char path[64];

	if (pid == SELF)
		return "/proc/" VMTRACE_DIR "/" VMTRACE_SELF;
	snprintf(path, sizeof(path), "/proc/" VMTRACE_DIR "/%d", pid);
	return path;
}

static char text_of_stats[8192];

int read_stats(pid_t pid, struct stats *s)
{
	int err;

	/* So that no page of it is missing, or shared with a child, when it is read into. */
	memset(text_of_stats, 0, sizeof(text_of_stats));
	err = slurp(stats_path(pid), text_of_stats, sizeof(text_of_stats));
	return err ? err : parse_stats(text_of_stats, s);
}

void read_summary(struct summary *s)
{
	char text[4096];

	CHECK_EQ(slurp("/proc/" VMTRACE_DIR "/" VMTRACE_SUMMARY, text, sizeof(text)), 0);
	copy_line(s->hook, sizeof(s->hook), value_of(text, "hook"));
	copy_line(s->hook_reason, sizeof(s->hook_reason), value_of(text, "hook_reason"));
#define PARSE(key, meaning) s->key = strtoll(value_of(text, #key), NULL, 10);
	VMTRACE_SUMMARY_NUMBERS(PARSE)
#undef PARSE
}

void read_total(struct total *t)
{
	char text[4096];

	CHECK_EQ(slurp("/proc/" VMTRACE_DIR "/" VMTRACE_TOTAL, text, sizeof(text)), 0);
	CHECK_EQ(strtoll(value_of(text, "format"), NULL, 10), VMTRACE_FORMAT);
#define PARSE(key, meaning) t->key = strtoll(value_of(text, #key), NULL, 10);
	VMTRACE_TOTAL_NUMBERS(PARSE)
#undef PARSE
}

static struct stats stats;
static struct rusage usage;
static struct delta last;

/* The stack grows by faults: have what the measurement needs of it beforehand. */
static void __attribute__((noinline)) touch_stack(void)
{
	char deep[16 * 4096];

	memset(deep, 0, sizeof(deep));
	asm volatile("" ::"r"(deep) : "memory");
}

/* The program's text, wherever the linker put what a test calls. */
static void touch_text(void)
{
	const char *p = __executable_start;

	for (p -= (size_t)p % page; p < etext; p += page)
		(void)*(volatile const char *)p;
}

/* A child of fork() has to find the pages of the program anew: those of what is measured, too. */
static void touch_code(void)
{
	char *p = fresh(1);

	touch_text();
	write_pages(p, 1);
	read_pages(p, 1);
	CHECK(!munmap(p, page));
}

/*
 * The kernel's count, and then the module's. Twice: the first time has all that both write to
 * written to. A fault between the two counts, and a fork() or clear_refs write-protects every
 * page of the program, would be in the second count only.
 */
static void sample(struct rusage *ru)
{
	int round;

	for (round = 0; round < 2; round++) {
		getrusage(RUSAGE_SELF, ru);
		CHECK_EQ(read_stats(SELF, &stats), 0);
	}
}

void warm_up(void)
{
	touch_stack();
	touch_code();
	sample(&usage);
	last = (struct delta){ 0 };
	since_last();
	since_last();
}

void check_exact(void)
{
	sample(&usage);
	CHECK_EQ(stats.minor, usage.ru_minflt);
	CHECK_EQ(stats.major, usage.ru_majflt);
	CHECK_EQ(stats.kernel_minor, usage.ru_minflt);
	CHECK_EQ(stats.kernel_major, usage.ru_majflt);
	CHECK_EQ(stats.unobserved, 0);
	CHECK_EQ(stats.missed, 0);
	CHECK_EQ(stats.dropped, 0);
	/* A hook that sees no returns times none. */
	CHECK_EQ(stats.untimed, 0);
	CHECK_EQ(stats.class[VMTRACE_CLASS_OTHER].faults, 0);
}

void check_all(const struct delta *d, enum vmtrace_class which, const char *file, int line)
{
	long long all = d->minor + d->major + d->failed;
	const long long *faults = d->class;
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		if (i == (int)which || !faults[i])
			continue;
		note("%s:%d: %lld %s among %lld %s", file, line, faults[i], class_names[i],
		     faults[which], class_names[which]);
		_exit(1);
	}
	check_eq(faults[which], all, file, line, "faults of the class", "all");
}

struct delta since_last(void)
{
	struct rusage ru;
	struct delta d;
	long long kernel;
	int i;

	sample(&ru);
	kernel = ru.ru_minflt - usage.ru_minflt + ru.ru_majflt - usage.ru_majflt;
	d.minor = stats.minor - last.minor;
	d.major = stats.major - last.major;
	d.failed = stats.failed - last.failed;
	d.retried = stats.retried - last.retried;
	d.pages = -last.pages;
	d.tables = -last.tables;
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		d.class[i] = stats.class[i].faults - last.class[i];
		last.class[i] = stats.class[i].faults;
		d.pages += stats.class[i].pages;
		d.tables += stats.class[i].tables;
	}
	last.pages += d.pages;
	last.tables += d.tables;
	if (last.minor)
		CHECK_EQ(d.minor + d.major, kernel);
	last.minor = stats.minor;
	last.major = stats.major;
	last.failed = stats.failed;
	last.retried = stats.retried;
	usage = ru;
	return d;
}

void check_exited(pid_t pid, const struct rusage *ru)
{
	struct stats s;

	CHECK_EQ(read_stats(pid, &s), 0);
	CHECK(!strcmp(s.state, VMTRACE_STATE_EXITED));
	CHECK_EQ(s.minor, ru->ru_minflt);
	CHECK_EQ(s.major, ru->ru_majflt);
	CHECK_EQ(s.kernel_minor, ru->ru_minflt);
	CHECK_EQ(s.kernel_major, ru->ru_majflt);
	CHECK_EQ(s.unobserved, 0);
	CHECK_EQ(s.threads, 0);
	CHECK_EQ(s.in_flight, 0);
}

static bool has_file(void *pid)
{
	return !access(stats_path((long)pid), F_OK);
}

pid_t spawn(void (*run)(void *), void *arg)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		run(arg);
		_exit(0);
	}
	/* It comes before the child's first instruction in user mode, not before fork() returns. */
	if (!access("/proc/" VMTRACE_DIR, F_OK))
		CHECK(wait_until(has_file, (void *)(long)pid));
	return pid;
}

void become(uid_t uid)
{
	CHECK(!setgid(uid) && !setuid(uid));
	/* What exec does for a program that is not privileged. */
	CHECK(!prctl(PR_SET_DUMPABLE, 1));
}

void do_nothing(void *arg)
{
	(void)arg;
}

void reap(pid_t pid)
{
	struct rusage ru;
	int status;

	CHECK_EQ(wait4(pid, &status, 0, &ru), pid);
	CHECK_EQ(status, 0);
	check_exited(pid, &ru);
}

const char *hook_asked(void)
{
	const char *hook = getenv("VMTRACE_HOOK");

	return hook ? hook : "auto";
}

bool hook_is(const char *name)
{
	struct summary s;

	read_summary(&s);
	return !strcmp(s.hook, name);
}

int ask(const char *topic, const char *question)
{
	ssize_t length = strlen(question);
	char path[128];
	int fd, err;

	snprintf(path, sizeof(path), "/sys/kernel/debug/" VMTRACE_DIR "/%s", topic);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, question, length) == length)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int ask_about(pid_t pid, const char *topic)
{
	char question[16];

	snprintf(question, sizeof(question), "%d", pid == SELF ? getpid() : pid);
	return ask(topic, question);
}

int module_try_load(const char *params)
{
	int fd = open(module_path, O_RDONLY | O_CLOEXEC);
	char all[256];
	int err;

	CHECK(fd >= 0);
	snprintf(all, sizeof(all), "hook=%s %s", hook_asked(), params);
	err = syscall(SYS_finit_module, fd, all, 0) ? -errno : 0;
	close(fd);
	return err;
}

int module_try_unload(void)
{
	return syscall(SYS_delete_module, "vmtrace", O_NONBLOCK) ? -errno : 0;
}

static const char *loaded; /* parameters; NULL when the module is not there */

void module_load(const char *params)
{
	CHECK_EQ(module_try_load(params), 0);
}

void module_unload(void)
{
	CHECK_EQ(module_try_unload(), 0);
	CHECK(access("/proc/" VMTRACE_DIR, F_OK) && errno == ENOENT);
}

bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

bool file_mentions(const char *path, const char *word)
{
	char line[512];
	bool found = false;
	FILE *f = fopen(path, "r");

	while (f && fgets(line, sizeof(line), f))
		found |= !!strstr(line, word);
	if (f)
		fclose(f);
	return found;
}

bool is_hooked(void)
{
	return file_mentions("/sys/kernel/debug/kprobes/list", "handle_mm_fault") ||
	       file_mentions("/sys/kernel/tracing/enabled_functions", "handle_mm_fault") ||
	       file_mentions("/sys/kernel/debug/tracing/enabled_functions", "handle_mm_fault");
}

long scaled(long usual)
{
	const char *percent = getenv("VMTRACE_ROUNDS");

	return percent && atol(percent) < 100 ? (usual * atol(percent) + 99) / 100 : usual;
}

bool wait_until(bool (*cond)(void *), void *arg)
{
	time_t end = time(NULL) + WAIT_SECONDS;

	while (!cond(arg)) {
		if (time(NULL) > end)
			return false;
		usleep(2000);
	}
	return true;
}

#define DISK_DIR "/tmp/vmtrace-disk"

static void disk_prepare(void)
{
	mkdir("/tmp", 01777);
	mkdir(DISK_DIR, 0700);
	if (access("/dev/vda", F_OK))
		return;
	/* An earlier run in this guest may have mounted it. */
	umount(DISK_DIR);
	if (system("modprobe ext4 && mke2fs -q -F /dev/vda >/dev/null 2>&1"))
		note("cannot make a file system on /dev/vda");
}

const char *disk_dir(void)
{
	struct stat a, b;

	if (!stat(DISK_DIR, &a) && !stat("/tmp", &b) && a.st_dev != b.st_dev)
		return DISK_DIR;
	if (mount("/dev/vda", DISK_DIR, "ext4", 0, NULL) &&
	    mount("/dev/vda", DISK_DIR, "ext2", 0, NULL))
		skip("no scratch disk: run with scripts/vm --disk 64M (errno %d)", errno);
	return DISK_DIR;
}

int make_file(const char *dir, const char *name, size_t pages)
{
	char path[128], *block = calloc(1, page);
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && block);
	while (pages--)
		CHECK_EQ(write(fd, block, page), (long long)page);
	CHECK(!fsync(fd) && !unlink(path));
	free(block);
	return fd;
}

char *fresh(size_t pages)
{
	char *p = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	CHECK(p != MAP_FAILED);
	/* EINVAL: a kernel without huge pages. */
	CHECK(!madvise(p, pages * page, MADV_NOHUGEPAGE) || errno == EINVAL);
	return p;
}

void write_pages(char *p, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		*(volatile char *)(p + i * page) = 1;
}

void read_pages(const char *p, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		(void)*(const volatile char *)(p + i * page);
}

static sigjmp_buf back;
static volatile sig_atomic_t can_jump;

static void jump_back(int sig)
{
	if (can_jump)
		siglongjmp(back, sig);
	signal(sig, SIG_DFL);
}

int signal_at(volatile char *p)
{
	int sig;

	signal(SIGSEGV, jump_back);
	signal(SIGBUS, jump_back);
	sig = sigsetjmp(back, 1);
	can_jump = true;
	if (!sig)
		*p = 1;
	can_jump = false;
	return sig;
}

static bool read_number(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	bool ok = f && fscanf(f, "%zu", n) == 1;

	if (f)
		fclose(f);
	return ok;
}

size_t huge_size(void)
{
	size_t size;

	if (!read_number("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", &size))
		skip("this kernel has no transparent huge pages");
	return size;
}

char *fresh_huge(size_t n)
{
	size_t size = huge_size();
	char *p = mmap(NULL, (n + 1) * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	CHECK(p != MAP_FAILED);
	p = (char *)(((size_t)p + size - 1) / size * size);
	CHECK(!madvise(p, n * size, MADV_HUGEPAGE));
	return p;
}

int huge_tmpfs_file(size_t size)
{
	static const char dir[] = "/tmp/vmtrace-huge";
	int fd;

	mkdir(dir, 0700);
	if (mount("tmpfs", dir, "tmpfs", 0, "huge=always"))
		skip("no tmpfs with huge pages (errno %d)", errno);
	fd = open("/tmp/vmtrace-huge/file", O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0 && !umount2(dir, MNT_DETACH) && !ftruncate(fd, size));
	return fd;
}

int hugetlb_file(size_t n, size_t *size)
{
	static const char path[] = "/proc/sys/vm/nr_hugepages";
	int fd = memfd_create("hugetlb", MFD_HUGETLB);
	struct stat st;
	char number[32];

	if (fd < 0)
		skip("no hugetlbfs (errno %d)", errno);
	CHECK(!fstat(fd, &st));
	*size = st.st_blksize;
	CHECK(!ftruncate(fd, n * *size));
	snprintf(number, sizeof(number), "%zu", n);
	CHECK(write_file(path, number));
	/* The mapping reserves them; with 0, they go when the file does. */
	if (mmap(NULL, n * *size, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED) {
		write_file(path, "0");
		skip("no huge pages to be had");
	}
	CHECK(write_file(path, "0"));
	return fd;
}

#define SWAP "/dev/zram0"

void swap_on(size_t pages)
{
	char size[32], *block = calloc(1, page);
	int fd;

	snprintf(size, sizeof(size), "%zu", pages * page);
	if (system("modprobe zram") || !write_file("/sys/block/zram0/disksize", size))
		skip("no zram in this kernel");
	/* What mkswap(8) writes: union swap_header, include/linux/swap.h. */
	((unsigned int *)block)[256] = 1;
	((unsigned int *)block)[257] = pages - 1;
	memcpy(block + page - 10, "SWAPSPACE2", 10);
	fd = open(SWAP, O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQ(pwrite(fd, block, page, 0), (long long)page);
	CHECK(!fsync(fd));
	close(fd);
	free(block);
	CHECK(!swapon(SWAP, 0));
}

void swap_off(void)
{
	CHECK(!swapoff(SWAP));
	CHECK(write_file("/sys/block/zram0/reset", "1"));
}

bool swapped_out(void *range)
{
	static unsigned char in_core[4096];
	const struct range *r = range;
	size_t i, n = 0;

	CHECK(r->pages <= sizeof(in_core));

	/* Pages in another CPU's LRU batch cannot be paged out; this drains all of them. */
	CHECK(write_file("/proc/sys/vm/drop_caches", "1"));
	madvise(r->start, r->pages * page, MADV_PAGEOUT);
	CHECK(!mincore(r->start, r->pages * page, in_core));
	for (i = 0; i < r->pages; i++)
		n += in_core[i] & 1;
	return n == 0;
}

static const char *run_one(const struct test *t)
{
	int status;
	pid_t pid;

	if (loaded && (!t->params || strcmp(loaded, t->params))) {
		module_try_unload();
		loaded = NULL;
	}
	if (t->params && !loaded) {
		int err = module_try_load(t->params);

		if (err) {
			note("the module does not load: errno %d", -err);
			return "not ok";
		}
		loaded = t->params;
	}
	/* The faults by which the kernel learns who uses what are none that a test expects. */
	write_file("/proc/sys/kernel/numa_balancing", "0");
	/* Nor are those on pages that it moves of its own accord. */
	write_file("/proc/sys/vm/compaction_proactiveness", "0");
	pid = fork();
	if (pid == 0) {
		alarm(TEST_SECONDS);
		t->run();
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return "not ok";
	if (WIFSIGNALED(status))
		note("killed by signal %d", WTERMSIG(status));
	/* A test that begins without the module may have failed with it. */
	if (!t->params)
		module_try_unload();
	if (status == 0)
		return "ok";
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP ? "skip" : "not ok";
}

/*
 * Whenever a thread was preempted the kernel writes to its rseq area, if the C library has
 * registered one (__rseq_handle_notify_resume(), kernel/rseq.c): a fault of its own if the page
 * is shared with a child or was swapped out, at a moment that nobody chooses. Not in here.
 */
static void without_rseq(char **argv)
{
	static const char name[] = "GLIBC_TUNABLES", value[] = "glibc.pthread.rseq=0";

	if (getenv(name))
		return;
	CHECK(!setenv(name, value, 1));
	execv("/proc/self/exe", argv);
	CHECK(!"execv");
}

static const struct test *const groups[] = {
	exact_tests,	  hook_tests,	 class_tests,	class_hard_tests, class_uffd_tests,
	class_numa_tests, details_tests, control_tests, residency_tests,  walk_tests,
	mapped_tests,	  life_tests,	 access_tests,	loss_tests,	  failure_tests,
	limits_tests,	  load_tests,
};

/* What the command line chooses: --quick, and parts of names, of which one must be there. */
static bool quick;
static char **parts;

static bool is_chosen(const struct test *t)
{
	char **part;

	for (part = parts; *part; part++)
		if (strstr(t->name, *part))
			break;
	return (!*parts || *part) && !(quick && t->stress);
}

/*
 * The time in seconds. Not by the vDSO: its data would be mapped in every test from then on, and
 * pagemap leaves such pages out (VM_PFNMAP).
 */
static double now(void)
{
	struct timespec t;

	CHECK(!syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t));
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Run the test, print its result with how long it took, and return whether it failed. */
static bool report(const struct test *t, unsigned int number)
{
	const char *result;
	double seconds;

	seconds = -now();
	result = run_one(t);
	seconds += now();
	if (!strcmp(result, "skip"))
		dprintf(1, "ok %u %s # SKIP %s # %.1f s\n", number, t->name, skip_reason, seconds);
	else
		dprintf(1, "%s %u %s # %.1f s\n", result, number, t->name, seconds);
	return !strcmp(result, "not ok");
}

int main(int argc, char **argv)
{
	unsigned int i, n = 0, failed = 0;
	const struct test *t;

	without_rseq(argv);
	page = sysconf(_SC_PAGESIZE);
	self_exe = realpath("/proc/self/exe", NULL);
	if (argc == 2 && !strcmp(argv[1], EXEC_CHECK)) {
		warm_up();
		check_exact();
		return 0;
	}
	parts = argv + 1;
	quick = *parts && !strcmp(*parts, "--quick");
	parts += quick;
	if (!*parts) {
		fprintf(stderr, "Usage: guest-tests [--quick] MODULE.ko [PART-OF-A-NAME]...\n");
		return 2;
	}
	module_path = *parts++;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (t = groups[i]; t->name; t++)
			n += is_chosen(t);
	dprintf(1, "KTAP version 1\n1..%u\n", n);
	if (!n)
		return 2;
	skip_reason =
		mmap(NULL, SKIP_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(skip_reason != MAP_FAILED);
	disk_prepare();
	n = 0;
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (t = groups[i]; t->name; t++)
			if (is_chosen(t))
				failed += report(t, ++n);
	if (loaded && module_try_unload()) {
		note("the module does not unload at the end");
		failed++;
	}
	return failed ? 1 : 0;
}
