// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/format.h"
#include "lib/error.h"
#include "sources/parse.h"
#include "sources/source.h"
#include "sources/stats.h"
#include "unit.h"

static struct process_stats stats;
static struct error error;

static int read_fixture(const char *root, int pid)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", getenv("FIXTURES"), root);
	setenv("VMTRACE_ROOT", path, 1);
	memset(&stats, 0x5a, sizeof(stats));
	strcpy(error.text, "");
	return source_process(pid, &stats, &error);
}

static void check_refused(int pid, int err, const char *why)
{
	CHECK_EQUAL(read_fixture("bad", pid), err);
	if (!strstr(error.text, why)) {
		printf("# bad/%d: \"%s\" lacks \"%s\"\n", pid, error.text, why);
		unit_failures++;
	}
	CHECK(!strchr(error.text, '\n'));
}

#define ADD_COLUMN(column, meaning) "\t" #column
#define TABLE			    "class" VMTRACE_CLASS_COLUMNS(ADD_COLUMN) "\n"

static int parse(const char *text)
{
	memset(&stats, 0x5a, sizeof(stats));
	strcpy(error.text, "");
	return parse_process("x", text, strlen(text), &stats, &error);
}

static void every_number_has_its_place(void)
{
	char text[4096] = "format:\t2\nname:\tx\nstate:\tlive\n";
	long long number = 1000, row;

#define PRINT(key, meaning) sprintf(text + strlen(text), #key ":\t%lld\n", number++);
	VMTRACE_PROCESS_NUMBERS(PRINT)
#undef PRINT
	strcat(text, TABLE);
	/* What else is wrong with it, the numbers are in their place. */
	CHECK_EQUAL(parse(text), -EPROTO);
	number = 1000;
#define COMPARE(key, meaning) CHECK_EQUAL(stats.key, number++);
	VMTRACE_PROCESS_NUMBERS(COMPARE)
#undef COMPARE

	for (row = 0; row < VMTRACE_CLASS_COUNT; row++) {
		long long sum = stats.minor + stats.major + stats.failed;
		long long faults = row ? 100 : sum - (VMTRACE_CLASS_COUNT - 1) * 100;

		sprintf(text + strlen(text), "class-%lld\t%lld", row, faults);
		for (int i = 1; i < 10; i++)
			sprintf(text + strlen(text), "\t%lld", 10 * row + i);
		strcat(text, "\n");
	}
	CHECK_EQUAL(parse(text), 0);
	CHECK_EQUAL(stats.classes, VMTRACE_CLASS_COUNT);
	for (row = 0; row < VMTRACE_CLASS_COUNT; row++) {
		const struct class_stats *class = &stats.class[row];
		char name[32];

		sprintf(name, "class-%lld", row);
		CHECK_EQUAL(strcmp(class->name, name), 0);
		CHECK_EQUAL(class->major, 10 * row + 1);
		CHECK_EQUAL(class->pages, 10 * row + 2);
		CHECK_EQUAL(class->tables, 10 * row + 3);
		CHECK_EQUAL(class->total_ns, 10 * row + 4);
		CHECK_EQUAL(class->asleep_ns, 10 * row + 5);
		CHECK_EQUAL(class->p50_ns, 10 * row + 6);
		CHECK_EQUAL(class->p90_ns, 10 * row + 7);
		CHECK_EQUAL(class->p99_ns, 10 * row + 8);
		CHECK_EQUAL(class->max_ns, 10 * row + 9);
	}
	CHECK_EQUAL(stats.class[1].faults, 100);
}

static void good_files_are_read(void)
{
	CHECK_EQUAL(read_fixture("good", 4242), 0);
	CHECK_EQUAL(strcmp(stats.name, "bash"), 0);
	CHECK_EQUAL(strcmp(stats.state, VMTRACE_STATE_LIVE), 0);
	CHECK_EQUAL(stats.pid, 4242);
	CHECK_EQUAL(stats.start_ns, 81234567890);
	CHECK_EQUAL(stats.kernel_minor, 1234);
	CHECK_EQUAL(stats.origin_kernel, 61);
	CHECK_EQUAL(stats.classes, 5);
	CHECK_EQUAL(strcmp(stats.class[4].name, "file-miss"), 0);
	CHECK_EQUAL(stats.class[4].faults, 2);
	CHECK_EQUAL(stats.class[4].max_ns, 204310);
	CHECK_EQUAL(read_fixture("good", SOURCE_SELF), 0);
	CHECK_EQUAL(stats.pid, 77);
	CHECK_EQUAL(stats.classes, 2);
	CHECK_EQUAL(read_fixture("good", 17), 0);
	CHECK_EQUAL(stats.classes, 0);
	CHECK_EQUAL(read_fixture("good", 13), 0);
	CHECK_EQUAL(stats.unobserved, -6);
}

