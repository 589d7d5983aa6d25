// SPDX-License-Identifier: GPL-2.0
/*
 * mapping - a file in memory: read, written privately, and written for all
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "labs.h"
#include "memory.h"

static char *map(struct lab *lab, int fd, size_t pages, int flags)
{
	size_t bytes = pages * lab->page_size;
	char *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (block == MAP_FAILED)
		return NULL;
	lab_own(lab, block, bytes);
	return block;
}

static void write_pages(struct lab *lab, const char *step, char *block, size_t pages,
			enum vmtrace_class class)
{
	lab_begin(lab, step);
	lab_write(block, pages, lab->page_size);
	lab_end(lab);
	lab_predict(lab, class, pages);
}

/* What became of the first byte of the file, as read(2) sees it. */
static const char *first_byte(int fd)
{
	char byte;

	return pread(fd, &byte, 1, 0) != 1 ? "cannot be read" : byte == 0 ? "as it was" : "changed";
}

static void private_mapping(struct lab *lab, int fd, size_t pages, char *read, char *unread)
{
	unsigned long long frame;

	lab_begin(lab, "read");
	lab_read(read, pages, lab->page_size);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_FILE_HIT, memory_windows(read, pages));
	memory_entry(lab, "entry of the first page", 0, read, "page, read-only");
	lab_explain(lab, "All of the file is in the page cache, and a fault maps the neighbours "
			 "that are there, too: up to fault_around_bytes at once.");

	frame = memory_frame(0, read);
	write_pages(lab, "write privately", unread, pages, VMTRACE_CLASS_FILE_COW);
	memory_entry(lab, "entry of the first page", 0, unread, "page, writable");
	lab_explain(lab, "A private mapping never changes the file: each page gets a copy, in one "
			 "fault, because nothing was mapped there yet.");

	write_pages(lab, "write what was read", read, pages, VMTRACE_CLASS_COW_COPY);
	if (frame)
		lab_fact(lab, "frame of the first page", "another",
			 memory_frame(0, read) == frame ? "the file's" : "another");
	lab_fact(lab, "the file", "as it was", first_byte(fd));
	lab_explain(lab, "Here the file's pages were mapped, read-only: each takes a second fault, "
			 "for its copy.");
}

static int measure(struct lab *lab)
{
	size_t pages = lab_pages(lab), bytes = pages * lab->page_size;
	char *read, *unread, *shared, *fresh;
	int fd;

	fd = memory_disk_file(lab, pages);
	if (fd < 0)
		return LAB_SKIPPED;
	read = map(lab, fd, pages, MAP_PRIVATE);
	unread = map(lab, fd, pages, MAP_PRIVATE);
	shared = map(lab, fd, pages, MAP_SHARED);
	if (!read || !unread || !shared)
		return -ENOMEM;
	private_mapping(lab, fd, pages, read, unread);

	lab_begin(lab, "read the shared one");
	lab_read(shared, pages, lab->page_size);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_FILE_HIT, memory_windows(shared, pages));
	memory_entry(lab, "entry of the first page", 0, shared, "page, read-only");
	lab_explain(lab, "It may be written, but its entries are read-only: the kernel wants to "
			 "know which pages differ from the disk.");

	write_pages(lab, "write the shared one", shared, pages, VMTRACE_CLASS_MKWRITE);
	lab_fact(lab, "the file", "changed", first_byte(fd));
	lab_explain(lab, "The first write of each page faults, to tell the file system. Nothing is "
			 "copied: this is the file's own page.");

	if (msync(shared, bytes, MS_SYNC) != 0)
		return -errno;
	memory_entry(lab, "entry after msync", 0, shared, "page, read-only");
	write_pages(lab, "write after msync", shared, pages, VMTRACE_CLASS_MKWRITE);
	lab_explain(lab, "Writing the pages to disk made the entries read-only again, so the next "
			 "write of each is noticed, too.");

	if (munmap(shared, bytes) != 0)
		return -errno;
	fresh = map(lab, fd, pages, MAP_SHARED);
	if (!fresh)
		return -ENOMEM;
	write_pages(lab, "write a fresh one", fresh, pages, VMTRACE_CLASS_FILE_HIT);
	lab_explain(lab,
		    "Who writes first takes one fault for both. A write maps no neighbours, or "
		    "they would count as written.");
	close(fd);
	return 0;
}

const struct lab_info lab_mapping = {
	.name = "mapping",
	.sentence = "a file in memory: read, written privately, and written for all",
	.concept =
		"mmap(2) maps the pages of the page cache, in which the kernel keeps what was "
		"read of a file. In a private mapping a write copies the page, and the file never "
		"sees it. In a shared mapping a write goes to the file's own page, and the first "
		"write of each page faults, so that the kernel knows what to write to disk.",
	.size = 1 << 20,
	.measure = measure,
};
