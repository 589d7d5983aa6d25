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
#include "bpf/stream.skel.h"
#include "lib/error.h"
#include "lib/units.h"
#include "sources/decode.h"
#include "sources/event.h"
#include "sources/module_stream.h"
#include "sources/side_band.h"
#include "sources/stream.h"

enum {
	BATCH = 512,	  /* events that are returned before the kernel's buffers are read again */
	QUEUE_SHARE = 64, /* bytes of the kernel's buffer per event that may wait in the queue */
};

struct module_stream {
	struct stream stream; /* the first member */
	struct stream_bpf *bpf;
	struct ring_buffer *ring;
	struct side_band *side_band;
	int epoll;

	struct event *queue; /* sorted by time from next to ready */
	size_t next, ready, count, room;
	size_t limit;		     /* of the queue, for faults; further ones wait in the kernel */
	size_t handed_out;	     /* since the buffers were read */
	unsigned long long unqueued; /* events dropped for lack of memory */
	struct event current;
};

static void add_event(void *context, const struct event *event)
{
	struct module_stream *s = context;

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
	struct module_stream *s = context;
	struct event event;

	if (decode_message(data, size, &event))
		add_event(s, &event);
	/* A negative number ends ring_buffer__consume(): the other messages wait in the kernel. */
	return s->count < s->limit ? 0 : -EAGAIN;
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

/* Sort the events from index old on into the sorted ones before. */
static void sort_new(struct module_stream *s, size_t old)
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

/* Fetch all events. Those younger than moment are not ready: an older one may still arrive. */
static void refill(struct module_stream *s)
{
	unsigned long long moment = monotonic_ns();
	size_t old;

	if (s->next > s->count / 4) {
		s->count -= s->next;
		memmove(s->queue, s->queue + s->next, s->count * sizeof(*s->queue));
		s->next = 0;
	}
	old = s->count;
	/* Faults first: the mappings made before them are in the side-band by then. */
	if (s->count < s->limit)
		ring_buffer__consume(s->ring);
	side_band_empty(s->side_band, add_event, s);
	sort_new(s, old);
	for (s->ready = s->next; s->ready < s->count && s->queue[s->ready].time_ns <= moment;)
		s->ready++;
	s->handed_out = 0;
}

static const struct event *next(struct stream *stream)
{
	struct module_stream *s = (struct module_stream *)stream;

	if (s->current.type == EVENT_MAPPING)
		free(s->current.mapping.name);
	memset(&s->current, 0, sizeof(s->current));
	if (s->next == s->ready || s->handed_out == BATCH)
		refill(s);
	/* poll() would not report an event that has been fetched and was too young to be ready. */
	if (s->next == s->ready && s->next < s->count)
		refill(s);
	if (s->next == s->ready)
		return NULL;
	s->current = s->queue[s->next++];
	s->handed_out++;
	return &s->current;
}

static bool watch(const struct module_stream *s, int ring)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, ring, &event) == 0;
}

/* The first warning of libbpf, which says why it failed. */
static char libbpf_warning[256];

static int keep_libbpf_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level != LIBBPF_WARN || libbpf_warning[0])
		return 0;
	vsnprintf(libbpf_warning, sizeof(libbpf_warning), format, arguments);
	libbpf_warning[strcspn(libbpf_warning, "\n")] = '\0';
	return 0;
}

static const char *next_step(int err)
{
	struct utsname name;

	if (err == -EPERM || err == -EACCES)
		return "try as root";
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0 && uname(&name) == 0)
		return "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF): perf and trace-cmd can "
		       "show the event vmtrace:fault without it";
	if (err == -ENOENT)
		return "is the module loaded, with its trace events? try: vmtrace doctor";
	return "try: vmtrace doctor";
}

