/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stream.h - faults as they happen, one event after the other
 *
 * A provider embeds struct stream in its own and fills in the operations.
 */
#ifndef VMTRACE_SOURCES_STREAM_H
#define VMTRACE_SOURCES_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "sources/event.h"

struct stream_options {
	bool everybody;		    /* all processes, not only those of stream_add() */
	unsigned long long classes; /* a bit for each enum vmtrace_class wanted */
	unsigned long long min_ns;  /* faults that took less are not wanted */
	bool failures;		    /* are accesses that failed wanted? */
	size_t buffer; /* bytes between the kernel and us: a power of two, at least a page */
};

/* What did not come. */
struct stream_losses {
	unsigned long long events;   /* faults and failures: the buffer had no place for them */
	unsigned long long mappings; /* mappings of processes, so names of places may be wrong */
	unsigned long long
		unfollowed; /* processes that may not be traced, as there were too many at once */
};

struct stream {
	const struct stream_ops *ops;
};

/* The functions below, for one kind of stream. */
struct stream_ops {
	int (*add)(struct stream *stream, unsigned int pid);
	int (*fd)(const struct stream *stream);
	const struct event *(*next)(struct stream *stream);
	struct stream_losses (*losses)(const struct stream *stream);
	void (*stop)(struct stream *stream);
	void (*close)(struct stream *stream);
};

/*
 * Trace this process, and all of its children to come. Nothing comes before that, unless
 * everybody is traced. Returns 0 or a negative errno.
 */
static inline int stream_add(struct stream *stream, unsigned int pid)
{
	return stream->ops->add(stream, pid);
}

/* A descriptor to be polled for input: there may be events. */
static inline int stream_fd(const struct stream *stream)
{
	return stream->ops->fd(stream);
}

/*
 * The next event, in order of time, or NULL if there is none now. It is valid until the
 * next call. Together, calls until NULL return everything that happened before the first.
 */
static inline const struct event *stream_next(struct stream *stream)
{
	return stream->ops->next(stream);
}

static inline struct stream_losses stream_losses(const struct stream *stream)
{
	return stream->ops->losses(stream);
}

/* Send no more; what was sent can still be had by stream_next(). */
static inline void stream_stop(struct stream *stream)
{
	stream->ops->stop(stream);
}

static inline void stream_close(struct stream *stream)
{
	stream->ops->close(stream);
}

#endif /* VMTRACE_SOURCES_STREAM_H */
