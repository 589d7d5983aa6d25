/* SPDX-License-Identifier: GPL-2.0 */
/*
 * harness.h - a small KTAP harness for tests that load the module themselves
 *
 * Each test is a function, run in a process of its own: it passes by returning,
 * fails by a CHECK, skips by SKIP. A crash or a hang is a failure of that test.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "core/format.h"

struct test {
	const char *name;
	void (*run)(void);
	const char *params; /* of the module; NULL: the test starts without it */
	bool stress;	    /* many rounds of one thing; --quick leaves it out */
};

extern const struct test exact_tests[], hook_tests[], class_tests[], class_hard_tests[],
	class_uffd_tests[], class_numa_tests[], details_tests[], control_tests[], residency_tests[],
	walk_tests[], mapped_tests[], life_tests[], access_tests[], loss_tests[], failure_tests[],
	limits_tests[], load_tests[];

#define CHECK(cond)    check(cond, __FILE__, __LINE__, #cond)
#define CHECK_EQ(a, b) check_eq(a, b, __FILE__, __LINE__, #a, #b)
void check(bool ok, const char *file, int line, const char *what);
void check_eq(long long a, long long b, const char *file, int line, const char *sa, const char *sb);
void skip(const char *why, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Skip it if the hook sees no returns, and so no times. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The numbers of /proc/vmtrace/<pid>, its table of classes, of the summary and the total. */
struct class_row {
#define DECLARE(column, meaning) long long column;
	VMTRACE_CLASS_COLUMNS(DECLARE)
#undef DECLARE
};
struct stats {
	char name[64], state[16];
	struct class_row class[VMTRACE_CLASS_COUNT];
#define DECLARE(key, meaning) long long key;
	VMTRACE_PROCESS_NUMBERS(DECLARE)
};
struct summary {
	char hook[64], hook_reason[64];
	VMTRACE_SUMMARY_NUMBERS(DECLARE)
};
struct total {
	VMTRACE_TOTAL_NUMBERS(DECLARE)
#undef DECLARE
};

#define SELF 0
/* 0 or -errno; takes no page fault once it has been called. */
int read_stats(pid_t pid, struct stats *s);
int parse_stats(const char *text, struct stats *s);
void read_summary(struct summary *s);
void read_total(struct total *t);
/* "/proc/vmtrace/<pid>", in a static buffer. */
const char *stats_path(pid_t pid);

/* After the first call, neither getrusage nor reading our own file faults. */
void warm_up(void);
/* Check that vmtrace agrees with getrusage about this process, to the last fault. */
void check_exact(void);
/* Check that an exited process's file agrees with what wait4 said of it. */
void check_exited(pid_t pid, const struct rusage *ru);

struct delta {
	long long minor, major, failed, retried, pages, tables;
	long long class[VMTRACE_CLASS_COUNT];
};
/* Check that all of the faults were of this class. */
#define CHECK_ALL(d, symbol) check_all(d, VMTRACE_CLASS_##symbol, __FILE__, __LINE__)
void check_all(const struct delta *d, enum vmtrace_class which, const char *file, int line);
/* Faults of this process since the last call, as vmtrace and the kernel both say. */
struct delta since_last(void);

/* A child that runs @run and exits 0; failures in it fail the test. */
pid_t spawn(void (*run)(void *), void *arg);
/* Wait for it, check that it ended well; if it has no children, compare counts. */
void reap(pid_t pid);
void do_nothing(void *arg);
/* Become this user and group; what they own may be inspected, as after an exec. */
void become(uid_t uid);

/* The hook that the module is loaded with: the environment's VMTRACE_HOOK, or auto. */
const char *hook_asked(void);
/* The one that is in use. */
bool hook_is(const char *name);
/* A file of debugfs that was asked a question (module/files/query.h), to be read; or -errno. */
int ask(const char *topic, const char *question);
/* The same, where the question is a PID, or SELF. */
int ask_about(pid_t pid, const char *topic);

/* Load the module with these parameters; VMTRACE_HOOK's comes before them. */
void module_load(const char *params);
int module_try_load(const char *params); /* 0 or -errno */
int module_try_unload(void);		 /* 0 or -errno */
void module_unload(void);

bool write_file(const char *path, const char *text);
/* Whether the file exists and a line of it contains this. */
bool file_mentions(const char *path, const char *word);
/* Is there a probe on the function that the module hooks? */
bool is_hooked(void);
/* VMTRACE_ROUNDS percent of what a test usually does; one at least. For guests that are slow. */
long scaled(long usual);

/* Poll until cond() or the deadline; false if that came first. */
bool wait_until(bool (*cond)(void *), void *arg);

/* A file system with a disk below it, mounted once; skips if there is no disk. */
const char *disk_dir(void);
/* A file of so many pages of zeros, written to disk, in the page cache, and already unlinked. */
int make_file(const char *dir, const char *name, size_t pages);

extern const char __executable_start[], etext[]; /* by the linker */
extern size_t page;
/* Private anonymous memory, without huge pages, nothing touched. */
char *fresh(size_t pages);
void write_pages(char *p, size_t pages);
void read_pages(const char *p, size_t pages);

/* The signal that writing there brings; 0 if none. */
int signal_at(volatile char *p);

/* The size of a transparent huge page. Skips if there is none. */
size_t huge_size(void);
/* Private anonymous memory for so many of them, aligned, nothing touched. */
char *fresh_huge(size_t n);
/* An empty file of this size on a tmpfs that uses huge pages, or skip. */
int huge_tmpfs_file(size_t size);
/* A file of so many pages of hugetlbfs, which are its own. Skips if they cannot be had. */
int hugetlb_file(size_t n, size_t *size);

/* Swap of so many pages in compressed memory: it writes at once. Skips if there is none. */
void swap_on(size_t pages);
void swap_off(void);
/* For wait_until(): page out all of a struct range; true when nothing of it is in memory. */
struct range {
	char *start;
	size_t pages;
};
bool swapped_out(void *range);

/* What the program does when it is executed by a test instead of a person. */
#define EXEC_CHECK "--check-after-exec"
extern const char *self_exe;

#endif /* HARNESS_H */
