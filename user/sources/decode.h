/* SPDX-License-Identifier: GPL-2.0 */
/*
 * decode.h - what the kernel sends while it traces, as events
 *
 * Both fill in the event and return true, or return false if there is nothing to tell.
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
 * A record of perf's side-band, of which the whole size that its header tells can be read.
 * The name of a mapping is to be freed, and NULL if memory is short. To *lost is added how
 * many records the kernel had no place for.
 */
bool decode_side(const struct perf_event_header *record, struct event *event,
		 unsigned long long *lost);

#endif /* VMTRACE_SOURCES_DECODE_H */
