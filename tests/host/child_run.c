// SPDX-License-Identifier: GPL-2.0
/* child_run.c - "child_run COMMAND...": what child.c tells of it, in words; see stat.sh */
#include <stdio.h>
#include <string.h>

#include "lib/error.h"
#include "lib/message.h"
#include "lib/output.h"
#include "sources/child.h"

int main(int argc, char **argv)
{
	bool watched = strcmp(argv[1], "unwatched") != 0;
	struct child child;
	struct error error;
	struct rusage usage;
	int code;

	(void)argc;
	ignore_pipe_signal();
	child_catch_signals();
	code = child_start(&child, argv + 1 + !watched, &error);
	if (code) {
		message("stat: %s", error.text);
		return code;
	}
	printf("ready");
	fflush(stdout);
	child_release(&child, watched);
	while (child_wait(&child) == CHILD_EXITING) {
		printf(" exiting:%s", child_is_last(&child) ? "last" : "others");
		fflush(stdout);
		child_release(&child, false);
	}
	code = child_reap(&child, &usage);
	printf(" ended:%d\n", code);
	return usage.ru_minflt > 0 ? 0 : 1;
}
