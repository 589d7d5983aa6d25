/* SPDX-License-Identifier: GPL-2.0 */
/*
 * child.h - run a command: hold it before its first instruction, release it, wait for it
 *
 * Only the first thread of the command is traced (ptrace), not its other threads and not its
 * children. One command at a time.
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
	bool traced; /* it stops at the events below */
	bool begun;  /* it has executed the command */
};

enum child_event {
	CHILD_READY,   /* it is stopped before its first instruction */
	CHILD_EXITING, /* its first thread is stopped in its exit, before it gives up its memory */
	CHILD_ENDED,   /* all of its threads have ended; it is not reaped yet */
};

/*
 * Catch SIGINT, SIGQUIT, SIGTERM and SIGHUP, but not those that are ignored. A signal is
 * remembered, and forwarded to the child unless it comes from the terminal, which signals the child
 * itself.
 */
void child_catch_signals(void);

/* The last signal that was caught, or 0. */
int child_signal(void);

/* poll() without a timeout. Returns -EINTR if one of these signals has ever been caught. */
int child_poll(struct pollfd *fds, nfds_t count);

/*
 * Start a command and hold it before its first instruction. Returns 0. On failure there is no
 * child, error is filled in, and an exit code as of env(1) is returned.
 */
int child_start(struct child *child, char **argv, struct error *error);

/* Let the child run. If watched, it stays traced, and child_wait() reports its exit. */
void child_release(struct child *child, bool watched);

/* Wait for the next event. After CHILD_EXITING, call child_release(). */
enum child_event child_wait(struct child *child);

/*
 * After CHILD_EXITING: have all other threads ended? If not, they run on, or the process is
 * executing another program. Waits up to two seconds for threads that are being killed.
 */
bool child_is_last(const struct child *child);

/* Wait for the end of the child and reap it. Returns its exit status, or 128 plus the signal. */
int child_reap(struct child *child, struct rusage *usage);

/* Kill the child and reap it. If it is not traced, it gets SIGTERM, and SIGKILL a second later. */
void child_kill(struct child *child);

#endif /* VMTRACE_SOURCES_CHILD_H */
