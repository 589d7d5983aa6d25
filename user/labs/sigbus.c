// SPDX-License-Identifier: GPL-2.0
/*
 * sigbus - a mapping may be longer than its file, but an access beyond the end fails
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

/* The last step was an access beyond the end of the file. */
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
	lab_explain(lab, "The file is in memory (memfd) and has one and a half pages, so it takes "
			 "two.");

	lab_begin(lab, "read beyond its end");
	others = bytes_that_are_not_zero(file + page + half, half);
	lab_end(lab);
	lab_predict_none(lab);
	lab_number(lab, "bytes that are not zero", "bytes", 0, others);
	lab_explain(lab, "The whole second page is mapped. Its part beyond the end of the file "
			 "can be read, and even written, but does not belong to the file.");

	lab_begin(lab, "read the third page");
	signal = memory_try_read(file + 2 * page);
	lab_end(lab);
	expect_sigbus(lab, signal);
	lab_explain(lab,
		    "The address is mapped, otherwise the signal would be SIGSEGV. But the file "
		    "has no third page: the fault fails, and is counted neither as minor nor as "
		    "major.");

	if (ftruncate(fd, (off_t)(MAPPED * page)) != 0)
		return -errno;
	lab_begin(lab, "the file has grown");
	signal = memory_try_read(file + 2 * page);
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_SHMEM, 1);
	lab_fact(lab, "signal", "no signal", signal);
	lab_explain(lab, "The end of the file at the moment of the fault decides.");

	if (ftruncate(fd, (off_t)page) != 0)
		return -errno;
	memory_entry(lab, "entry of the second page, cut off", 0, file + page, "none");
	lab_begin(lab, "the file has shrunk");
	signal = memory_try_read(file + page);
	lab_end(lab);
	expect_sigbus(lab, signal);
	lab_explain(lab, "ftruncate(2) freed the second page, and unmapped it from every process. "
			 "So a program can get SIGBUS at an address that it has read before.");
	munmap(file, MAPPED * page);
	close(fd);
	return 0;
}

const struct lab_info lab_sigbus = {
	.name = "sigbus",
	.sentence = "a mapping may be longer than its file; accesses beyond it fail",
	.concept = "A mapping can have more pages than its file. The last page of the file is "
		   "filled up with zeros, but for the pages after it the kernel has nothing to "
		   "map: the fault fails, and the program gets SIGBUS. If another program "
		   "shortens the file, this happens at addresses that could be read before.",
	.measure = measure,
};
