// SPDX-License-Identifier: GPL-2.0
/*
 * major - minor or major: was the page in memory, or had it to be read?
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "labs.h"
#include "memory.h"

#define PAGES_MAX 64 /* of the file: in the last step each is read alone */
#define DEADLINE  20 /* seconds */

/* How much the kernel reads around a fault on this file, in bytes. */
static long long read_around(int fd)
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

/* Pages in memory, when all are or it takes too long: reading goes on when the fault is over. */
static long long wait_for_all(const char *file, size_t pages)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	time_t end = time(NULL) + DEADLINE;

	while (memory_cached(file, pages) != (long long)pages && time(NULL) < end)
		nanosleep(&moment, NULL);
	return memory_cached(file, pages);
}

/* Out of this process and out of the page cache. As measure() returns. */
static int forget(struct lab *lab, int fd, char *file, size_t pages)
{
	if (madvise(file, pages * lab->page_size, MADV_DONTNEED) != 0)
		return -errno;
	if (!memory_drop_file(fd, file, pages))
		return lab_skip(lab,
				"this file system keeps the file in the page cache: set TMPDIR "
				"to a directory on another disk");
	return 0;
}

static int measure_file(struct lab *lab, int fd, size_t pages, char *buffer)
{
	size_t page = lab->page_size, bytes = pages * page;
	char *file = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	int err;

	if (file == MAP_FAILED)
		return -errno;
	lab_own(lab, file, bytes);

	lab_begin(lab, "cached");
	lab_read(file, pages, page);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_FILE_HIT, memory_windows(file, pages));
	lab_explain(lab,
		    "%s of a file that was just written: all are in the page cache. A fault "
		    "maps its neighbours there, too: up to fault_around_bytes at once.",
		    lab_count_of(pages, "page", "pages"));

	err = forget(lab, fd, file, pages);
	if (err)
		return err;
	lab_begin(lab, "one page, dropped");
	lab_read(file, 1, page);
	lab_end(lab);
	lab_predict_major(lab, VMTRACE_CLASS_FILE_MISS, 1);
	lab_number(lab, "in memory after that", "pages", pages, wait_for_all(file, pages));
	lab_explain(lab, "The page cache was told to forget the file. This fault had to wait for "
			 "the disk, and the kernel reads around it as much as read_ahead_kb says.");

	/*
	 * The page at which the next read-ahead is to start is not mapped with its neighbours
	 * (PG_readahead, next_uptodate_folio(), mm/filemap.c): one fault more, which 6.1 even
	 * repeats and counts as major. Which page, depends on kernel and file system; 7.2 marks
	 * none if the file ends there (mm/readahead.c). read(2) takes the mark away.
	 */
	if (madvise(file, bytes, MADV_DONTNEED) != 0)
		return -errno;
	if (pread(fd, buffer, bytes, 0) != (ssize_t)bytes)
		return -EIO;
	lab_begin(lab, "all, read around");
	lab_read(file, pages, page);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_FILE_HIT, memory_windows(file, pages));
	lab_explain(lab, "Nothing is mapped (MADV_DONTNEED), but all is in memory, because of one "
			 "major fault: as cheap as at first.");

	err = forget(lab, fd, file, pages);
	if (err)
		return err;
	if (madvise(file, bytes, MADV_RANDOM) != 0)
		return -errno;
	lab_begin(lab, "all, dropped, RANDOM");
	lab_read(file, pages, page);
	lab_end(lab);
	lab_predict_major(lab, VMTRACE_CLASS_FILE_MISS, pages);
	lab_explain(lab, "MADV_RANDOM says that neighbours are of no use: nothing is read around, "
			 "and each page waits for the disk by itself.");
	munmap(file, bytes);
	return 0;
}

static int measure(struct lab *lab)
{
	int fd = memory_disk_file(lab, 1), err;
	long long around;
	size_t pages;
	char *buffer;

	if (fd < 0)
		return LAB_SKIPPED;
	around = read_around(fd);
	close(fd);
	if (around < lab->page_size)
		return lab_skip(lab, "read-ahead is off, or not known (read_ahead_kb of the disk): "
				     "set TMPDIR to a directory on another disk");
	/* As many as one fault reads: do_sync_mmap_readahead(), mm/filemap.c. */
	pages = around / lab->page_size;
	if (pages > PAGES_MAX)
		pages = PAGES_MAX;
	fd = memory_disk_file(lab, pages);
	if (fd < 0)
		return LAB_SKIPPED;
	buffer = malloc(pages * lab->page_size);
	err = buffer ? measure_file(lab, fd, pages, buffer) : -ENOMEM;
	free(buffer);
	close(fd);
	return err;
}

const struct lab_info lab_major = {
	.name = "major",
	.sentence = "minor or major: was the page in memory, or had it to be read?",
	.concept =
		"A fault is minor if the kernel finds the page in memory, for instance a page of "
		"a file in the page cache. It is major if the page must be read first, from a file "
		"or from swap: then the program waits for the disk. To have few of them, the kernel "
		"reads more of a file than was asked for, around the page that is missing.",
	.measure = measure,
};
