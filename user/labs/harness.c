// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "memory.h"
#include "names.h"

#define SETTLED_MAX (64UL << 20) /* a larger mapping is no data of ours */

static long long total(struct lab_count count)
{
	return count.minor + count.major;
}

static bool same(struct lab_count a, struct lab_count b)
{
	return a.minor == b.minor && a.major == b.major;
}

static struct lab_count difference(struct lab_count from, struct lab_count to)
{
	return (struct lab_count){ to.minor - from.minor, to.major - from.major };
}

static struct lab_count rusage_count(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (struct lab_count){ usage.ru_minflt, usage.ru_majflt };
}

static struct lab_count vmtrace_count(const struct process_stats *stats)
{
	return (struct lab_count){ stats->minor, stats->major };
}

/* A class that this tool does not know is "other". */
static enum vmtrace_class known_class(const char *name)
{
	enum vmtrace_class class = class_by_name(name);

	return class == VMTRACE_CLASS_COUNT ? VMTRACE_CLASS_OTHER : class;
}

/* Of what kinds were the faults between the two? */
static void count_kinds(struct lab_kinds *kinds, const struct process_stats *from,
			const struct process_stats *to)
{
	memset(kinds, 0, sizeof(*kinds));
	for (size_t i = 0; i < to->classes; i++)
		kinds->class[known_class(to->class[i].name)] += to->class[i].faults;
	for (size_t i = 0; i < from->classes; i++)
		kinds->class[known_class(from->class[i].name)] -= from->class[i].faults;
	kinds->origin[VMTRACE_ORIGIN_USER] = to->origin_user - from->origin_user;
	kinds->origin[VMTRACE_ORIGIN_KERNEL] = to->origin_kernel - from->origin_kernel;
	kinds->origin[VMTRACE_ORIGIN_GUP] = to->origin_gup - from->origin_gup;
	kinds->origin[VMTRACE_ORIGIN_REMOTE] = to->origin_remote - from->origin_remote;
}

static void lose_vmtrace(struct lab *lab, const struct source_error *error)
{
	lab->vmtrace = false;
	message("%s", error->text);
}

/*
 * Read both witnesses at one point: if getrusage() says the same before and after
 * vmtrace was read, no fault came between and both speak of the same faults.
 * Otherwise measuring itself faulted: that is noted, and read again.
 */
static void take_sample(struct lab *lab, struct lab_sample *sample)
{
	struct lab_count before = rusage_count();
	struct source_error error;

	for (int tries = 0; tries < 8; tries++) {
		if (lab->vmtrace && source_process(SOURCE_SELF, &sample->vmtrace, &error) != 0)
			lose_vmtrace(lab, &error);
		sample->rusage = rusage_count();
		if (same(before, sample->rusage))
			return;
		lab->noise += total(difference(before, sample->rusage));
		before = sample->rusage;
	}
}

static struct lab_step *next_step(struct lab *lab, const char *name)
{
	struct lab_step *step = &lab->step[lab->steps];

	if (lab->steps == LAB_STEPS)
		abort();
	memset(step, 0, sizeof(*step));
	snprintf(step->name, sizeof(step->name), "%s", name);
	return step;
}

void lab_start(struct lab *lab)
{
	struct lab_step *step = next_step(lab, "start");

	take_sample(lab, &lab->after);
	step->vmtrace_known = lab->vmtrace;
	step->rusage = lab->after.rusage;
	step->vmtrace = vmtrace_count(&lab->after.vmtrace);
	lab->steps++;
	lab_explain(lab,
		    "All that this process took so far: to be loaded, and to prepare this lab.");
}

void lab_begin(struct lab *lab, const char *name)
{
	next_step(lab, name);
	take_sample(lab, &lab->before);
}

void lab_end(struct lab *lab)
{
	struct lab_step *step = &lab->step[lab->steps];
	const struct process_stats *from = &lab->before.vmtrace, *to = &lab->after.vmtrace;

	take_sample(lab, &lab->after);
	lab->steps++;
	step->vmtrace_known = lab->vmtrace;
	step->rusage = difference(lab->before.rusage, lab->after.rusage);
	if (!lab->vmtrace)
		return;
	step->vmtrace = difference(vmtrace_count(from), vmtrace_count(to));
	count_kinds(&step->kinds, from, to);
	step->kinds_known = true;
	lab->unobserved += to->unobserved - from->unobserved;
	lab->missed += to->missed - from->missed;
	lab->dropped += to->dropped - from->dropped;
}

void lab_forget(struct lab *lab)
{
	lab->steps--;
}

