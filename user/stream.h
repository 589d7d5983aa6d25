/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stream.h - faults as they happen, and what is needed to name their places
 *
 * The faults come from the module's trace events through a BPF program, the mappings
 * and names of processes from perf's side-band events. All times are CLOCK_MONOTONIC,
 * all pids those of the initial pid namespace.
 */
#ifndef VMTRACE_STREAM_H
#define VMTRACE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"
#include "source.h"

enum event_type {
	EVENT_FAULT,
	EVENT_FAILURE, /* an access that was answered by a signal */
	EVENT_MAPPING, /* something was mapped */
	EVENT_NAME,    /* a thread has another name, or executes another program */
	EVENT_FORK,
	EVENT_EXIT, /* of a thread */
};

struct event_failure {
	unsigned long long address, ip;
	int signal, code;
	unsigned int reason; /* enum vmtrace_reason */
};

struct event_mapping {
	unsigned long long start, end, offset, inode;
	unsigned int device; /* major << 20 | minor */
	char *name;	     /* a path, or like "[heap]"; its bytes are any but NUL */
};

struct event {
	enum event_type type;
	unsigned int pid, tid;
	unsigned long long time_ns;
	union {
		struct vmtrace_record fault;
		struct event_failure failure;
		struct event_mapping mapping;
		struct {
			char text[16];
			bool exec; /* the process has other memory now */
		} name;
		unsigned int parent; /* of a fork */
	};
};

struct stream_options {
	bool everybody;		    /* not only those of stream_add() and their children */
	unsigned long long classes; /* a bit for each enum vmtrace_class wanted */
	unsigned long long min_ns;  /* faults that took less are not wanted */
	bool failures;		    /* are accesses that failed wanted? */
	size_t buffer; /* bytes between the kernel and us: a power of two, at least a page */
};

/* What did not come. */
struct stream_losses {
	unsigned long long events;     /* faults and failures: the buffer had no place for them */
	unsigned long long mappings;   /* likewise: names of places may be wrong */
	unsigned long long unfollowed; /* processes that may not be traced: too many at once */
};

struct stream;

/* NULL, with error filled in, if it cannot be had. Nothing comes before stream_add(). */
struct stream *stream_open(const struct stream_options *options, struct source_error *error);

/* Trace this process, and all of its children to come. Returns 0 or a negative errno. */
int stream_add(struct stream *stream, unsigned int pid);

/* To be polled for input: there may be events. */
int stream_fd(const struct stream *stream);

/*
 * The next event, in order of time, or NULL if there is none now. It is valid until the
 * next call. What a call finds is everything that has happened before the call.
 */
const struct event *stream_next(struct stream *stream);

struct stream_losses stream_losses(const struct stream *stream);

/* Send no more; what was sent can still be had by stream_next(). */
void stream_stop(struct stream *stream);
void stream_close(struct stream *stream);

#endif /* VMTRACE_STREAM_H */
