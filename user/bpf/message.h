/* SPDX-License-Identifier: GPL-2.0 */
/*
 * message.h - what the BPF program sends to the tool
 *
 * Plain C without includes, for both.
 */
#ifndef VMTRACE_BPF_MESSAGE_H
#define VMTRACE_BPF_MESSAGE_H

#include "core/record.h"

/* Of a process, in the map "traced". */
enum stream_state {
	STREAM_TRACED = 1,
	STREAM_ENDED, /* but not forgotten: faults may follow the exit */
};

enum stream_type {
	STREAM_FAULT,
	STREAM_FAILURE,
};

/* The head of both: of the thread, in the initial pid namespace, and of CLOCK_MONOTONIC. */
struct stream_head {
	unsigned long long time_ns; /* when the fault was over */
	unsigned int pid;	    /* of the process */
	unsigned int tid;
	unsigned int type; /* enum stream_type */
	unsigned int pad;
};

struct stream_fault {
	struct stream_head head;
	struct vmtrace_record record;
};

/* An access that was answered by a signal; events.h. */
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
