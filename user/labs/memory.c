// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "memory.h"
#include "walk_source.h"

static struct walk_stats walk;

/* The walk of an address into walk; false if it cannot be had, or hides its entries. */
static bool look(int pid, const void *address)
{
	struct source_error error;

	if (source_walk(pid ? pid : getpid(), (uintptr_t)address, &walk, &error) != 0)
		return false;
	/* Without CAP_SYS_ADMIN the module prints zeros. */
	return walk.level[WALK_LEVELS - 1].kind != VMTRACE_WALK_KIND_TABLE ||
	       walk.level[WALK_LEVELS - 1].entry != 0;
}

bool memory_entries_visible(void)
{
	return look(0, &walk);
}

static const char *entry_text(char text[LAB_WORDS])
{
	const struct walk_level *end = walk_end(&walk);
	const char *kind = walk_kinds[end->kind];

	if (end->kind != VMTRACE_WALK_KIND_PRESENT && end->kind != VMTRACE_WALK_KIND_HUGE)
		return kind;
	if (end->kind == VMTRACE_WALK_KIND_HUGE)
		kind = "huge page";
	if (walk.page_kind == VMTRACE_WALK_PAGE_ZERO)
		kind = "zero page";
	snprintf(text, LAB_WORDS, "%s, %s", kind,
		 end->flags & 1U << VMTRACE_WALK_FLAG_WRITE ? "writable" : "read-only");
	return text;
}

void memory_entry(struct lab *lab, const char *name, int pid, const void *address,
		  const char *predicted)
{
	char text[LAB_WORDS];

	if (look(pid, address))
		lab_fact(lab, name, predicted, entry_text(text));
	else
		lab_note(lab, name, "shown to root only");
}

unsigned long long memory_frame(int pid, const void *address)
{
	return look(pid, address) && walk_end(&walk)->pfn > 0 ? walk_end(&walk)->pfn : 0;
}

/* The number of kB behind "key:" in a line. */
static bool read_kilobytes(const char *line, const char *key, long long *bytes)
{
	size_t length = strlen(key);

	if (strncmp(line, key, length) != 0 || line[length] != ':')
		return false;
	*bytes = 1024 * strtoll(line + length + 1, NULL, 10);
	return true;
}

long long memory_of_mapping(int pid, const void *address, const char *key)
{
	unsigned long start, end;
	bool inside = false;
	long long bytes = -1;
	char path[32], *line = NULL;
	size_t room = 0;
	FILE *smaps;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid ? pid : getpid());
	smaps = fopen(path, "re");
	while (smaps && bytes < 0 && getline(&line, &room, smaps) > 0) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = (uintptr_t)address >= start && (uintptr_t)address < end;
		else if (inside)
			read_kilobytes(line, key, &bytes);
	}
	free(line);
	if (smaps)
		fclose(smaps);
	return bytes;
}

long long memory_of_process(const char *key)
{
	FILE *status = fopen("/proc/self/status", "re");
	long long bytes = -1;
	char line[256];

	while (status && bytes < 0 && fgets(line, sizeof(line), status))
		read_kilobytes(line, key, &bytes);
	if (status)
		fclose(status);
	return bytes;
}

long long memory_setting(const char *path)
{
	FILE *file = fopen(path, "re");
	long long number = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%lld", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

bool memory_set(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

bool memory_dirty_by_cpu(const void *address)
{
	return look(0, address) && walk.hw_dirty;
}

bool memory_kernel_is(int major, int minor)
{
	struct utsname name;
	int is_major, is_minor;

	if (uname(&name) != 0 || sscanf(name.release, "%d.%d", &is_major, &is_minor) != 2)
		return false;
	return is_major > major || (is_major == major && is_minor >= minor);
}
