// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bpf/message.h"
#include "sources/decode.h"
#include "sources/event.h"

static void begin(struct event *event, enum event_type type, unsigned int pid, unsigned int tid,
		  unsigned long long time_ns)
{
	memset(event, 0, sizeof(*event));
	event->type = type;
	event->pid = pid;
	event->tid = tid;
	event->time_ns = time_ns;
}

bool decode_message(const void *data, size_t size, struct event *event)
{
	const struct stream_head *head = data;
	const struct stream_fault *fault = data;
	const struct stream_failure *failure = data;

	if (size < sizeof(*head))
		return false;
	if (head->type == STREAM_FAULT && size >= sizeof(*fault)) {
		begin(event, EVENT_FAULT, head->pid, head->tid, head->time_ns);
		event->fault = fault->record;
		return true;
	}
	if (head->type == STREAM_FAILURE && size >= sizeof(*failure)) {
		begin(event, EVENT_FAILURE, head->pid, head->tid, head->time_ns);
		event->failure.address = failure->address;
		event->failure.ip = failure->ip;
		event->failure.signal = failure->signal;
		event->failure.code = failure->code;
		event->failure.reason = failure->reason;
		return true;
	}
	return false;
}

/* The records of perf_event_open(2), for the sample_type that side_band.c asks for. */
struct mmap2_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t addr, len, pgoff;
	uint32_t maj, min;
	uint64_t ino, ino_generation;
	uint32_t prot, flags;
	char filename[];
};

struct comm_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	char comm[];
};

struct task_record { /* FORK and EXIT */
	struct perf_event_header header;
	uint32_t pid, ppid, tid, ptid;
	uint64_t time;
};

struct lost_record {
	struct perf_event_header header;
	uint64_t id, lost;
};

/* The end of every record: PERF_SAMPLE_TID and PERF_SAMPLE_TIME. */
struct sample_id {
	uint32_t pid, tid;
	uint64_t time;
};

bool decode_side(const struct perf_event_header *record, struct event *event,
		 unsigned long long *lost)
{
	const struct mmap2_record *map = (const void *)record;
	const struct comm_record *comm = (const void *)record;
	const struct task_record *task = (const void *)record;
	const struct sample_id *id;
	size_t body;

	if (record->size < sizeof(*record) + sizeof(*id))
		return false;
	body = record->size - sizeof(*id);
	id = (const void *)((const char *)record + body);
	if (record->type == PERF_RECORD_MMAP2 && body > sizeof(*map)) {
		begin(event, EVENT_MAPPING, map->pid, map->tid, id->time);
		event->mapping = (struct event_mapping){
			.start = map->addr,
			.end = map->addr + map->len,
			.offset = map->pgoff,
			.inode = map->ino,
			.device = map->maj << 20 | map->min,
			.name = strndup(map->filename, body - sizeof(*map)),
		};
		return true;
	}
	if (record->type == PERF_RECORD_COMM && body > sizeof(*comm)) {
		begin(event, EVENT_NAME, comm->pid, comm->tid, id->time);
		event->name.exec = record->misc & PERF_RECORD_MISC_COMM_EXEC;
		snprintf(event->name.text, sizeof(event->name.text), "%.*s",
			 (int)(body - sizeof(*comm)), comm->comm);
		return true;
	}
	if ((record->type == PERF_RECORD_FORK || record->type == PERF_RECORD_EXIT) &&
	    body >= sizeof(*task)) {
		begin(event, record->type == PERF_RECORD_FORK ? EVENT_FORK : EVENT_EXIT, task->pid,
		      task->tid, id->time);
		if (record->type == PERF_RECORD_FORK)
			event->parent = task->ppid;
		return true;
	}
	if (record->type == PERF_RECORD_LOST && body >= sizeof(struct lost_record))
		*lost += ((const struct lost_record *)record)->lost;
	return false;
}
