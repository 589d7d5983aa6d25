/* SPDX-License-Identifier: GPL-2.0 */
/*
 * side_band.h - mappings, names, forks and exits of all processes: perf's side-band
 */
#ifndef VMTRACE_SOURCES_SIDE_BAND_H
#define VMTRACE_SOURCES_SIDE_BAND_H

#include "lib/error.h"
#include "sources/event.h"

struct side_band;

/* Open a ring on each CPU, and add it to epoll. Returns NULL with error filled in on failure. */
struct side_band *side_band_open(int epoll, struct error *error);

/* Pass all events that have arrived to add(). The events of each CPU are in order. */
void side_band_empty(struct side_band *band, void (*add)(void *context, const struct event *event),
		     void *context);

/* The number of records for which the kernel had no room. */
unsigned long long side_band_lost(const struct side_band *band);

void side_band_close(struct side_band *band);

#endif /* VMTRACE_SOURCES_SIDE_BAND_H */
