// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/file.h"
#include "sources/machine.h"

int machine_access(const char *path)
{
	char real[PATH_MAX];
	int err = file_path(real, "%s", path);

	if (err)
		return err;
	return access(real, F_OK) == 0 ? 0 : -errno;
}

int machine_switch(const char *path)
{
	char text[16];
	int err = file_line(path, text, sizeof(text));

	if (err)
		return err;
	if (strcmp(text, "0") == 0 || strcmp(text, "N") == 0)
		return 0;
	return strcmp(text, "1") == 0 || strcmp(text, "Y") == 0 ? 1 : -EPROTO;
}

static bool has_fields(const char *line, int first, const char *text)
{
	size_t length = strlen(text);

	line += strspn(line, " \t");
	for (; first > 1; first--) {
		line += strcspn(line, " \t");
		line += strspn(line, " \t");
	}
	/* A tab follows the symbol of a module, which is not one of the kernel itself. */
	return strncmp(line, text, length) == 0 &&
	       (line[length] == '\0' || line[length] == '\n' || line[length] == ' ');
}

int machine_find(const char *path, int first, const char *text)
{
	FILE *file = file_open("%s", path);
	int found = -ENODATA;
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return -errno;
	errno = 0;
	while (found != 1 && getline(&line, &room, file) > 0)
		found = has_fields(line, first, text);
	if (ferror(file))
		found = errno ? -errno : -EIO;
	free(line);
	fclose(file);
	return found;
}

int machine_mounted(const char *where, const char *type)
{
	char fields[128];

	snprintf(fields, sizeof(fields), "%s %s", where, type);
	return machine_find("/proc/self/mounts", 2, fields);
}

int machine_architecture(char *text, size_t size)
{
	int err = file_line("/proc/sys/kernel/arch", text, size);
	struct utsname names;

	/* The file exists since 6.1. */
	if (!err || *root_prefix())
		return err;
	if (uname(&names) != 0)
		return -errno;
	snprintf(text, size, "%s", names.machine);
	return 0;
}

bool machine_is_initial_namespace(void)
{
	struct stat stat;
	char path[PATH_MAX];

	/* PROC_PID_INIT_INO of the kernel. */
	return file_path(path, "/proc/self/ns/pid") != 0 ||
	       fstatat(AT_FDCWD, path, &stat, 0) != 0 || stat.st_ino == 0xeffffffcU;
}

int machine_capable(unsigned long long mask)
{
	static const char key[] = "\nCapEff:\t";
	char text[4096];
	const char *value;
	char *end;
	unsigned long long effective;
	int length = file_read("/proc/self/status", text, sizeof(text));

	if (length < 0)
		return length;
	value = strstr(text, key);
	if (!value)
		return -EPROTO;
	value += sizeof(key) - 1;
	effective = strtoull(value, &end, 16);
	if (end == value || *end != '\n')
		return -EPROTO;
	return (effective & mask) != 0;
}
