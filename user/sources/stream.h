/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stream.h - a stream of events: faults as they happen
 *
 * A provider embeds struct stream in its own structure and fills in the operations.
 */
#ifndef VMTRACE_SOURCES_STREAM_H
#define VMTRACE_SOURCES_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "sources/event.h"

struct stream_options {
	bool all_processes;	    /* all processes, not only those of stream_add() */
	unsigned long long classes; /* a bit for each enum vmtrace_class wanted */
	unsigned long long min_ns;  /* faults that took less are not wanted */
	bool failures;		    /* send failed accesses, too */
	size_t buffer;		    /* bytes of the ring buffer: a power of two, at least a page */
};

/* What was lost. */
struct stream_losses {
	unsigned long long events;     /* faults and failures for which there was no room */
	unsigned long long mappings;   /* mappings of processes, so names of places may be wrong */
	unsigned long long unfollowed; /* children that may not be traced: too many at once */
};

struct stream {
	const struct stream_ops *ops;
};

/* The operations behind the functions below. */
struct stream_ops {
	int (*add)(struct stream *stream, unsigned int pid);
	int (*fd)(const struct stream *stream);
	const struct event *(*next)(struct stream *stream);
	struct stream_losses (*losses)(const struct stream *stream);
	void (*stop)(struct stream *stream);
	void (*close)(struct stream *stream);
};

/*
 * Trace this process, and all children that it creates from now on. Without all_processes there are
 * no faults before that. Returns 0 or a negative errno.
 */
static inline int stream_add(struct stream *stream, unsigned int pid)
{
	return stream->ops->add(stream, pid);
}

/* A descriptor to poll for input: when it is readable, there may be events. */
static inline int stream_fd(const struct stream *stream)
{
	return stream->ops->fd(stream);
}

/*
 * The next event, in order of time, or NULL if there is none now. It is valid until the next call.
 * The calls up to the one that returns NULL return everything that happened before the first of
 * them.
 */
static inline const struct event *stream_next(struct stream *stream)
{
	return stream->ops->next(stream);
}

static inline struct stream_losses stream_losses(const struct stream *stream)
{
	return stream->ops->losses(stream);
}

/* Stop sending. stream_next() still returns the events that were sent before. */
static inline void stream_stop(struct stream *stream)
{
	stream->ops->stop(stream);
}

static inline void stream_close(struct stream *stream)
{
	stream->ops->close(stream);
}

#endif /* VMTRACE_SOURCES_STREAM_H */
