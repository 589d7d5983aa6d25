/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file.h - read files below the directory that stands for /
 *
 * Functions that return an int or a ssize_t return a negative errno on failure.
 */
#ifndef VMTRACE_LIB_FILE_H
#define VMTRACE_LIB_FILE_H

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* The directory that stands for /: $VMTRACE_ROOT, or "". */
const char *root_prefix(void);

/* root_prefix() and a path that begins with "/". Returns 0 or -ENAMETOOLONG. */
__attribute__((format(printf, 2, 3))) int file_path(char path[PATH_MAX], const char *format, ...);

/* Open file_path() for reading. Returns NULL with errno set on failure. */
__attribute__((format(printf, 1, 2))) FILE *file_open(const char *format, ...);

/*
 * read() until size bytes are read or the file ends. Returns the number of bytes. Allocates
 * nothing.
 */
ssize_t file_fill(int fd, char *text, size_t size);

/*
 * Read the rest of a file, whatever its size. The caller frees it. Returns NULL with errno set on
 * failure.
 */
char *file_read_all(int fd, size_t *length);

/* Read at most size - 1 bytes of a file, and add a NUL. Returns the length. */
int file_read(const char *path, char *text, size_t size);

/* Read the first line of a file, without its newline. Returns 0, or -ENODATA if it is empty. */
int file_line(const char *path, char *text, size_t size);

#endif /* VMTRACE_LIB_FILE_H */
