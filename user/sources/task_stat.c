// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/number.h"
#include "sources/task_stat.h"

unsigned long task_threads(pid_t pid)
{
	unsigned long threads = 0;
	char path[32], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && !threads && fgets(line, sizeof(line), file))
		if (strncmp(line, "Threads:", 8) == 0)
			threads = strtoul(line + 8, NULL, 10);
	if (file)
		fclose(file);
	return threads;
}

bool task_parse_children(const char *text, unsigned long long *minor, unsigned long long *major)
{
	enum {
		STATE = 3, /* the first one after the name; numbers as in proc(5) */
		CHILDREN_MINOR = 11,
		CHILDREN_MAJOR = 13
	};
	/* The name, in parentheses, may contain any character. */
	const char *at = strrchr(text, ')');

	if (!at || at[1] != ' ')
		return false;
	at += 2;
	for (int field = STATE; field <= CHILDREN_MAJOR; field++) {
		size_t length = strcspn(at, " ");

		if ((field == CHILDREN_MINOR && parse_digits(at, length, ULLONG_MAX, minor) != 0) ||
		    (field == CHILDREN_MAJOR && parse_digits(at, length, ULLONG_MAX, major) != 0))
			return false;
		at += length + (at[length] == ' ');
	}
	return true;
}

bool task_children(pid_t pid, unsigned long long *minor, unsigned long long *major)
{
	char path[32], text[1024] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return task_parse_children(text, minor, major);
}
