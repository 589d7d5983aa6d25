/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spaces.h - the address spaces of traced processes: what is mapped where
 *
 * Kept up to date by the events of stream.h, in their order; what was there before the
 * first event is read from /proc/<pid>/maps, if the process still lives. What is
 * unmapped is not told: a mapping stands until another one takes its place.
 */
#ifndef VMTRACE_SPACES_H
#define VMTRACE_SPACES_H

#include "stream.h"

struct place {
	unsigned long long start, end, offset, inode;
	unsigned int device;
	const char *name; /* UTF-8 without control characters, "" if it has none; kept for ever */
};

/* Follow an event of any type. */
void spaces_follow(const struct event *event);

/* Look at what a process has now, before it can go away. */
void spaces_look(unsigned int pid);

/* The mapping that holds an address, or NULL. Valid until the next spaces_follow(). */
const struct place *spaces_find(unsigned int pid, unsigned long long address);

/* The name of a file, if one of the processes has mapped it, or NULL. */
const char *spaces_file(unsigned int device, unsigned long long inode);

/* Of the process's program, as /proc/<pid>/comm has it; "?" if nobody knows. */
const char *spaces_name(unsigned int pid);

void spaces_free(void);

#endif /* VMTRACE_SPACES_H */
