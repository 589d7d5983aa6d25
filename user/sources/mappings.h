/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mappings.h - what traced processes have mapped, and where
 *
 * Kept up to date by the events of event.h, in their order; what was there before the
 * first event is read from /proc/<pid>/maps, if the process still lives. There are no events of
 * munmap(): a mapping stays until another one takes its addresses.
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

/* Follow an event of any type. */
void mappings_follow(const struct event *event);

/* Read what a process has mapped now, before it can exit. */
void mappings_read(unsigned int pid);

/* The mapping that holds an address, or NULL. Valid until the next mappings_follow(). */
const struct mapping *mappings_find(unsigned int pid, unsigned long long address);

/* The name of a file, if one of the processes has mapped it, or NULL. */
const char *mappings_file(unsigned int device, unsigned long long inode);

void mappings_free(void);

#endif /* VMTRACE_SOURCES_MAPPINGS_H */