static void what_was_appended_later_is_skipped(void)
{
	CHECK_EQUAL(read_fixture("good", 16), 0);
	CHECK_EQUAL(strcmp(stats.name, "appended"), 0);
	CHECK_EQUAL(stats.minor, 1234);
	CHECK_EQUAL(stats.classes, 5);
	CHECK_EQUAL(stats.class[0].max_ns, 9876);
}

/* It is shown like the others: what it took may be the answer. */
static void a_later_class_is_kept(void)
{
	CHECK_EQUAL(read_fixture("good", 16), 0);
	CHECK_EQUAL(strcmp(stats.class[4].name, "file-later"), 0);
	CHECK_EQUAL(stats.class[4].total_ns, 402310);
}

static void names_are_made_harmless(void)
{
	CHECK_EQUAL(read_fixture("good", 15), 0);
	CHECK_EQUAL(strcmp(stats.name, "?[31m?\xc3\xa9"
				       "a\nb\\c\\012d"),
		    0);
}

static void name_of(const char *bytes, size_t length, const char *should)
{
	char text[2048] = "format:\t2\nstate:\tlive\n";
	size_t used;

#define PRINT(key, meaning) strcat(text, #key ":\t0\n");
	VMTRACE_PROCESS_NUMBERS(PRINT)
#undef PRINT
	strcat(text, "name:\t");
	used = strlen(text);
	memcpy(text + used, bytes, length);
	used += length;
	used += (size_t)sprintf(text + used, "\n" TABLE);
	CHECK_EQUAL(parse_process("x", text, used, &stats, &error), 0);
	if (strcmp(stats.name, should) != 0) {
		printf("# name is \"%s\", not \"%s\"\n", stats.name, should);
		unit_failures++;
	}
}

static void only_utf8_passes(void)
{
	name_of("\xe2\x82\xac", 3, "\xe2\x82\xac");	    /* euro */
	name_of("\xf0\x9f\x90\xa7", 4, "\xf0\x9f\x90\xa7"); /* penguin */
	name_of("\xe2\x82", 2, "??");			    /* cut off */
	name_of("\xc0\xaf", 2, "??");			    /* overlong */
	name_of("\xed\xa0\x80", 3, "???");		    /* surrogate */
	name_of("\xf4\x90\x80\x80", 4, "????");		    /* beyond Unicode */
	name_of("\xf8\x88\x80\x80\x80", 5, "?????");
	name_of("\xc2\x9b", 2, "?"); /* CSI: steers terminals too */
	name_of("a\0b\x7f", 4, "a?b?");
}

/* A newline and a backslash, in octal: nothing else is undone, and nothing twice. */
static void only_the_two_escapes_are_undone(void)
{
	name_of("\\012", 4, "\n");
	name_of("\\134", 4, "\\");
	name_of("\\134n", 5, "\\n");
	name_of("\\134134", 7, "\\134");
	name_of("\\n", 2, "\\n");
	name_of("\\\\", 2, "\\\\");
	name_of("\\033", 4, "\\033");
	name_of("\\01", 3, "\\01");
	name_of("\\", 1, "\\");
}

static void bad_files_are_refused(void)
{
	check_refused(1, -EPROTONOSUPPORT,
		      "format 3 is newer than this tool understands: update vmtrace");
	check_refused(2, -EPROTONOSUPPORT, "format 0 is older");
	check_refused(3, -EPROTO, "middle of a line");
	check_refused(4, -EPROTO, "uid is not a number");
	check_refused(5, -EPROTO, "minor is not a number");
	check_refused(6, -EPROTO, "minor is too large");
	check_refused(7, -EPROTO, "dropped is missing");
	check_refused(8, -EPROTO, "minor is there twice");
	check_refused(9, -EPROTO, "middle of a line");
	check_refused(10, -EPROTO, "name is too long");
	check_refused(11, -EPROTO, "format number");
	check_refused(12, -EPROTO, "uid is not a number");
	check_refused(13, -EPROTO, "the class table is missing");
}