/* Deeper than anything that measuring calls. */
static void touch_stack(void)
{
	volatile char room[128 * 1024];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
	lab_keep(room);
}

static bool is_own(const struct lab *lab, uintptr_t page)
{
	for (int i = 0; i < lab->blocks; i++)
		if (page >= lab->block[i].start && page < lab->block[i].end)
			return true;
	return false;
}

/*
 * Touch every page of code and data of this program and its libraries: read what is mapped
 * from a file, and write back what may be written. Not checked by ASan, to which some of
 * these bytes belong to nobody.
 */
__attribute__((no_sanitize("address"))) static void touch_mappings(const struct lab *lab)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char readable, writable, kind;
	unsigned long start, end;
	char *line = NULL;
	size_t room = 0;

	while (maps && getline(&line, &room, maps) > 0) {
		kind = ' ';
		if (sscanf(line, "%lx-%lx %c%c%*2s %*s %*s %*s %c", &start, &end, &readable,
			   &writable, &kind) < 4 ||
		    readable != 'r' || end - start > SETTLED_MAX ||
		    (writable != 'w' && kind != '/'))
			continue;
		for (uintptr_t page = start; page < end; page += lab->page_size) {
			volatile char *byte = (volatile char *)page;
			char value;

			if (is_own(lab, page))
				continue;
			value = *byte;
			if (writable == 'w')
				*byte = value;
		}
	}
	free(line);
	if (maps)
		fclose(maps);
}

void lab_settle(struct lab *lab)
{
	const long long noise = lab->noise, unobserved = lab->unobserved, missed = lab->missed,
			dropped = lab->dropped;
	struct source_error error;

	source_prepare();
	touch_stack();
	monotonic_ns(); /* in the vDSO, which has data of its own */
	lab->vmtrace = true;
	if (source_process(SOURCE_SELF, &lab->after.vmtrace, &error) != 0)
		lose_vmtrace(lab, &error);
	touch_mappings(lab);
	/* Twice: what the first round touched for the first time, the second finds there. */
	for (int i = 0; i < 2; i++) {
		lab_begin(lab, "warm-up");
		lab_end(lab);
		lab->steps--;
	}
	lab->noise = noise;
	lab->unobserved = unobserved;
	lab->missed = missed;
	lab->dropped = dropped;
}

void lab_own(struct lab *lab, void *address, size_t bytes)
{
	uintptr_t start = (uintptr_t)address;

	if (lab->blocks == LAB_BLOCKS)
		abort();
	lab->block[lab->blocks++] = (struct range){ .start = start, .end = start + bytes };
}

char *lab_block(struct lab *lab, size_t pages, size_t alignment)
{
	size_t page_size = (size_t)lab->page_size, bytes = pages * page_size;
	size_t reserved = bytes + alignment + 2 * page_size;
	char *block =
		mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (block == MAP_FAILED)
		return NULL;
	lab_own(lab, block, reserved);
	block += page_size;
	if (alignment)
		block += -(uintptr_t)block & (alignment - 1);
	return mprotect(block, bytes, PROT_READ | PROT_WRITE) == 0 ? block : NULL;
}

size_t lab_pages(const struct lab *lab)
{
	return (lab->size + (size_t)lab->page_size - 1) / (size_t)lab->page_size;
}

void lab_write(char *block, size_t pages, size_t stride)
{
	for (size_t i = 0; i < pages; i++)
		((volatile char *)block)[i * stride] = (char)(i + 1);
}

void lab_read(const char *block, size_t pages, size_t stride)
{
	for (size_t i = 0; i < pages; i++)
		(void)((const volatile char *)block)[i * stride];
}

size_t lab_intact(const char *block, size_t pages, size_t stride)
{
	size_t intact = 0;

	for (size_t i = 0; i < pages; i++)
		intact += block[i * stride] == (char)(i + 1);
	return intact;
}

void lab_write_step(struct lab *lab, const char *step, char *block, size_t pages)
{
	lab_begin(lab, step);
	lab_write(block, pages, (size_t)lab->page_size);
	lab_end(lab);
}

void lab_read_step(struct lab *lab, const char *step, const char *block, size_t pages)
{
	lab_begin(lab, step);
	lab_read(block, pages, (size_t)lab->page_size);
	lab_end(lab);
}

static struct lab_step *last_step(struct lab *lab)
{
	return &lab->step[lab->steps - 1];
}

void lab_predict_none(struct lab *lab)
{
	last_step(lab)->predicted = true;
}

