/* SPDX-License-Identifier: GPL-2.0 */
/*
 * child.h - a command that is measured: held before its first instruction, let go, awaited
 *
 * Only the command's first process, and of that the first thread, is controlled, with
 * ptrace; its other threads and its children are not. One command at a time.
 */
#ifndef VMTRACE_SOURCES_CHILD_H
#define VMTRACE_SOURCES_CHILD_H

#include <poll.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "lib/error.h"

struct child {
	pid_t pid;
	bool traced; /* it stops at what is below */
	bool begun;  /* it executes the command */
};

enum child_event {
	CHILD_READY,   /* it stands before its first instruction */
	CHILD_EXITING, /* its first thread exits, and stands with its memory still there */
	CHILD_ENDED,   /* nothing of it runs any more; it is still known by its pid */
};

/*
 * From now on SIGINT, SIGQUIT, SIGTERM and SIGHUP do not end vmtrace, unless they were
 * ignored: they are noted, and passed on to the child if they do not come from the
 * terminal, which sends them to the child itself.
 */
void child_catch_signals(void);

/* The last one that came, or 0. */
int child_signal(void);

/* poll() for as long as it takes; -EINTR if one of these signals has come, ever. */
int child_poll(struct pollfd *fds, nfds_t count);

/*
 * Start a command and hold it before its first instruction. Returns 0, or an exit code as of
 * env(1) with error filled in; then there is no child.
 */
int child_start(struct child *child, char **argv, struct error *error);

/* Let it go; if watched, child_wait() will tell when it exits. */
void child_release(struct child *child, bool watched);

/* Wait for what comes next; after CHILD_EXITING let go with child_release(). */
enum child_event child_wait(struct child *child);

/*
 * When it is CHILD_EXITING: are all other threads gone? Otherwise they go on, or another
 * program is being executed. Those that are being killed are given a moment.
 */
bool child_is_last(const struct child *child);

/* When it has ended: forget it. Returns its exit status, or 128 and the signal. */
int child_reap(struct child *child, struct rusage *usage);

/* End it, politely at first if it runs, and forget it. */
void child_kill(struct child *child);

#endif /* VMTRACE_SOURCES_CHILD_H */
