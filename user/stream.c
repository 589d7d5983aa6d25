// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/message.h"
#include "decode.h"
#include "stream.h"
#include "stream.skel.h"
#include "util.h"

enum {
	SIDE_PAGES = 128, /* of each CPU's side-band, a power of two */
	BATCH = 512, /* events that are handed out before the kernel's buffers are emptied again */
	QUEUE_SHARE = 64, /* bytes of the kernel's buffer for an event that may wait for us */
};

/* The side-band of a CPU: perf_event_open(2). */
struct side {
	int fd;
	struct perf_event_mmap_page *page; /* NULL: none */
};

struct stream {
	struct stream_bpf *bpf;
	struct ring_buffer *ring;
	struct side *side;
	int sides;
	int epoll;
	size_t page_size;
	unsigned long long lost_mappings;

	struct event *queue; /* in order of time from next to ready */
	size_t next, ready, count, room;
	size_t limit;		     /* of faults that wait here; the others wait in the kernel */
	size_t handed_out;	     /* since the buffers were emptied */
	unsigned long long unqueued; /* for want of memory */
	struct event current;
};

static void add_event(struct stream *s, const struct event *event)
{
	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 4096;
		struct event *queue = realloc(s->queue, room * sizeof(*queue));

		if (!queue) {
			s->unqueued++;
			if (event->type == EVENT_MAPPING)
				free(event->mapping.name);
			return;
		}
		s->queue = queue;
		s->room = room;
	}
	s->queue[s->count++] = *event;
}

static int on_message(void *context, void *data, size_t size)
{
	struct stream *s = context;
	struct event event;

	if (decode_message(data, size, &event))
		add_event(s, &event);
	/* A negative number ends ring_buffer__consume(): what is left waits in the kernel. */
	return s->count < s->limit ? 0 : -EAGAIN;
}

/* A record may go on at the beginning of the ring. */
static void empty_side(struct stream *s, struct side *side)
{
	static _Alignas(uint64_t) char whole[UINT16_MAX + 1];
	size_t size = SIDE_PAGES * s->page_size;
	struct event event;
	const char *data;
	uint64_t head, tail;

	if (!side->page)
		return;
	data = (const char *)side->page + s->page_size;
	head = __atomic_load_n(&side->page->data_head, __ATOMIC_ACQUIRE);
	tail = side->page->data_tail;
	while (tail != head) {
		const struct perf_event_header *header = (const void *)(data + tail % size);
		size_t begin = tail % size, length = header->size;

		if (length < sizeof(*header) || length > head - tail)
			break; /* not what the kernel writes */
		if (begin + length > size) {
			memcpy(whole, data + begin, size - begin);
			memcpy(whole + (size - begin), data, length - (size - begin));
			header = (const void *)whole;
		}
		if (decode_side(header, &event, &s->lost_mappings))
			add_event(s, &event);
		tail += length;
	}
	__atomic_store_n(&side->page->data_tail, tail, __ATOMIC_RELEASE);
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

/* Put what came since into its place among what was there. */
static void sort_new(struct stream *s, size_t old)
{
	size_t from = old;

	if (s->count == old)
		return;
	qsort(s->queue + old, s->count - old, sizeof(*s->queue), by_time);
	while (from > s->next && s->queue[from - 1].time_ns > s->queue[old].time_ns)
		from--;
	if (from < old)
		qsort(s->queue + from, s->count - from, sizeof(*s->queue), by_time);
}

/* Fetch all that there is. What is younger than this moment may lack something before it. */
static void refill(struct stream *s)
{
	unsigned long long moment = monotonic_ns();
	size_t old;

	if (s->next > s->count / 4) {
		s->count -= s->next;
		memmove(s->queue, s->queue + s->next, s->count * sizeof(*s->queue));
		s->next = 0;
	}
	old = s->count;
	/* First the faults: what was mapped before them is in the side-band by then. */
	if (s->count < s->limit)
		ring_buffer__consume(s->ring);
	for (int i = 0; i < s->sides; i++)
		empty_side(s, &s->side[i]);
	sort_new(s, old);
	for (s->ready = s->next; s->ready < s->count && s->queue[s->ready].time_ns <= moment;)
		s->ready++;
	s->handed_out = 0;
}

const struct event *stream_next(struct stream *stream)
{
	if (stream->current.type == EVENT_MAPPING)
		free(stream->current.mapping.name);
	memset(&stream->current, 0, sizeof(stream->current));
	if (stream->next == stream->ready || stream->handed_out == BATCH)
		refill(stream);
	/* Nobody would wake us for what has been fetched, but is too young. */
	if (stream->next == stream->ready && stream->next < stream->count)
		refill(stream);
	if (stream->next == stream->ready)
		return NULL;
	stream->current = stream->queue[stream->next++];
	stream->handed_out++;
	return &stream->current;
}

static bool watch(struct stream *s, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/*
 * Mappings, names, forks and exits of all processes, as they happen on one CPU: what
 * decode_side() understands.
 */
static int open_side(struct stream *s, struct side *side, int cpu)
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
		.wakeup_watermark = SIDE_PAGES * s->page_size / 4,
	};
	void *page;

	side->fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (side->fd < 0)
		return errno == ENODEV ? 0 : -errno; /* that CPU is off */
	page = mmap(NULL, (1 + SIDE_PAGES) * s->page_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		    side->fd, 0);
	if (page == MAP_FAILED || !watch(s, side->fd))
		return -errno;
	side->page = page;
	return 0;
}

