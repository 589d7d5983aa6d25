// SPDX-License-Identifier: GPL-2.0
/*
 * The files of the kernel that doctor and stat read, almost good.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "lib/file.h"
#include "mutate.h"
#include "sources/checks.h"
#include "sources/finding.h"
#include "sources/machine.h"
#include "sources/task_stat.h"
#include "unit.h"

#define FILES_MAX 64

/* The machine of fixtures/machine.txt. */
static struct file {
	char path[128];
	char text[8192];
	size_t length;
} files[FILES_MAX];
static size_t file_count;

static void add_line(const char *path, const char *line)
{
	struct file *file = files;

	while (file < files + file_count && strcmp(file->path, path) != 0)
		file++;
	if (file == files + FILES_MAX)
		abort();
	if (file == files + file_count) {
		file_count++;
		snprintf(file->path, sizeof(file->path), "%s", path);
	}
	file->length += (size_t)snprintf(file->text + file->length,
					 sizeof(file->text) - file->length, "%s\n", line);
}

static void load_machine(void)
{
	static char text[65536];
	char *line, *rest = text, *bar;

	text[load_fixture("machine.txt", text, sizeof(text) - 1)] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL) {
		bar = strchr(line, '|');
		if (*line == '#' || !bar)
			continue;
		*bar = '\0';
		add_line(line, bar + 1);
	}
	CHECK(file_count > 10);
}

static void write_file(const struct file *file, const char *text, size_t length)
{
	char path[PATH_MAX];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", getenv("VMTRACE_ROOT"), file->path);
	for (char *slash = path + 1; (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	stream = fopen(path, "w");
	CHECK(stream && fwrite(text, 1, length, stream) == length);
	if (stream)
		fclose(stream);
}

static bool fit_for_terminal(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* Every check says something that a terminal may see. Returns the worst that one says. */
static enum check_status run_checks(void)
{
	enum check_status worst = CHECK_OMITTED;
	struct machine_facts facts;

	checks_gather(&facts);
	for (size_t i = 0; i < checks_count; i++) {
		struct finding finding = checks[i].run(&facts);

		if (finding.status == CHECK_OMITTED)
			continue;
		CHECK(finding.status <= CHECK_FAIL);
		CHECK(strnlen(finding.found, sizeof(finding.found)) < sizeof(finding.found));
		CHECK(strnlen(finding.remedy, sizeof(finding.remedy)) < sizeof(finding.remedy));
		CHECK(finding.found[0] && fit_for_terminal(finding.found));
		CHECK(fit_for_terminal(finding.remedy));
		if (finding.status > worst)
			worst = finding.status;
	}
	return worst;
}

/* They are read a piece at a time, too. */
static void read_pieces(const char *path)
{
	char text[64];
	int length;

	memset(text, 'x', sizeof(text));
	length = file_read(path, text, 1 + pick(sizeof(text)));
	CHECK(length >= 0 && length < (int)sizeof(text) && text[length] == '\0');
	if (file_line(path, text, 1 + pick(sizeof(text))) == 0)
		CHECK(text[0] && !strchr(text, '\n'));
	CHECK(machine_switch(path) <= 1);
	CHECK(machine_find(path, 1 + (int)pick(4), "0") <= 1);
}

static void mutated_machines(void)
{
	long iterations = iterations_of(1000), well = 0;
	static char root[512], text[16384];

	snprintf(root, sizeof(root), "%s/machine", getenv("TEST_TMP"));
	setenv("VMTRACE_ROOT", root, 1);
	mkdir(root, 0755);
	load_machine();
	for (size_t i = 0; i < file_count; i++)
		write_file(&files[i], files[i].text, files[i].length);
	for (long i = 0; i < iterations; i++) {
		const struct file *file = &files[pick(file_count)];
		char path[256];

		memcpy(text, file->text, file->length);
		write_file(file, text, mutate(text, file->length, sizeof(text)));
		well += run_checks() < CHECK_FAIL;
		snprintf(path, sizeof(path), "/%s", file->path);
		read_pieces(path);
		write_file(file, file->text, file->length);
	}
	CHECK(well > iterations / 4 && well < iterations);
	printf("# %ld of %ld are well\n", well, iterations);
}

static void mutated_stat_files(void)
{
	static const char seed[] = "4242 (a b) c) S 1 4242 4242 0 -1 4194560 99 55 11 66 3 4\n";
	long iterations = iterations_of(50000), accepted = 0, right = 0;
	char text[1024];

	for (long i = 0; i < iterations; i++) {
		unsigned long long minor = 1, major = 2;
		size_t length;
		char *exact;

		memcpy(text, seed, sizeof(seed));
		length = mutate(text, sizeof(seed) - 1, sizeof(text) - 1);
		text[length] = '\0';
		exact = exact_copy(text, length + 1);
		if (task_parse_children(exact, &minor, &major)) {
			accepted++;
			right += minor == 55 && major == 66;
			CHECK(strchr(exact, ')'));
		}
		free(exact);
	}
	CHECK(right > iterations / 8 && right < accepted && accepted < iterations);
	printf("# %ld of %ld accepted, %ld not changed by it\n", accepted, iterations, right);
}

static void a_stat_file(void)
{
	unsigned long long minor, major;

	CHECK(task_parse_children("1 () ) S 1 2 3 4 5 6 7 8 9 10", &minor, &major));
	CHECK_EQUAL(minor, 8);
	CHECK_EQUAL(major, 10);
	CHECK(!task_parse_children("1 () ) S 1 2 3 4 5 6 7 8 9", &minor, &major));
	CHECK(!task_parse_children("1 () ) S 1 2 3 4 5 6 7 -8 9 10", &minor, &major));
	CHECK(!task_parse_children("1 () ) S 1 2 3 4 5 6 7 8 9 x", &minor, &major));
	CHECK(!task_parse_children("1 ()", &minor, &major));
	CHECK(!task_parse_children("", &minor, &major));
}

int main(void)
{
	RUN(a_stat_file);
	RUN(mutated_stat_files);
	RUN(mutated_machines);
	return 0;
}
