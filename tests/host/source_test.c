// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "unit.h"

static struct process_stats stats;
static struct source_error error;

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

static void every_number_has_its_place(void)
{
	char text[2048] = "format:\t1\nname:\tx\nstate:\tlive\n";
	long long number = 1000;

#define PRINT(key, meaning) sprintf(text + strlen(text), #key ":\t%lld\n", number++);
	VMTRACE_PROCESS_NUMBERS(PRINT)
#undef PRINT
	CHECK_EQUAL(source_parse_process("x", text, strlen(text), &stats, &error), 0);
	number = 1000;
#define COMPARE(key, meaning) CHECK_EQUAL(stats.key, number++);
	VMTRACE_PROCESS_NUMBERS(COMPARE)
#undef COMPARE
}

static void good_files_are_read(void)
{
	CHECK_EQUAL(read_fixture("good", 4242), 0);
	CHECK_EQUAL(strcmp(stats.name, "bash"), 0);
	CHECK_EQUAL(strcmp(stats.state, VMTRACE_STATE_LIVE), 0);
	CHECK_EQUAL(stats.pid, 4242);
	CHECK_EQUAL(stats.start_ns, 81234567890);
	CHECK_EQUAL(stats.kernel_minor, 1234);
	CHECK_EQUAL(read_fixture("good", SOURCE_SELF), 0);
	CHECK_EQUAL(stats.pid, 77);
	CHECK_EQUAL(read_fixture("good", 13), 0);
	CHECK_EQUAL(stats.unobserved, -6);
}

static void what_was_appended_later_is_skipped(void)
{
	CHECK_EQUAL(read_fixture("good", 16), 0);
	CHECK_EQUAL(strcmp(stats.name, "appended"), 0);
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
	char text[2048] = "format:\t1\nstate:\tlive\n";
	size_t used;

#define PRINT(key, meaning) strcat(text, #key ":\t0\n");
	VMTRACE_PROCESS_NUMBERS(PRINT)
#undef PRINT
	strcat(text, "name:\t");
	used = strlen(text);
	memcpy(text + used, bytes, length);
	text[used + length] = '\n';
	CHECK_EQUAL(source_parse_process("x", text, used + length + 1, &stats, &error), 0);
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
		      "format 2 is newer than this tool understands: update vmtrace");
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
}

/* At whatever byte a file is cut, it is refused. */
static void truncated_files_are_refused(void)
{
	static char text[2048];
	char path[256];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/good/proc/vmtrace/4242", getenv("FIXTURES"));
	file = fopen(path, "r");
	CHECK(file != NULL);
	if (!file)
		return;
	length = fread(text, 1, sizeof(text), file);
	fclose(file);
	CHECK_EQUAL(source_parse_process("x", text, length, &stats, &error), 0);
	for (size_t cut = 0; cut < length; cut++)
		CHECK(source_parse_process("x", text, cut, &stats, &error) == -EPROTO);
}

static void the_summary_is_read(void)
{
	struct summary_stats summary;

	read_fixture("good", SOURCE_SELF);
	CHECK_EQUAL(source_summary(&summary, &error), 0);
	CHECK_EQUAL(strcmp(summary.hook, "kretprobe"), 0);
	CHECK_EQUAL(summary.max_threads, 32768);
	CHECK_EQUAL(summary.kernel_minor, 99000);
}

static void no_module_is_not_an_unknown_pid(void)
{
	CHECK_EQUAL(read_fixture("nowhere", 4242), -ENODEV);
	CHECK(strstr(error.text, "is the module loaded?") != NULL);
	CHECK_EQUAL(read_fixture("good", 99), -ENOENT);
	CHECK(strstr(error.text, "no such process") != NULL);
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
	RUN(names_are_made_harmless);
	RUN(only_utf8_passes);
	RUN(only_the_two_escapes_are_undone);
	RUN(bad_files_are_refused);
	RUN(truncated_files_are_refused);
	RUN(the_summary_is_read);
	RUN(no_module_is_not_an_unknown_pid);
	RUN(a_long_root_is_refused);
	return 0;
}
