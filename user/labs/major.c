// SPDX-License-Identifier: GPL-2.0
/*
 * major - minor or major: was the page in memory, or was it read from a device?
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/disk_file.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"

#define PAGES_MAX 64 /* of the file; in the last step each is read by itself */

/* Remove the file from this process and from the page cache. Returns what measure() returns. */
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

/*
 * Unmap the pages from this process only. Fault-around skips the page that starts the next
 * read-ahead (PG_readahead: next_uptodate_folio(), in 6.1 next_uptodate_page(), mm/filemap.c): it
 * takes a fault of its own, which 6.1 even retries and counts as major. The kernel and the file
 * system determine which page that is; 7.2 may mark none if the file ends there
 * (page_cache_ra_order(), mm/readahead.c). read(2) clears the mark.
 */
static int unmap_all(struct lab *lab, int fd, char *file, size_t pages)
{
	size_t bytes = pages * lab->page_size;
	char *buffer = lab_block(lab, pages, 0);

	if (!buffer)
		return -ENOMEM;
	if (madvise(file, bytes, MADV_DONTNEED) != 0)
		return -errno;
	return pread(fd, buffer, bytes, 0) == (ssize_t)bytes ? 0 : -EIO;
}

static int measure_file(struct lab *lab, int fd, char *file, size_t pages)
{
	int err;

	lab_read_step(lab, "cached", file, pages);
	lab_predict(lab, VMTRACE_CLASS_FILE_HIT, memory_windows(file, pages));
	lab_explain(lab,
		    "%s of a file that was just written: all are in the page cache. A fault also "
		    "maps cached neighbours: up to fault_around_bytes, from an aligned address on.",
		    lab_count_of(pages, "page", "pages"));

	err = forget(lab, fd, file, pages);
	if (err)
		return err;
	lab_read_step(lab, "one page, dropped", file, 1);
	lab_predict_major(lab, VMTRACE_CLASS_FILE_MISS, 1);
	lab_number(lab, "in memory after that", "pages", pages, memory_await_cached(file, pages));
	lab_explain(lab, "The file was dropped from the page cache. This fault waited for the "
			 "disk, and the kernel read as many bytes around the page as "
			 "read_ahead_kb says.");

	err = unmap_all(lab, fd, file, pages);
	if (err)
		return err;
	lab_read_step(lab, "all, read around", file, pages);
	lab_predict(lab, VMTRACE_CLASS_FILE_HIT, memory_windows(file, pages));
	lab_explain(lab, "No page is mapped (MADV_DONTNEED), but the one major fault has read all "
			 "of them to memory: the cost is that of the first step.");

	err = forget(lab, fd, file, pages);
	if (err)
		return err;
	if (madvise(file, pages * lab->page_size, MADV_RANDOM) != 0)
		return -errno;
	lab_read_step(lab, "all, dropped, RANDOM", file, pages);
	lab_predict_major(lab, VMTRACE_CLASS_FILE_MISS, pages);
	lab_explain(lab, "MADV_RANDOM says that neighbours will not be needed: the kernel reads "
			 "nothing around the page, so each page is a major fault.");
	return 0;
}

static int measure(struct lab *lab)
{
	int fd = memory_disk_file(lab, PAGES_MAX);
	long long around;
	size_t pages;
	char *file;

	if (fd < 0)
		return LAB_SKIPPED;
	around = memory_read_around(fd);
	if (around < lab->page_size)
		return lab_skip(lab, "read-ahead is off, or not known (read_ahead_kb of the disk): "
				     "set TMPDIR to a directory on another disk");
	/* The number of pages that one fault reads: do_sync_mmap_readahead(), mm/filemap.c. */
	pages = around / lab->page_size;
	if (pages > PAGES_MAX)
		pages = PAGES_MAX;
	if (ftruncate(fd, (off_t)(pages * lab->page_size)) != 0)
		return -errno;
	file = memory_map_file(lab, fd, pages, PROT_READ, MAP_SHARED);
	return file ? measure_file(lab, fd, file, pages) : -ENOMEM;
}

const struct lab_info lab_major = {
	.name = "major",
	.sentence = "minor if the page is in memory, major if it must be read",
	.concept =
		"A fault is minor if the kernel finds the page in memory, for instance a page of "
		"a file in the page cache. It is major if the page must be read first, from a "
		"file or from swap: then the program waits for a device. To avoid major faults, "
		"the kernel reads more of a file than the missing page: also the pages around it.",
	.measure = measure,
};
