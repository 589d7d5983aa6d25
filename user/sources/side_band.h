/* SPDX-License-Identifier: GPL-2.0 */
/*
 * side_band.h - mappings, names, forks and exits of all processes: perf's side-band
 */
#ifndef VMTRACE_SOURCES_SIDE_BAND_H
#define VMTRACE_SOURCES_SIDE_BAND_H

#include "lib/error.h"
#include "sources/event.h"

struct side_band;

/* Open it on all CPUs, and add its descriptors to epoll. NULL with error filled in. */
struct side_band *side_band_open(int epoll, struct error *error);

/* Give all events that have come to add(), in the order of each CPU. */
void side_band_empty(struct side_band *band, void (*add)(void *context, const struct event *event),
		     void *context);

/* How many records the kernel had no room for. */
unsigned long long side_band_lost(const struct side_band *band);

void side_band_close(struct side_band *band);

#endif /* VMTRACE_SOURCES_SIDE_BAND_H */