static int open_bpf(struct module_stream *s, const struct stream_options *options,
		    struct error *error)
{
	int err = 0;

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(keep_libbpf_warning);
	libbpf_warning[0] = '\0';
	s->bpf = stream_bpf__open();
	if (!s->bpf)
		return error_set(error, -errno, "the BPF program cannot be opened: %s",
				 strerror(errno));
	s->bpf->rodata->all_processes = options->all_processes;
	s->bpf->rodata->self = getpid();
	s->bpf->rodata->classes = options->classes;
	s->bpf->rodata->min_ns = options->min_ns;
	s->bpf->rodata->failures = options->failures;
	/* Children need not be followed if all processes are traced. */
	bpf_program__set_autoload(s->bpf->progs.on_fork, !options->all_processes);
	bpf_program__set_autoload(s->bpf->progs.on_exit, !options->all_processes);
	bpf_program__set_autoload(s->bpf->progs.on_free, !options->all_processes);
	err = bpf_map__set_max_entries(s->bpf->maps.ring, options->buffer);
	if (!err)
		err = stream_bpf__load(s->bpf);
	if (!err)
		err = stream_bpf__attach(s->bpf);
	if (err)
		return error_set(error, err, "the BPF program cannot be used: %s%s%s: %s",
				 strerror(-err), libbpf_warning[0] ? ": " : "", libbpf_warning,
				 next_step(err));
	s->ring = ring_buffer__new(bpf_map__fd(s->bpf->maps.ring), on_message, s, NULL);
	if (!s->ring || !watch(s, ring_buffer__epoll_fd(s->ring)))
		return error_set(error, -errno, "the ring buffer cannot be read: %s",
				 strerror(errno));
	return 0;
}

static int add(struct stream *stream, unsigned int pid)
{
	const struct module_stream *s = (struct module_stream *)stream;
	const unsigned char state = STREAM_TRACED;

	return bpf_map__update_elem(s->bpf->maps.traced, &pid, sizeof(pid), &state, sizeof(state),
				    BPF_ANY);
}

static int fd(const struct stream *stream)
{
	return ((const struct module_stream *)stream)->epoll;
}

/* How often the kernel skipped a program because it was already running on that CPU. */
static unsigned long long misses(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	unsigned int size = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0 ?
		       info.recursion_misses :
		       0;
}

static struct stream_losses losses(const struct stream *stream)
{
	const struct module_stream *s = (const struct module_stream *)stream;
	const struct stream_bpf *bpf = s->bpf;

	return (struct stream_losses){
		.events = bpf->bss->lost + s->unqueued + misses(bpf->progs.on_fault) +
			  misses(bpf->progs.on_failure),
		.mappings = side_band_lost(s->side_band),
		.unfollowed = bpf->bss->unfollowed + misses(bpf->progs.on_fork),
	};
}

static void stop(struct stream *stream)
{
	stream_bpf__detach(((struct module_stream *)stream)->bpf);
}

static void destroy(struct stream *stream)
{
	struct module_stream *s = (struct module_stream *)stream;

	if (s->current.type == EVENT_MAPPING)
		free(s->current.mapping.name);
	for (; s->next < s->count; s->next++)
		if (s->queue[s->next].type == EVENT_MAPPING)
			free(s->queue[s->next].mapping.name);
	free(s->queue);
	ring_buffer__free(s->ring);
	stream_bpf__destroy(s->bpf);
	if (s->side_band)
		side_band_close(s->side_band);
	if (s->epoll >= 0)
		close(s->epoll);
	free(s);
}

struct stream *module_stream(const struct stream_options *options, struct error *error)
{
	static const struct stream_ops ops = {
		.add = add,
		.fd = fd,
		.next = next,
		.losses = losses,
		.stop = stop,
		.close = destroy,
	};
	struct module_stream *s = calloc(1, sizeof(*s));

	if (!s) {
		error_set(error, -ENOMEM, "out of memory");
		return NULL;
	}
	s->stream.ops = &ops;
	s->limit = options->buffer / QUEUE_SHARE;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		error_set(error, -errno, "epoll_create1: %s", strerror(errno));
	else
		s->side_band = side_band_open(s->epoll, error);
	if (s->side_band && open_bpf(s, options, error) == 0)
		return &s->stream;
	destroy(&s->stream);
	return NULL;
}