static const char *good_file(void)
{
	static char text[4096];
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/good/proc/vmtrace/4242", getenv("FIXTURES"));
	file = fopen(path, "r");
	CHECK(file != NULL);
	memset(text, 0, sizeof(text));
	if (file) {
		CHECK(fread(text, 1, sizeof(text) - 1, file) > 0);
		fclose(file);
	}
	return text;
}

/* At whatever byte a file is cut, it is refused: also between two lines of the table. */
static void truncated_files_are_refused(void)
{
	const char *text = good_file();
	size_t length = strlen(text);

	CHECK_EQUAL(parse_process("x", text, length, &stats, &error), 0);
	for (size_t cut = 0; cut < length; cut++)
		CHECK(parse_process("x", text, cut, &stats, &error) == -EPROTO);
}

/* The good file with one piece of it replaced. */
static int parse_edited(const char *from, const char *to)
{
	const char *good = good_file(), *at = strstr(good, from);
	char text[8192];

	CHECK(at != NULL);
	if (!at)
		return 0;
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	return parse(text);
}

static void broken_tables_are_refused(void)
{
	static const struct {
		const char *from, *to, *why; /* cppcheck-suppress unusedStructMember */
	} edits[] = {
		{ TABLE, "", "the class table is missing" },
		{ TABLE, "Class\tfaults\n", "the class table is missing" },
		{ TABLE, TABLE TABLE, "a number" },
		{ TABLE, TABLE "\n" TABLE, "the class table is there twice" },
		{ TABLE, "class\n", "column faults is missing or misplaced" },
		{ "\tmax_ns", "", "column max_ns is missing or misplaced" },
		{ "\tmajor\t", "\t", "column major is missing or misplaced" },
		{ "faults\tmajor", "major\tfaults", "column faults is missing or misplaced" },
		{ "faults\tmajor", "faults\tfaults", "column major is missing or misplaced" },
		{ "\tmax_ns", "\tmax_ns\tfaults", "column faults is there twice" },
		{ "\tmax_ns", "\tmax_ns\tlater", "class anon has 10 of 11 numbers" },
		{ "\t9876", "", "class anon has 9 of 10 numbers" },
		{ "\t9876", "\t9876\t1", "class anon has 11 of 10 numbers" },
		{ "\t9876", "\t", "max_ns of class anon is not a number" },
		{ "\t9876", "\t9876 ", "max_ns of class anon is not a number" },
		{ "\t9876", "\t-1", "max_ns of class anon is not a number" },
		{ "\t9876", "\t9223372036854775808", "max_ns of class anon is too large" },
		{ "anon\t700\t", "anon\tx\t", "faults of class anon is not a number" },
		{ "zero\t", "anon\t", "class anon is there twice" },
		{ "zero\t34", "zero\t35", "do not add up to minor + major + failed" },
		{ "zero\t34", "zero\t33", "do not add up to minor + major + failed" },
		{ "failed:\t0", "failed:\t1", "do not add up to minor + major + failed" },
		{ "zero\t", "\t", "does not begin with a class" },
		{ "zero\t", "Zero\t", "does not begin with a class" },
		{ "zero\t", "zero:\t", "does not begin with a class" },
		{ "zero\t", "ze\033ro\t", "does not begin with a class" },
		{ "zero\t", "z\xc3\xa9ro\t", "does not begin with a class" },
		{ "zero\t", "a-name-that-is-very-long\t", "does not begin with a class" },
		{ "zero\t34\t", "zero ", "does not begin with a class" },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		CHECK_EQUAL(parse_edited(edits[i].from, edits[i].to), -EPROTO);
		if (!strstr(error.text, edits[i].why)) {
			printf("# edit %zu: \"%s\" lacks \"%s\"\n", i, error.text, edits[i].why);
			unit_failures++;
		}
		CHECK(!strchr(error.text, '\n') && !strchr(error.text, '\033'));
	}
}

static void harmless_edits_are_read(void)
{
	CHECK_EQUAL(parse_edited("zero\t", "a-name-that-just-fits-1\t"), 0);
	CHECK_EQUAL(strcmp(stats.class[1].name, "a-name-that-just-fits-1"), 0);
	CHECK_EQUAL(parse_edited("\t9876", "\t9223372036854775807"), 0);
	CHECK(stats.class[0].max_ns == 9223372036854775807);
	CHECK_EQUAL(parse_edited("\t204310\n", "\t204310\n\nx\ty\n"), 0);
	CHECK_EQUAL(stats.classes, 5);
}

