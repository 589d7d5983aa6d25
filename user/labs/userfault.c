// SPDX-License-Identifier: GPL-2.0
/*
 * userfault - a thread of the program itself provides the pages
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"

struct server {
	int fd;
	char *block;
	size_t page_size;
	char *page; /* the contents of the next page */
};

/* Provide each page that is asked for, with what lab_write() writes, until the process ends. */
static void *serve(void *argument)
{
	const struct server *server = argument;
	struct uffdio_copy copy;
	struct uffd_msg event;
	size_t number;

	while (read(server->fd, &event, sizeof(event)) == (ssize_t)sizeof(event)) {
		number = (event.arg.pagefault.address - (uintptr_t)server->block) /
			 server->page_size;
		*server->page = (char)(number + 1);
		copy = (struct uffdio_copy){
			.dst = (uintptr_t)server->block + number * server->page_size,
			.src = (uintptr_t)server->page,
			.len = server->page_size,
		};
		if (ioctl(server->fd, UFFDIO_COPY, &copy) != 0)
			break;
	}
	/* Closing wakes all waiting threads, which then find zeros. */
	close(server->fd);
	return NULL;
}

static int open_userfaultfd(struct lab *lab, const struct server *server, size_t pages)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register all = { .range = { (uintptr_t)server->block,
						  pages * server->page_size },
				       .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0)
		return lab_skip(
			lab,
			"userfaultfd(2): %s: it needs CONFIG_USERFAULTFD and Linux 5.11 or newer, "
			"and a container must allow it",
			strerror(errno));
	if (ioctl(fd, UFFDIO_API, &api) != 0 || ioctl(fd, UFFDIO_REGISTER, &all) != 0)
		return -errno;
	return fd;
}

static int measure(struct lab *lab)
{
	static struct server server;
	size_t pages = lab_pages(lab);
	pthread_t thread;
	int err;

	server.page_size = (size_t)lab->page_size;
	server.page = lab_block(lab, 1, 0);
	server.block = lab_block(lab, pages + 1, 0);
	if (!server.page || !server.block)
		return -ENOMEM;
	server.fd = open_userfaultfd(lab, &server, pages + 1);
	if (lab->skipped)
		return LAB_SKIPPED;
	if (server.fd < 0)
		return server.fd;
	err = pthread_create(&thread, NULL, serve, &server);
	if (err)
		return lab_skip_threads(lab, err);
	/* A warm-up, after which the thread's stack and its own page are present. */
	lab_read(server.block + pages * lab->page_size, 1, lab->page_size);

	lab_read_step(lab, "read", server.block, pages);
	/*
	 * A fault that has waited is retried. A retry counts as major (FAULT_FLAG_TRIED,
	 * mm_account_fault(), mm/memory.c); in 6.12 and 7.2 not if the first attempt held only the
	 * VMA lock (do_user_addr_fault() of x86, do_page_fault() of arm64). userfaultfd waits under
	 * the VMA lock since 6.6 (29a22b9e08d7 "mm: handle userfaults under VMA lock").
	 */
	if (memory_kernel_is(6, 6))
		lab_predict(lab, VMTRACE_CLASS_USERFAULT, pages);
	else
		lab_predict_major(lab, VMTRACE_CLASS_USERFAULT, pages);
	lab_explain(
		lab,
		"Each first touch waited until the other thread had copied a page to the address, "
		"and was retried. %s",
		memory_kernel_is(6, 6) ?
			"It is minor: nothing was read from a disk." :
			"Nothing was read from a disk, but this kernel counts each fault that it "
			"retries as major.");
	if (lab->vmtrace)
		lab_number(lab, "retried", "times", (long long)pages, lab_retried(lab));

	lab_number(lab, "pages with what the thread copied", "pages", (long long)pages,
		   (long long)lab_intact(server.block, pages, server.page_size));
	return 0;
}

const struct lab_info lab_userfault = {
	.name = "userfault",
	.sentence = "a thread of the program itself provides the pages",
	.concept =
		"With userfaultfd a program handles its page faults itself: the kernel puts the "
		"faulting thread to sleep, and sends the address to another thread, which reads a "
		"file descriptor. That thread copies a page to the address by an ioctl, which "
		"wakes the first thread, and the access is retried. This is how a virtual machine "
		"moves to another computer while it runs: its memory follows page by page, as it "
		"is touched.",
	.size = 256 << 10,
	.measure = measure,
};