static bool is_failure(enum vmtrace_class class)
{
	return class == VMTRACE_CLASS_SIGSEGV || class == VMTRACE_CLASS_SIGBUS ||
	       class == VMTRACE_CLASS_OOM || class == VMTRACE_CLASS_HWPOISON;
}

void lab_predict(struct lab *lab, enum vmtrace_class class, long long faults)
{
	struct lab_step *step = last_step(lab);

	step->predicted = true;
	step->due_kinds.class[class] += faults;
	step->due_kinds.origin[VMTRACE_ORIGIN_USER] += faults;
	if (!is_failure(class))
		step->due.minor += faults;
}

void lab_predict_major(struct lab *lab, enum vmtrace_class class, long long faults)
{
	struct lab_step *step = last_step(lab);

	lab_predict(lab, class, faults);
	step->due.minor -= faults;
	step->due.major += faults;
}

void lab_predict_origin(struct lab *lab, enum vmtrace_origin origin, long long faults)
{
	struct lab_step *step = last_step(lab);

	step->due_kinds.origin[VMTRACE_ORIGIN_USER] -= faults;
	step->due_kinds.origin[origin] += faults;
}

void lab_explain(struct lab *lab, const char *format, ...)
{
	struct lab_step *step = last_step(lab);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(step->explanation, sizeof(step->explanation), format, arguments);
	va_end(arguments);
}

long long lab_cost(const struct lab *lab)
{
	return total(lab->step[lab->steps - 1].rusage);
}

long long lab_faults(void)
{
	return total(rusage_count());
}

long long lab_retried(const struct lab *lab)
{
	return lab->after.vmtrace.retried - lab->before.vmtrace.retried;
}

long long lab_asleep_ns(const struct lab *lab)
{
	const struct process_stats *from = &lab->before.vmtrace, *to = &lab->after.vmtrace;
	long long asleep = 0;

	for (size_t i = 0; i < to->classes; i++)
		asleep += to->class[i].asleep_ns;
	for (size_t i = 0; i < from->classes; i++)
		asleep -= from->class[i].asleep_ns;
	return asleep;
}

void lab_fact(struct lab *lab, const char *name, const char *predicted, const char *measured)
{
	struct lab_fact *fact = &lab->fact[lab->facts++];

	if (lab->facts > LAB_FACTS)
		abort();
	fact->step = lab->steps - 1;
	snprintf(fact->name, sizeof(fact->name), "%s", name);
	snprintf(fact->predicted, sizeof(fact->predicted), "%s", predicted);
	snprintf(fact->measured, sizeof(fact->measured), "%s", measured);
}

void lab_number(struct lab *lab, const char *name, const char *unit, long long predicted,
		long long measured)
{
	char due[LAB_WORDS], is[LAB_WORDS];

	snprintf(due, sizeof(due), "%lld%s%s", predicted, *unit ? " " : "", unit);
	snprintf(is, sizeof(is), "%lld%s%s", measured, *unit ? " " : "", unit);
	lab_fact(lab, name, due, is);
}

void lab_note(struct lab *lab, const char *name, const char *format, ...)
{
	char text[LAB_WORDS];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	lab_fact(lab, name, "", text);
}

static void mask_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(how, &set, NULL);
}

void lab_hold_signals(void)
{
	mask_signals(SIG_BLOCK);
}

void lab_release_signals(void)
{
	mask_signals(SIG_UNBLOCK);
}

int lab_child(struct lab *lab, int (*body)(struct lab *lab, void *argument), void *argument)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		lab_release_signals();
		lab_settle(lab);
		_exit(-body(lab, argument));
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	lab_settle(lab);
	if (WIFEXITED(status))
		return lab->skipped ? LAB_SKIPPED : -WEXITSTATUS(status);
	message("lab %s: a child of it was killed by signal %d (%s)", lab->info->name,
		WTERMSIG(status), strsignal(WTERMSIG(status)));
	return -ECHILD;
}

int lab_skip(struct lab *lab, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(lab->reason, sizeof(lab->reason), format, arguments);
	va_end(arguments);
	lab->skipped = true;
	return LAB_SKIPPED;
}

int lab_skip_threads(struct lab *lab, int err)
{
	return lab_skip(lab, "no thread can be started (%s): is there a limit (ulimit -u, -v)?",
			strerror(err));
}

const char *lab_count_of(unsigned long long count, const char *singular, const char *plural)
{
	static char texts[8][48];
	static unsigned int next;
	char *text = texts[next++ % ARRAY_SIZE(texts)];

	snprintf(text, sizeof(texts[0]), "%llu %s", count, count == 1 ? singular : plural);
	return text;
}

