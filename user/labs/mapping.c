// SPDX-License-Identifier: GPL-2.0
/*
 * mapping - a mapped file: read, written privately, and written for all
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/disk_file.h"
#include "labs/lib/entries.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"

static char *map(struct lab *lab, int fd, size_t pages, int flags)
{
	return memory_map_file(lab, fd, pages, PROT_READ | PROT_WRITE, flags);
}

/* The state of the first byte of the file, by pread(2). */
static const char *first_byte(int fd)
{
	char byte;

	return pread(fd, &byte, 1, 0) != 1 ? "cannot be read" : byte == 0 ? "as it was" : "changed";
}

static void measure_private(struct lab *lab, int fd, size_t pages, char *read, char *unread)
{
	unsigned long long frame;

	lab_read_step(lab, "read", read, pages);
	lab_predict(lab, VMTRACE_CLASS_FILE_HIT, memory_windows(read, pages));
	memory_entry(lab, "entry of the first page", 0, read, "page, read-only");
	lab_explain(lab, "All of the file is in the page cache, and a fault also maps cached "
			 "neighbours: up to fault_around_bytes, from an aligned address on.");

	frame = memory_frame(0, read);
	lab_write_step(lab, "write privately", unread, pages);
	lab_predict(lab, VMTRACE_CLASS_FILE_COW, pages);
	memory_entry(lab, "entry of the first page", 0, unread, "page, writable");
	lab_explain(lab, "A write to a private mapping never changes the file: each page is "
			 "copied, in one fault, because it was not mapped yet.");

	lab_write_step(lab, "write what was read", read, pages);
	lab_predict(lab, VMTRACE_CLASS_COW_COPY, pages);
	memory_frame_is(lab, "frame of the first page", 0, read, frame, false);
	lab_fact(lab, "the file", "as it was", first_byte(fd));
	lab_explain(lab, "Here the file's pages were mapped read-only: each takes a second fault, "
			 "which copies it.");
}

static int measure_shared(struct lab *lab, int fd, size_t pages, char *shared)
{
	lab_read_step(lab, "read the shared one", shared, pages);
	lab_predict(lab, VMTRACE_CLASS_FILE_HIT, memory_windows(shared, pages));
	memory_entry(lab, "entry of the first page", 0, shared, "page, read-only");
	lab_explain(lab, "The mapping is writable, but its entries are read-only, so that the "
			 "kernel learns which pages differ from the disk.");

	lab_write_step(lab, "write the shared one", shared, pages);
	lab_predict(lab, VMTRACE_CLASS_MKWRITE, pages);
	lab_fact(lab, "the file", "changed", first_byte(fd));
	lab_explain(lab, "The first write to each page faults, and the kernel notifies the file "
			 "system. Nothing is copied: this is the file's own page.");

	if (msync(shared, pages * lab->page_size, MS_SYNC) != 0)
		return -errno;
	memory_entry(lab, "entry after msync", 0, shared, "page, read-only");
	lab_write_step(lab, "write after msync", shared, pages);
	lab_predict(lab, VMTRACE_CLASS_MKWRITE, pages);
	lab_explain(lab, "Writing the pages to disk made the entries read-only again, so the next "
			 "write to each page faults again.");
	return 0;
}

static int measure(struct lab *lab)
{
	size_t pages = lab_pages(lab);
	int fd = memory_disk_file(lab, pages), err;
	char *read, *unread, *shared, *fresh;

	if (fd < 0)
		return LAB_SKIPPED;
	read = map(lab, fd, pages, MAP_PRIVATE);
	unread = map(lab, fd, pages, MAP_PRIVATE);
	shared = map(lab, fd, pages, MAP_SHARED);
	fresh = map(lab, fd, pages, MAP_SHARED);
	if (!read || !unread || !shared || !fresh)
		return -ENOMEM;
	measure_private(lab, fd, pages, read, unread);
	err = measure_shared(lab, fd, pages, shared);
	if (err)
		return err;

	lab_write_step(lab, "write a fresh one", fresh, pages);
	lab_predict(lab, VMTRACE_CLASS_FILE_HIT, pages);
	lab_explain(lab, "Another shared mapping of the same pages. If the first access is a "
			 "write, one fault maps the page and makes it writable. A write does not "
			 "map neighbours; only a read does.");
	return 0;
}

const struct lab_info lab_mapping = {
	.name = "mapping",
	.sentence = "a mapped file: read, written privately, and written for all",
	.concept =
		"mmap(2) maps the pages of the page cache, in which the kernel keeps what was "
		"read of a file. In a private mapping a write copies the page, and the file does "
		"not change. In a shared mapping a write changes the file's own page, and the "
		"first write to each page faults, so that the kernel knows what to write to disk.",
	.size = 1 << 20,
	.measure = measure,
};
