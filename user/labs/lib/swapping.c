// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "labs/lib/blocks.h"
#include "labs/lib/disk_file.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/settle.h"
#include "labs/lib/steps.h"
#include "labs/lib/swapping.h"
#include "lib/message.h"

#define ROOM	 4  /* times the size that was asked for */
#define DEADLINE 10 /* seconds */
#define CLUSTER	 "/proc/sys/vm/page-cluster"
#define CONTROL	 "/sys/class/zram-control/"

/* What swapping_stop() has to undo. */
static struct {
	bool loaded;	   /* the lab has loaded the module zram */
	long long zram;	   /* number of the device; -1: none */
	bool on;	   /* swapon() */
	long long cluster; /* page-cluster as it was; -1: not changed */
	char path[PATH_MAX];
} swap = { .zram = -1, .cluster = -1 };

static bool write_number(const char *path, long long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", number);
	return memory_set(path, text);
}

/* What mkswap(8) writes: union swap_header, include/linux/swap.h. */
static bool write_header(int fd, size_t pages, size_t page_size)
{
	unsigned int *header = calloc(1, page_size);
	bool done = false;

	if (!header)
		return false;
	header[256] = 1;
	header[257] = pages - 1;
	memcpy((char *)header + page_size - 10, "SWAPSPACE2", 10);
	done = pwrite(fd, header, page_size, 0) == (ssize_t)page_size && fsync(fd) == 0;
	free(header);
	return done;
}

static bool make_zram(size_t pages, size_t page_size)
{
	char path[64];
	bool done;
	int fd;

	if (access("/sys/module/zram", F_OK) != 0)
		swap.loaded = system("modprobe -q zram 2>/dev/null") == 0;
	/* Reading it adds a device. */
	swap.zram = memory_setting(CONTROL "hot_add");
	if (swap.zram < 0)
		return false;
	snprintf(path, sizeof(path), "/sys/block/zram%lld/disksize", swap.zram);
	if (!write_number(path, (long long)(pages * page_size)))
		return false;
	snprintf(swap.path, sizeof(swap.path), "/dev/zram%lld", swap.zram);
	fd = open(swap.path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write_header(fd, pages, page_size);
	close(fd);
	return done;
}

static bool make_file(size_t pages, size_t page_size)
{
	const char *directory = getenv("TMPDIR");
	char *zeros = calloc(1, page_size);
	bool done = zeros;
	int fd;

	if (snprintf(swap.path, sizeof(swap.path), "%s/vmtrace-lab-swap.XXXXXX",
		     directory && directory[0] ? directory : "/var/tmp") >= (int)sizeof(swap.path))
		swap.path[0] = '\0';
	fd = mkostemp(swap.path, O_CLOEXEC);
	if (fd < 0) {
		swap.path[0] = '\0';
		free(zeros);
		return false;
	}
	/* A swap file must not have holes. */
	for (size_t i = 0; done && i < pages; i++)
		done = pwrite(fd, zeros, page_size, i * page_size) == (ssize_t)page_size;
	done = done && write_header(fd, pages, page_size);
	close(fd);
	free(zeros);
	return done;
}

static void remove_device(void)
{
	/* udev may have the device open for a moment. */
	for (int tries = 0; swap.zram >= 0 && tries < 100; tries++) {
		if (write_number(CONTROL "hot_remove", swap.zram))
			break;
		usleep(10000);
	}
	if (swap.zram < 0 && swap.path[0])
		unlink(swap.path);
	for (int tries = 0; swap.loaded && tries < 100; tries++) {
		if (syscall(SYS_delete_module, "zram", O_NONBLOCK) == 0 || errno == ENOENT)
			break;
		usleep(10000);
	}
	swap.zram = -1;
	swap.loaded = false;
	swap.path[0] = '\0';
}

static int start(struct lab *lab, size_t pages, bool zram)
{
	size_t page_size = lab->page_size;
	/* The kernel allocates swap in clusters of 512 pages, and needs several of them. */
	size_t room = ROOM * (pages > 1024 ? pages : 1024);
	int flags = SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK;

	if (geteuid() != 0)
		return lab_skip(lab, "only root may add swap: sudo vmtrace lab %s",
				lab->info->name);
	memory_stay_on_cpu();
	swap.on = zram && make_zram(room, page_size) && swapon(swap.path, flags) == 0;
	if (!swap.on) {
		remove_device();
		swap.on = make_file(room, page_size) && swapon(swap.path, flags) == 0;
	}
	if (!swap.on && errno == EPERM)
		return lab_skip(lab, "swap may not be added: run this outside of a container");
	if (!swap.on)
		return lab_skip(lab,
				"there is %sno file system that takes a swap file: %sset TMPDIR "
				"to a directory on a disk",
				zram ? "no zram, and " : "", zram ? "modprobe zram, or " : "");
	swap.cluster = memory_setting(CLUSTER);
	if (swap.cluster < 0 || !memory_set(CLUSTER, "0"))
		return lab_skip(lab, CLUSTER " cannot be written: is /proc/sys read-only?");
	/* make_zram() may have forked, to run modprobe. */
	lab_settle(lab);
	return 0;
}

int swapping_start(struct lab *lab, size_t pages)
{
	return start(lab, pages, true);
}

int swapping_start_file(struct lab *lab, size_t pages)
{
	return start(lab, pages, false);
}

void swapping_cluster(long long order)
{
	write_number(CLUSTER, order);
}

void swapping_stop(void)
{
	if (swap.cluster >= 0)
		write_number(CLUSTER, swap.cluster);
	swap.cluster = -1;
	if (swap.on && swapoff(swap.path) != 0)
		message("%s: swapoff: %s: it is still in use", swap.path, strerror(errno));
	else
		remove_device();
	swap.on = false;
}

/* Wait until no page is in memory or in the swap cache (out), or until all are. */
static int await(struct lab *lab, char *block, size_t pages, bool out)
{
	size_t page_size = lab->page_size, there;
	unsigned char *present = malloc(pages);
	time_t end = time(NULL) + DEADLINE;

	if (!present)
		return -ENOMEM;
	do {
		there = 0;
		if (mincore(block, pages * page_size, present) != 0)
			break;
		for (size_t i = 0; i < pages; i++)
			there += present[i] & 1;
		if (there == (out ? 0 : pages)) {
			free(present);
			memory_await_unlocked();
			return 0;
		}
		/*
		 * A page that was written to a disk stays in the swap cache. When it is mapped and
		 * paged out once more, it is clean, and is freed.
		 */
		for (size_t i = 0; out && i < pages; i++)
			if (present[i] & 1)
				lab_read(block + i * page_size, 1, page_size);
		if (out)
			madvise(block, pages * page_size, MADV_PAGEOUT);
		usleep(1000);
	} while (time(NULL) < end);
	free(present);
	return lab_skip(lab, "%zu of %zu pages stayed %s: try again when the machine is less busy",
			out ? there : pages - there, pages, out ? "in memory" : "in swap");
}

int swapping_out(struct lab *lab, char *block, size_t pages)
{
	return await(lab, block, pages, true);
}

int swapping_fetched(struct lab *lab, char *block, size_t pages)
{
	return await(lab, block, pages, false);
}
