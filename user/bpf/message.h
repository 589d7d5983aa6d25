/* SPDX-License-Identifier: GPL-2.0 */
/*
 * message.h - the messages that the BPF programs send to the tool
 *
 * Plain C, shared by both sides.
 */
#ifndef VMTRACE_BPF_MESSAGE_H
#define VMTRACE_BPF_MESSAGE_H

#include "core/record.h"

/* The state of a process in the map "traced". */
enum stream_state {
	STREAM_TRACED = 1,
	STREAM_ENDED, /* kept in the map: faults may follow the exit */
};

enum stream_type {
	STREAM_FAULT,
	STREAM_FAILURE,
};

/* The head of each message. Ids are of the initial pid namespace, the time is CLOCK_MONOTONIC. */
struct stream_head {
	unsigned long long time_ns; /* end of the fault, or time of the failure */
	unsigned int pid;	    /* thread group id */
	unsigned int tid;
	unsigned int type; /* enum stream_type */
	unsigned int pad;
};

struct stream_fault {
	struct stream_head head;
	struct vmtrace_record record;
};

/* An access that raised a signal; see module/fault/events.h. */
struct stream_failure {
	struct stream_head head;
	unsigned long long address;
	unsigned long long ip;
	int signal;
	int code;
	unsigned int reason; /* enum vmtrace_reason */
	unsigned int pad;
};

#endif /* VMTRACE_BPF_MESSAGE_H */
