/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file.h - files of the kernel's, below the directory that stands for /
 *
 * Functions that return an int return a negative errno for what cannot be read.
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

/* fopen() for reading, of file_path(); NULL with errno set. */
__attribute__((format(printf, 1, 2))) FILE *file_open(const char *format, ...);

/* read() until size bytes are there or the file ends. Returns how many. Allocates nothing. */
ssize_t file_fill(int fd, char *text, size_t size);

/*
 * All that is left of a file, whatever its size, in memory that is to be freed. NULL with errno
 * set.
 */
char *file_read_all(int fd, size_t *length);

/* The beginning of a file at most size - 1 bytes long, and a NUL. Returns its length. */
int file_read(const char *path, char *text, size_t size);

/* The first line, without its newline. Returns 0, or -ENODATA if it is empty. */
int file_line(const char *path, char *text, size_t size);

#endif /* VMTRACE_LIB_FILE_H */
