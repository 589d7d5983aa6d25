/* SPDX-License-Identifier: GPL-2.0 */
/*
 * background.h - processes that load the machine while a test does something else
 *
 * Each part of such a process (a thread, or a kind of file that it reads) counts the rounds
 * that it has done, where the test sees it. A test that calls background_goes_on() in each of its
 * own rounds fails if one of them died, or did nothing.
 */
#ifndef BACKGROUND_H
#define BACKGROUND_H

#include <stdbool.h>
#include <sys/types.h>

#define BACKGROUND_PARTS 8

struct background {
	pid_t pid;
	int parts;
	void *arg;    /* whatever run() wants */
	long *rounds; /* of each part; memory that is shared with the process */
};

/* A process that calls run(), which never returns. It dies with the test. */
void background_start(struct background *b, void (*run)(struct background *b), int parts,
		      void *arg);
/* By the process: this part has done a round. */
void background_round(struct background *b, int part);
/* All of these live, and each part of each does a whole round from now on. */
void background_goes_on(struct background *b, int n);
/* That, and then their end. */
void background_stop(struct background *b, int n);

/*
 * Reads an open file to its end, with at most piece (up to 4096) bytes a call, and closes it.
 * Whether some of it could be read: it may be gone. False if fd is negative.
 */
bool read_to_end(int fd, size_t piece);

#endif /* BACKGROUND_H */