static int open_sides(struct stream *s, struct source_error *error)
{
	int err, cpus = libbpf_num_possible_cpus();

	if (cpus < 1)
		return source_fail(error, -EINVAL,
				   "the number of CPUs cannot be read: is /sys there?");
	s->side = calloc(cpus, sizeof(*s->side));
	if (!s->side)
		return source_fail(error, -ENOMEM, "out of memory");
	while (s->sides < cpus) {
		err = open_side(s, &s->side[s->sides], s->sides);
		s->sides++;
		if (err)
			return source_fail(
				error, err,
				"the kernel does not tell of mappings: perf_event_open: %s: "
				"try as root; in a container, outside of it",
				strerror(-err));
	}
	return 0;
}

/* libbpf's words on why it failed: the first of them is the best. */
static char complaint[256];

static int note_complaint(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level != LIBBPF_WARN || complaint[0])
		return 0;
	vsnprintf(complaint, sizeof(complaint), format, arguments);
	complaint[strcspn(complaint, "\n")] = '\0';
	return 0;
}

static const char *next_step(int err)
{
	struct utsname name;

	if (err == -EPERM || err == -EACCES)
		return "try as root";
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0 && uname(&name) == 0)
		return "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF): perf and trace-cmd can show "
		       "the event vmtrace:fault without";
	if (err == -ENOENT)
		return "is the module loaded, with its trace events? try: vmtrace doctor";
	return "try: vmtrace doctor";
}

static int open_bpf(struct stream *s, const struct stream_options *options,
		    struct source_error *error)
{
	int err = 0;

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(note_complaint);
	complaint[0] = '\0';
	s->bpf = stream_bpf__open();
	if (!s->bpf)
		return source_fail(error, -errno, "the BPF program cannot be opened: %s",
				   strerror(errno));
	s->bpf->rodata->everybody = options->everybody;
	s->bpf->rodata->self = getpid();
	s->bpf->rodata->classes = options->classes;
	s->bpf->rodata->min_ns = options->min_ns;
	s->bpf->rodata->failures = options->failures;
	/* Only who traces some processes follows their children. */
	bpf_program__set_autoload(s->bpf->progs.on_fork, !options->everybody);
	bpf_program__set_autoload(s->bpf->progs.on_exit, !options->everybody);
	bpf_program__set_autoload(s->bpf->progs.on_free, !options->everybody);
	err = bpf_map__set_max_entries(s->bpf->maps.ring, options->buffer);
	if (!err)
		err = stream_bpf__load(s->bpf);
	if (!err)
		err = stream_bpf__attach(s->bpf);
	if (err)
		return source_fail(error, err, "the BPF program cannot be used: %s%s%s: %s",
				   strerror(-err), complaint[0] ? ": " : "", complaint,
				   next_step(err));
	s->ring = ring_buffer__new(bpf_map__fd(s->bpf->maps.ring), on_message, s, NULL);
	if (!s->ring || !watch(s, ring_buffer__epoll_fd(s->ring)))
		return source_fail(error, -errno, "the ring buffer cannot be read: %s",
				   strerror(errno));
	return 0;
}

struct stream *stream_open(const struct stream_options *options, struct source_error *error)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s) {
		source_fail(error, -ENOMEM, "out of memory");
		return NULL;
	}
	s->page_size = sysconf(_SC_PAGESIZE);
	s->limit = options->buffer / QUEUE_SHARE;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		source_fail(error, -errno, "epoll_create1: %s", strerror(errno));
	else if (open_sides(s, error) == 0 && open_bpf(s, options, error) == 0)
		return s;
	stream_close(s);
	return NULL;
}

int stream_add(struct stream *stream, unsigned int pid)
{
	const unsigned char state = STREAM_TRACED;

	return bpf_map__update_elem(stream->bpf->maps.traced, &pid, sizeof(pid), &state,
				    sizeof(state), BPF_ANY);
}

int stream_fd(const struct stream *stream)
{
	return stream->epoll;
}

/* How often the kernel did not run a program, as it was running on that CPU. */
static unsigned long long misses(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	unsigned int size = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0 ?
		       info.recursion_misses :
		       0;
}

struct stream_losses stream_losses(const struct stream *stream)
{
	const struct stream_bpf *bpf = stream->bpf;

	return (struct stream_losses){
		.events = bpf->bss->lost + stream->unqueued + misses(bpf->progs.on_fault) +
			  misses(bpf->progs.on_failure),
		.mappings = stream->lost_mappings,
		.unfollowed = bpf->bss->unfollowed + misses(bpf->progs.on_fork),
	};
}

void stream_stop(struct stream *stream)
{
	stream_bpf__detach(stream->bpf);
}

void stream_close(struct stream *stream)
{
	if (stream->current.type == EVENT_MAPPING)
		free(stream->current.mapping.name);
	for (; stream->next < stream->count; stream->next++)
		if (stream->queue[stream->next].type == EVENT_MAPPING)
			free(stream->queue[stream->next].mapping.name);
	free(stream->queue);
	ring_buffer__free(stream->ring);
	stream_bpf__destroy(stream->bpf);
	for (int i = 0; i < stream->sides; i++) {
		if (stream->side[i].page)
			munmap(stream->side[i].page, (1 + SIDE_PAGES) * stream->page_size);
		if (stream->side[i].fd >= 0)
			close(stream->side[i].fd);
	}
	free(stream->side);
	if (stream->epoll >= 0)
		close(stream->epoll);
	free(stream);
}