static int parse_options(struct lab *lab, int argc, char **argv)
{
	const struct lab_info *info = lab->info;
	const char *size_text = NULL;
	struct option_row table[OPTIONS_MAX + 1] = { { "json", &lab->json, NULL } };
	unsigned long long size;
	char verb[32], size_help[96] = "", help[2048];
	int code, rows = 1;

	if (info->size) {
		table[rows++] = (struct option_row){ "size", NULL, &size_text };
		snprintf(
			size_help, sizeof(size_help),
			"  --size BYTES  size of the block, with K, M or G if you like; default %zuK\n",
			info->size >> 10);
	}
	for (int i = 0; info->options && info->options[i].name && rows < OPTIONS_MAX; i++)
		table[rows++] = info->options[i];
	snprintf(verb, sizeof(verb), "lab %s", info->name);
	snprintf(
		help, sizeof(help),
		"usage: vmtrace lab %s [OPTIONS]\n"
		"\n"
		"A lab: %s.\n"
		"\n"
		"Exit with 0 only if what was predicted is what was measured, by getrusage and by\n"
		"vmtrace; with 4 if this machine cannot show it.\n"
		"\n"
		"options:\n"
		"%s%s"
		"  --json        print JSON\n"
		"  --help        show this text\n",
		info->name, info->sentence, size_help, info->help ? info->help : "");
	code = read_options(verb, help, table, argc, argv);
	if (code != OPTIONS_READ)
		return code;
	if (optind < argc)
		return usage_error(verb, "%s: %s: unexpected argument", verb, argv[optind]);
	lab->size = info->size;
	if (!size_text)
		return OPTIONS_READ;
	if (parse_size(size_text, PTRDIFF_MAX, &size) != 0 || size == 0)
		return usage_error(
			verb, "%s: --size %s: not a size: use a number such as 4096, 64K or 1M",
			verb, size_text);
	lab->size = size;
	return OPTIONS_READ;
}

/*
 * Whenever a thread was preempted the kernel writes to its rseq area, if the C library has
 * registered one (kernel/rseq.c: __rseq_handle_notify_resume() of 6.1 and 6.12,
 * rseq_slowpath_update_usr() of 7.2): a fault of its own if the page is shared with a child,
 * at a moment that nobody chooses. Begin anew without.
 */
static void without_rseq(int argc, char **argv)
{
	static const char name[] = "GLIBC_TUNABLES", value[] = "glibc.pthread.rseq=0";
	const char *others = getenv(name);
	char *again[2 + argc + 1], all[512];

	if (others && strstr(others, value))
		return;
	if (snprintf(all, sizeof(all), "%s%s%s", others ? others : "", others ? ":" : "", value) >=
		    (int)sizeof(all) ||
	    setenv(name, all, 1) != 0)
		return;
	again[0] = (char *)"vmtrace";
	again[1] = (char *)"lab";
	memcpy(again + 2, argv, (argc + 1) * sizeof(*argv));
	execv("/proc/self/exe", again);
}

/* Some labs take the block three times. */
static bool is_too_large(const struct lab *lab)
{
	long long available = memory_of_machine("MemAvailable");

	return available >= 0 && lab->size > (size_t)available / 4;
}

int lab_run(const struct lab_info *info, int argc, char **argv)
{
	struct lab *lab =
		mmap(NULL, sizeof(*lab), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int code, err;

	if (lab == MAP_FAILED) {
		message("lab %s: %s", info->name, strerror(errno));
		return EXIT_FAILED;
	}
	lab->info = info;
	lab->page_size = sysconf(_SC_PAGESIZE);
	code = parse_options(lab, argc, argv);
	if (code != OPTIONS_READ)
		return code;
	without_rseq(argc, argv);
	/* Of the process and its children, so that one page is one fault; a lab may allow them. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	lab_settle(lab);
	lab->moved = memory_moved();
	err = is_too_large(lab) ? -ENOMEM : info->measure(lab);
	lab->moved = memory_moved() - lab->moved;
	if (err < 0 && info->size)
		message("lab %s: %zu bytes: %s: try a smaller --size", info->name, lab->size,
			strerror(-err));
	else if (err < 0)
		message("lab %s: %s", info->name, strerror(-err));
	if (err < 0)
		return EXIT_FAILED;
	if (err == LAB_SKIPPED) {
		code = lab_report(lab, false);
		return code == EXIT_DONE ? EXIT_SKIPPED : code;
	}
	err = lab_judge(lab) ? EXIT_DONE : EXIT_FAILED;
	code = lab_report(lab, err == EXIT_DONE);
	return code == EXIT_DONE ? err : code;
}
