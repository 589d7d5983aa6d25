/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mappings.h - the mappings of traced processes
 *
 * The events of event.h, in their order, update them. What was mapped before the first event is
 * read from /proc/<pid>/maps, if the process is still alive. There are no events for munmap(): a
 * mapping stays until another one replaces it.
 */
#ifndef VMTRACE_SOURCES_MAPPINGS_H
#define VMTRACE_SOURCES_MAPPINGS_H

#include "sources/event.h"

/* The name is UTF-8 without control characters, "" if there is none; kept until mappings_free(). */
struct mapping {
	unsigned long long start, end, offset, inode;
	unsigned int device;
	const char *name;
};

/* Apply an event of any type. */
void mappings_follow(const struct event *event);

/* Read the mappings of a process now, before it can exit. */
void mappings_read(unsigned int pid);

/* The mapping that holds an address, or NULL. Valid until the next mappings_follow(). */
const struct mapping *mappings_find(unsigned int pid, unsigned long long address);

/* The name of a file, if one of the processes has mapped it, or NULL. */
const char *mappings_file(unsigned int device, unsigned long long inode);

void mappings_free(void);

#endif /* VMTRACE_SOURCES_MAPPINGS_H */
