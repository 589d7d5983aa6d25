// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "labs/lib/blocks.h"
#include "labs/lib/disk_file.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"
#include "lib/array.h"

#define DROP_SECONDS 10 /* deadline for dropping a file */
#define READ_SECONDS 20 /* deadline for reading a file ahead */

size_t memory_windows(const void *block, size_t pages)
{
	const size_t page = sysconf(_SC_PAGESIZE), in_table = page / sizeof(uint64_t);
	long long bytes = memory_setting("/sys/kernel/debug/fault_around_bytes");
	size_t around, faults = 0, next = 0;

	/* Only root may read it; this is the default of all kernels. */
	if (bytes <= 0)
		bytes = 65536;
	around = (size_t)bytes > page ? (size_t)bytes / page : 1;
	while (next < pages) {
		size_t index = ((uintptr_t)block / page + next) % in_table; /* in the page table */
		size_t before = index % around;
		size_t from = index - (before < next ? before : next), end = from + around;

		/* A window that begins with the mapping may be unaligned, but is not shorter. */
		if (end > in_table)
			end = in_table;
		next += end - index;
		faults++;
	}
	return faults;
}

/*
 * Write page by page, since a larger write may make larger folios; random bytes, which no file
 * system can compress.
 */
static int fill(int fd, size_t pages)
{
	size_t bytes = sysconf(_SC_PAGESIZE);
	char *page = malloc(bytes);
	int err = page ? 0 : ENOMEM;

	for (size_t i = 0; !err && i < pages; i++) {
		if (getrandom(page, bytes, 0) < 0)
			err = errno;
		page[0] = 0;
		if (!err && pwrite(fd, page, bytes, (off_t)(i * bytes)) != (ssize_t)bytes)
			err = ENOSPC;
	}
	free(page);
	if (!err && fsync(fd) != 0)
		err = errno;
	return err;
}

int memory_disk_file(struct lab *lab, size_t pages)
{
	const char *dir = getenv("TMPDIR");
	struct statfs fs;
	char path[PATH_MAX];
	int fd, err;

	if (!dir || !dir[0])
		dir = "/var/tmp";
	snprintf(path, sizeof(path), "%s/vmtrace-lab-XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0) {
		lab_skip(lab, "no file can be made in %s (%s): set TMPDIR to a directory on a disk",
			 dir, strerror(errno));
		return -1;
	}
	unlink(path);
	if (fstatfs(fd, &fs) != 0 || fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC ||
	    fs.f_type == OVERLAYFS_SUPER_MAGIC) {
		lab_skip(lab,
			 "%s is on tmpfs, ramfs or an overlay: set TMPDIR to a directory on a disk",
			 dir);
		close(fd);
		return -1;
	}
	err = fill(fd, pages);
	if (err) {
		lab_skip(
			lab,
			"%s cannot be filled in %s (%s): set TMPDIR to a directory on another disk",
			lab_count_of(pages, "page", "pages"), dir, strerror(err));
		close(fd);
		return -1;
	}
	return fd;
}

char *memory_map_file(struct lab *lab, int fd, size_t pages, int protection, int flags)
{
	size_t bytes = pages * lab->page_size;
	char *file = mmap(NULL, bytes, protection, flags, fd, 0);

	if (file == MAP_FAILED)
		return NULL;
	lab_own(lab, file, bytes);
	return file;
}

long long memory_read_around(int fd)
{
	static const char *const places[] = { "queue", "../queue" }; /* of a disk, a partition */
	long long kilobytes = -1;
	struct stat st;
	char path[96];

	if (fstat(fd, &st) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(places) && kilobytes < 0; i++) {
		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s/read_ahead_kb",
			 major(st.st_dev), minor(st.st_dev), places[i]);
		kilobytes = memory_setting(path);
	}
	return kilobytes < 0 ? -1 : kilobytes * 1024;
}

long long memory_cached(const void *file, size_t pages)
{
	unsigned char *present = malloc(pages);
	long long count = 0;

	if (!present || mincore((void *)file, pages * sysconf(_SC_PAGESIZE), present) != 0)
		count = -1;
	for (size_t i = 0; count >= 0 && i < pages; i++)
		count += present[i] & 1;
	free(present);
	return count;
}

void memory_await_unlocked(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

long long memory_await_cached(const void *file, size_t pages)
{
	time_t end = time(NULL) + READ_SECONDS;

	while (memory_cached(file, pages) != (long long)pages && time(NULL) < end)
		usleep(1000);
	memory_await_unlocked();
	return memory_cached(file, pages);
}

bool memory_drop_file(int fd, const void *file, size_t pages)
{
	time_t end = time(NULL) + DROP_SECONDS;

	do {
		if (posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
			return false;
		if (memory_cached(file, pages) == 0)
			return true;
	} while (time(NULL) < end);
	return false;
}
