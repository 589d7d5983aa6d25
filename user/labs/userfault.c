// SPDX-License-Identifier: GPL-2.0
/*
 * userfault - a thread of the program itself brings the pages
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
	char *page; /* what the next page is to hold */
};

/* Bring each page that is asked for, with what lab_write() writes, until the process ends. */
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
	/* Whoever waits is let go, and finds zeros. */
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
			"userfaultfd(2): %s: it wants a kernel with CONFIG_USERFAULTFD, 5.11 "
			"or newer, and a container must allow it",
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
	/* A rehearsal: the thread's stack and its own page are there when it is over. */
	lab_read(server.block + pages * lab->page_size, 1, lab->page_size);

	lab_read_step(lab, "read", server.block, pages);
	/*
	 * Whoever waited tries again. A second try counts as major (FAULT_FLAG_TRIED,
	 * mm_account_fault(), mm/memory.c); in 6.12 and 7.2 not if the first one held only the lock
	 * of the mapping (do_user_addr_fault() of x86, do_page_fault() of arm64). With that lock
	 * userfaultfd waits since 6.6 (29a22b9e08d7 "mm: handle userfaults under VMA lock").
	 */
	if (memory_kernel_is(6, 6))
		lab_predict(lab, VMTRACE_CLASS_USERFAULT, pages);
	else
		lab_predict_major(lab, VMTRACE_CLASS_USERFAULT, pages);
	lab_explain(
		lab,
		"Each first touch waited until the other thread had copied a page to that "
		"place, and tried again. %s",
		memory_kernel_is(6, 6) ?
			"It is minor: nothing was read from a disk." :
			"Nothing was read from a disk, but this kernel counts each fault that it "
			"tries again as major.");
	if (lab->vmtrace)
		lab_number(lab, "tried again", "times", (long long)pages, lab_retried(lab));

	lab_number(lab, "hold what the thread put there", "pages", (long long)pages,
		   (long long)lab_intact(server.block, pages, server.page_size));
	return 0;
}

const struct lab_info lab_userfault = {
	.name = "userfault",
	.sentence = "a thread of the program itself brings the pages",
	.concept =
		"With userfaultfd a program serves its page faults itself: the kernel puts the "
		"thread that faults to sleep, and tells another one, which reads a file "
		"descriptor, the address. That one copies a page there by an ioctl, which wakes "
		"the sleeper, and the access is tried again. So virtual machines are moved to "
		"another computer while they run: their memory follows page by page, as they touch "
		"it.",
	.size = 256 << 10,
	.measure = measure,
};
