// SPDX-License-Identifier: GPL-2.0
/*
 * kernel - the kernel faults on a program's memory as the program does
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/format.h"
#include "core/record.h"
#include "labs/lib/blocks.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"

static int measure(struct lab *lab)
{
	size_t pages = lab_pages(lab), bytes = pages * lab->page_size;
	char *block = lab_block(lab, pages, 0), *other = lab_block(lab, 1, 0);
	int zeros = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (!block || !other)
		return -ENOMEM;
	/* Call read(2) once before, so that its code takes no fault in the step. */
	if (zeros < 0 || read(zeros, other, 1) != 1)
		return lab_skip(lab, "/dev/zero cannot be read: is /dev mounted?");

	lab_begin(lab, "read(2) into it");
	got = read(zeros, block, bytes);
	lab_end(lab);
	if (got != (ssize_t)bytes)
		return -EIO;
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	lab_predict_origin(lab, VMTRACE_ORIGIN_KERNEL, pages);
	lab_explain(lab, "The program touched nothing: the kernel wrote the data to addresses of "
			 "the program, and took the faults. They are counted for the program.");

	lab_write_step(lab, "write", block, pages);
	lab_predict_none(lab);
	lab_explain(lab,
		    "The pages are present, although the program has not touched them before.");
	close(zeros);
	return 0;
}

const struct lab_info lab_kernel = {
	.name = "kernel",
	.sentence = "the kernel faults on a program's memory as the program does",
	.concept =
		"A system call like read(2) writes to memory of the program. The kernel uses the "
		"program's own addresses for that, so it faults where the program would. Such a "
		"fault maps the same page, and is counted for the program: getrusage(2) does not "
		"distinguish it from other faults.",
	.size = 1 << 20,
	.measure = measure,
};
