/* SPDX-License-Identifier: GPL-2.0 */
/*
 * resolve.h - names for the addresses of an event
 */
#ifndef VMTRACE_SOURCES_RESOLVE_H
#define VMTRACE_SOURCES_RESOLVE_H

#include <stdbool.h>

#include "sources/event.h"

#define PLACE_MAX 4352 /* a path, and numbers */

/*
 * A fault or a failure. Its texts are printable: a file, mapping or symbol and the offset in it, or
 * a bare address.
 */
struct resolved_event {
	const struct event *event;
	char address[PLACE_MAX]; /* of the access */
	char code[PLACE_MAX];	 /* of the instruction; "-" if there is none */
};

/*
 * Resolve a fault or a failure. Any other event only updates the mappings, and false is returned.
 * All events must be passed, in their order.
 */
bool resolve_event(const struct event *event, struct resolved_event *resolved);

/* Forget all mappings and symbols. */
void resolve_free(void);

#endif /* VMTRACE_SOURCES_RESOLVE_H */
