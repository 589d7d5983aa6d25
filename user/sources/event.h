/* SPDX-License-Identifier: GPL-2.0 */
/*
 * event.h - an event of a stream: a fault, or what is needed to name its addresses
 *
 * Times are CLOCK_MONOTONIC, in ns; pids are those of the initial pid namespace.
 */
#ifndef VMTRACE_SOURCES_EVENT_H
#define VMTRACE_SOURCES_EVENT_H

#include <stdbool.h>

#include "core/record.h"

enum event_type {
	EVENT_FAULT,
	EVENT_FAILURE, /* an access that raised a signal */
	EVENT_MAPPING, /* something was mapped */
	EVENT_NAME,    /* a thread was renamed, or executed a program */
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
	char *name;	     /* a path, or a name like "[heap]"; any bytes but NUL */
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
			bool exec; /* execve(2): the process has a new address space */
		} name;
		unsigned int parent; /* of a fork */
	};
};

#endif /* VMTRACE_SOURCES_EVENT_H */