static void too_many_classes_are_refused(void)
{
	char rows[8192] = TABLE;

	for (int i = 0; i < SOURCE_CLASSES - 5; i++)
		sprintf(rows + strlen(rows), "c%d\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\n", i);
	CHECK_EQUAL(parse_edited(TABLE, rows), 0);
	CHECK_EQUAL(stats.classes, SOURCE_CLASSES);
	CHECK_EQUAL(strcmp(stats.class[SOURCE_CLASSES - 1].name, "file-miss"), 0);
	strcat(rows, "more\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\n");
	CHECK_EQUAL(parse_edited(TABLE, rows), -EPROTONOSUPPORT);
	CHECK(strstr(error.text, "more classes than this tool understands: update vmtrace"));
}

static long faults_of_self(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

/* A lab reads twice: what the second fills must be in memory since the first. */
static void more_classes_take_no_page_fault(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 3 * page + sizeof(stats);
	char path[256], *fresh = mmap(NULL, size, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct process_stats *split;
	long faults;

	CHECK(fresh != MAP_FAILED);
	if (fresh == MAP_FAILED)
		return;
	/* Only the first class is in the page of the other numbers. */
	split = (struct process_stats *)(fresh + 2 * page -
					 offsetof(struct process_stats, class[1]));
	snprintf(path, sizeof(path), "%s/good", getenv("FIXTURES"));
	setenv("VMTRACE_ROOT", path, 1);
	source_prepare();
	CHECK_EQUAL(source_process(19, &stats, &error), 0);
	CHECK_EQUAL(source_process(17, split, &error), 0);
	faults = faults_of_self();
	CHECK_EQUAL(source_process(19, split, &error), 0);
	CHECK_EQUAL(faults_of_self() - faults, 0);
	CHECK_EQUAL(split->classes, VMTRACE_CLASS_COUNT);
	munmap(fresh, size);
}

static void the_summary_and_the_total_are_read(void)
{
	struct summary_stats summary;
	struct total_stats total;

	read_fixture("good", SOURCE_SELF);
	CHECK_EQUAL(source_summary(&summary, &error), 0);
	CHECK_EQUAL(strcmp(summary.hook, "kretprobe"), 0);
	CHECK_EQUAL(summary.max_threads, 32768);
	CHECK_EQUAL(summary.dropped, 0);
	CHECK_EQUAL(source_total(&total, &error), 0);
	CHECK_EQUAL(total.kernel_minor, 99000);
	CHECK_EQUAL(total.retried, 7);
}

static void no_module_is_not_an_unknown_pid(void)
{
	struct summary_stats summary;
	struct total_stats total;
	char root[4096];

	CHECK_EQUAL(read_fixture("nowhere", 4242), -ENODEV);
	CHECK(strstr(error.text, "is the module loaded?") != NULL);
	CHECK_EQUAL(read_fixture("good", 99), -ENOENT);
	CHECK(strstr(error.text, "no such process") != NULL);
	/* There are other files than those of processes. */
	setenv("VMTRACE_ROOT", strcat(strcpy(root, getenv("FIXTURES")), "/bad"), 1);
	CHECK_EQUAL(source_total(&total, &error), -ENOENT);
	CHECK(strstr(error.text, "do the versions of tool and module match?") != NULL);
	CHECK_EQUAL(source_summary(&summary, &error), -ENOENT);
	CHECK(strstr(error.text, "process") == NULL);
}

static void a_long_root_is_refused(void)
{
	static char root[8192];

	memset(root, 'x', sizeof(root) - 1);
	setenv("VMTRACE_ROOT", root, 1);
	CHECK_EQUAL(source_process(1, &stats, &error), -ENAMETOOLONG);
}

int main(void)
{
	RUN(every_number_has_its_place);
	RUN(good_files_are_read);
	RUN(what_was_appended_later_is_skipped);
	RUN(a_later_class_is_kept);
	RUN(names_are_made_harmless);
	RUN(only_utf8_passes);
	RUN(only_the_two_escapes_are_undone);
	RUN(bad_files_are_refused);
	RUN(truncated_files_are_refused);
	RUN(broken_tables_are_refused);
	RUN(harmless_edits_are_read);
	RUN(too_many_classes_are_refused);
	RUN(more_classes_take_no_page_fault);
	RUN(the_summary_and_the_total_are_read);
	RUN(no_module_is_not_an_unknown_pid);
	RUN(a_long_root_is_refused);
	return 0;
}
