// SPDX-License-Identifier: GPL-2.0
/*
 * sigbus - a mapping may be longer than its file, but there is nothing to map there
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"
#include "labs/lib/try_access.h"

#define MAPPED 3 /* pages; the file has one and a half */

static long long bytes_that_are_not_zero(const char *bytes, size_t count)
{
	long long others = 0;

	for (size_t i = 0; i < count; i++)
		others += bytes[i] != 0;
	return others;
}

/* The last step was an access beyond the end. */
static void expect_sigbus(struct lab *lab, const char *signal)
{
	lab_predict(lab, VMTRACE_CLASS_SIGBUS, 1);
	lab_fact(lab, "signal", "SIGBUS (BUS_ADRERR)", signal);
	if (lab->vmtrace)
		lab_number(lab, "bus_adrerr", "more", 1,
			   lab->after.vmtrace.bus_adrerr - lab->before.vmtrace.bus_adrerr);
}

static int measure(struct lab *lab)
{
	size_t page = lab->page_size, half = page / 2;
	int fd = memfd_create("vmtrace lab sigbus", MFD_CLOEXEC);
	long long others;
	const char *signal;
	char *file;

	if (fd < 0 || ftruncate(fd, (off_t)(page + half)) != 0)
		return -errno;
	file = mmap(NULL, MAPPED * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED)
		return -errno;
	lab_own(lab, file, MAPPED * page);

	lab_write_step(lab, "write the file", file, 2);
	lab_predict(lab, VMTRACE_CLASS_SHMEM, 2);
	lab_explain(lab, "The file is in memory, one and a half pages long: two pages hold it.");

	lab_begin(lab, "read behind its end");
	others = bytes_that_are_not_zero(file + page + half, half);
	lab_end(lab);
	lab_predict_none(lab);
	lab_number(lab, "bytes that are not zero", "bytes", 0, others);
	lab_explain(lab, "The second page is there as a whole. What is behind the file's end in it "
			 "can be read, and even written, but is not in the file.");

	lab_begin(lab, "read the third page");
	signal = memory_try_read(file + 2 * page);
	lab_end(lab);
	expect_sigbus(lab, signal);
	lab_explain(lab,
		    "The mapping is there, or it would be SIGSEGV. But the file has no third page: "
		    "the fault fails, and counts neither as minor nor as major.");

	if (ftruncate(fd, (off_t)(MAPPED * page)) != 0)
		return -errno;
	lab_begin(lab, "the file has grown");
	signal = memory_try_read(file + 2 * page);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_SHMEM, 1);
	lab_fact(lab, "signal", "no signal", signal);
	lab_explain(lab, "What counts is the file's end at the moment of the fault.");

	if (ftruncate(fd, (off_t)page) != 0)
		return -errno;
	memory_entry(lab, "entry of the second page, cut off", 0, file + page, "none");
	lab_begin(lab, "the file has shrunk");
	signal = memory_try_read(file + page);
	lab_end(lab);
	expect_sigbus(lab, signal);
	lab_explain(lab, "ftruncate(2) took the second page away, also from those who had it "
			 "mapped. So SIGBUS can come where a program had read before.");
	munmap(file, MAPPED * page);
	close(fd);
	return 0;
}

const struct lab_info lab_sigbus = {
	.name = "sigbus",
	.sentence = "a mapping may be longer than its file; behind the end is nothing",
	.concept = "A file can be mapped with more pages than it has. Its last page is filled up "
		   "with zeros, but on the pages behind that the kernel has nothing to map: the "
		   "fault fails, and the program gets SIGBUS. If another program shortens the "
		   "file, this comes to addresses that were fine before.",
	.measure = measure,
};
