/* SPDX-License-Identifier: GPL-2.0 */
/*
 * decode.h - turn what the kernel sends into events
 *
 * Both fill in the event and return true, or return false if there is no event.
 */
#ifndef VMTRACE_SOURCES_DECODE_H
#define VMTRACE_SOURCES_DECODE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>

#include "sources/event.h"

/* A message of the BPF program. */
bool decode_message(const void *data, size_t size, struct event *event);

/*
 * A record of perf's side-band. All bytes that its header counts can be read. The caller frees the
 * name of a mapping, which is NULL if there is no memory. The number of records for which the
 * kernel had no room is added to *lost.
 */
bool decode_side(const struct perf_event_header *record, struct event *event,
		 unsigned long long *lost);

#endif /* VMTRACE_SOURCES_DECODE_H */
