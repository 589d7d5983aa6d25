// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "machine.h"
#include "util.h"

static int below_root(const char *path, char *real)
{
	int length = snprintf(real, PATH_MAX, "%s%s", root_prefix(), path);

	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int machine_look(const char *path)
{
	char real[PATH_MAX];
	int err = below_root(path, real);

	if (err)
		return err;
	return access(real, F_OK) == 0 ? 0 : -errno;
}

int machine_read(const char *path, char *text, size_t size)
{
	char real[PATH_MAX];
	size_t length = 0;
	ssize_t got;
	int fd, err;

	err = below_root(path, real);
	if (err)
		return err;
	fd = open(real, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		got = read(fd, text + length, size - 1 - length);
		if (got > 0)
			length += (size_t)got;
	} while ((got > 0 && length < size - 1) || (got < 0 && errno == EINTR));
	err = got < 0 ? -errno : 0;
	close(fd);
	text[length] = '\0';
	return err ? err : (int)length;
}

int machine_line(const char *path, char *text, size_t size)
{
	int length = machine_read(path, text, size);

	if (length < 0)
		return length;
	text[strcspn(text, "\n")] = '\0';
	return text[0] ? 0 : -ENODATA;
}

int machine_switch(const char *path)
{
	char text[16];
	int err = machine_line(path, text, sizeof(text));

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
	/* After a tab comes the module that a symbol belongs to: not the kernel's own. */
	return strncmp(line, text, length) == 0 &&
	       (line[length] == '\0' || line[length] == '\n' || line[length] == ' ');
}

int machine_find(const char *path, int first, const char *text)
{
	char real[PATH_MAX];
	int found = below_root(path, real);
	char *line = NULL;
	size_t room = 0;
	FILE *file;

	if (found)
		return found;
	file = fopen(real, "re");
	if (!file)
		return -errno;
	found = -ENODATA;
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
	int err = machine_line("/proc/sys/kernel/arch", text, size);
	struct utsname names;

	/* That file is there since 6.1. */
	if (!err || *root_prefix())
		return err;
	if (uname(&names) != 0)
		return -errno;
	snprintf(text, size, "%s", names.machine);
	return 0;
}

int machine_capable(unsigned long long mask)
{
	static const char key[] = "\nCapEff:\t";
	char text[4096];
	const char *value;
	char *end;
	unsigned long long effective;
	int length = machine_read("/proc/self/status", text, sizeof(text));

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
