// SPDX-License-Identifier: GPL-2.0
#include <pthread.h>

#include "labs/lib/blocks.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"
#include "labs/lib/team.h"

static struct {
	pthread_barrier_t start, done;
	char *const *part;
	size_t pages, page_size;
} team;

static void *work(void *argument)
{
	char room[16 * 1024];

	/* Touch the stack that the barriers need. */
	lab_write(room, sizeof(room) / 1024, 1024);
	for (;;) {
		pthread_barrier_wait(&team.start);
		lab_write(team.part[(size_t)argument], team.pages, team.page_size);
		pthread_barrier_wait(&team.done);
	}
	return NULL;
}

int team_start(struct lab *lab, int threads)
{
	pthread_t thread;
	int err = 0;

	pthread_barrier_init(&team.start, NULL, threads + 1);
	pthread_barrier_init(&team.done, NULL, threads + 1);
	for (int i = 0; !err && i < threads; i++)
		err = pthread_create(&thread, NULL, work, (void *)(size_t)i);
	return err ? lab_skip_threads(lab, err) : 0;
}

void team_write(char *const *part, size_t pages, size_t page_size)
{
	team.part = part;
	team.pages = pages;
	team.page_size = page_size;
	pthread_barrier_wait(&team.start);
	pthread_barrier_wait(&team.done);
}
