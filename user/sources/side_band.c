// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "lib/error.h"
#include "sources/decode.h"
#include "sources/event.h"
#include "sources/side_band.h"

#define SIDE_PAGES 128 /* of each CPU's ring, a power of two */

/* The ring of a CPU: perf_event_open(2). */
struct side {
	int fd;
	struct perf_event_mmap_page *page; /* NULL: none */
};

struct side_band {
	size_t page_size;
	unsigned long long lost;
	int sides;
	struct side side[];
};

/* A record may wrap around at the end of the ring. */
static void empty_side(struct side_band *band, struct side *side,
		       void (*add)(void *context, const struct event *event), void *context)
{
	static _Alignas(uint64_t) char whole[UINT16_MAX + 1];
	size_t size = SIDE_PAGES * band->page_size;
	struct event event;
	const char *data;
	uint64_t head, tail;

	if (!side->page)
		return;
	data = (const char *)side->page + band->page_size;
	head = __atomic_load_n(&side->page->data_head, __ATOMIC_ACQUIRE);
	tail = side->page->data_tail;
	while (tail != head) {
		const struct perf_event_header *header = (const void *)(data + tail % size);
		size_t begin = tail % size, length = header->size;

		if (length < sizeof(*header) || length > head - tail)
			break; /* not a record of the kernel */
		if (begin + length > size) {
			memcpy(whole, data + begin, size - begin);
			memcpy(whole + (size - begin), data, length - (size - begin));
			header = (const void *)whole;
		}
		if (decode_side(header, &event, &band->lost))
			add(context, &event);
		tail += length;
	}
	__atomic_store_n(&side->page->data_tail, tail, __ATOMIC_RELEASE);
}

void side_band_empty(struct side_band *band, void (*add)(void *context, const struct event *event),
		     void *context)
{
	for (int i = 0; i < band->sides; i++)
		empty_side(band, &band->side[i], add, context);
}

/*
 * Open the ring of one CPU, for mappings, names, forks and exits of all processes: what
 * decode_side() understands.
 */
static int open_side(const struct side_band *band, struct side *side, int cpu, int epoll)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME,
		.sample_id_all = 1,
		.mmap = 1,
		.mmap2 = 1,
		.mmap_data = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
		.watermark = 1,
		.wakeup_watermark = SIDE_PAGES * band->page_size / 4,
	};
	struct epoll_event event = { .events = EPOLLIN };
	void *page;

	side->fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (side->fd < 0)
		return errno == ENODEV ? 0 : -errno; /* the CPU is offline */
	page = mmap(NULL, (1 + SIDE_PAGES) * band->page_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		    side->fd, 0);
	if (page == MAP_FAILED || epoll_ctl(epoll, EPOLL_CTL_ADD, side->fd, &event) != 0)
		return -errno;
	side->page = page;
	return 0;
}

struct side_band *side_band_open(int epoll, struct error *error)
{
	int err = 0, cpus = libbpf_num_possible_cpus();
	struct side_band *band;

	if (cpus < 1) {
		error_set(error, -EINVAL, "the number of CPUs cannot be read: is /sys there?");
		return NULL;
	}
	band = calloc(1, sizeof(*band) + (size_t)cpus * sizeof(band->side[0]));
	if (!band) {
		error_set(error, -ENOMEM, "out of memory");
		return NULL;
	}
	band->page_size = (size_t)sysconf(_SC_PAGESIZE);
	while (!err && band->sides < cpus) {
		err = open_side(band, &band->side[band->sides], band->sides, epoll);
		band->sides++;
	}
	if (!err)
		return band;
	error_set(error, err,
		  "the mappings of processes cannot be followed: perf_event_open: %s: try as "
		  "root; in a container, outside of it",
		  strerror(-err));
	side_band_close(band);
	return NULL;
}

unsigned long long side_band_lost(const struct side_band *band)
{
	return band->lost;
}

void side_band_close(struct side_band *band)
{
	for (int i = 0; i < band->sides; i++) {
		if (band->side[i].page)
			munmap(band->side[i].page, (1 + SIDE_PAGES) * band->page_size);
		if (band->side[i].fd >= 0)
			close(band->side[i].fd);
	}
	free(band);
}
