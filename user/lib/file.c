// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

const char *root_prefix(void)
{
	const char *root = getenv("VMTRACE_ROOT");

	return root ? root : "";
}

static int set_path(char path[PATH_MAX], const char *format, va_list arguments)
{
	size_t used = strlen(root_prefix());
	int length;

	if (used >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(path, root_prefix());
	length = vsnprintf(path + used, PATH_MAX - used, format, arguments);
	return length < 0 || (size_t)length >= PATH_MAX - used ? -ENAMETOOLONG : 0;
}

int file_path(char path[PATH_MAX], const char *format, ...)
{
	va_list arguments;
	int err;

	va_start(arguments, format);
	err = set_path(path, format, arguments);
	va_end(arguments);
	return err;
}

FILE *file_open(const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;
	int err;

	va_start(arguments, format);
	err = set_path(path, format, arguments);
	va_end(arguments);
	if (!err)
		return fopen(path, "re");
	errno = -err;
	return NULL;
}

ssize_t file_fill(int fd, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got;

	do {
		got = read(fd, text + length, size - length);
		if (got > 0)
			length += (size_t)got;
	} while ((got > 0 && length < size) || (got < 0 && errno == EINTR));
	return got < 0 ? -errno : (ssize_t)length;
}

char *file_read_all(int fd, size_t *length)
{
	size_t size = 64 * 1024;
	char *text = malloc(size), *larger;
	ssize_t got;

	*length = 0;
	while (text) {
		got = file_fill(fd, text + *length, size - *length);
		if (got < 0) {
			free(text);
			errno = (int)-got;
			return NULL;
		}
		*length += (size_t)got;
		if (*length < size)
			break;
		size *= 2;
		larger = realloc(text, size);
		if (!larger)
			free(text);
		text = larger;
	}
	return text;
}

int file_read(const char *path, char *text, size_t size)
{
	char real[PATH_MAX];
	ssize_t length;
	int fd, err = file_path(real, "%s", path);

	if (err)
		return err;
	fd = open(real, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	length = file_fill(fd, text, size - 1);
	close(fd);
	text[length < 0 ? 0 : length] = '\0';
	return (int)length;
}

int file_line(const char *path, char *text, size_t size)
{
	int length = file_read(path, text, size);

	if (length < 0)
		return length;
	text[strcspn(text, "\n")] = '\0';
	return text[0] ? 0 : -ENODATA;
}
