// SPDX-License-Identifier: GPL-2.0
/*
 * vmtrace - see what virtual memory really does, one page fault at a time
 */
#include <stdio.h>
#include <string.h>

#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/output.h"
#include "verbs/verbs.h"

static int run(int argc, char **argv)
{
	const struct verb *verb;

	if (argc < 2)
		return usage_error("", "no verb given");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_verbs();
	if (strcmp(argv[1], "--version") == 0)
		return print_tool_version();
	verb = verb_find(argv[1]);
	return verb ? verb->run(argc - 1, argv + 1) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	open_standard_files();
	/* finish_output() handles a reader that has closed the pipe. */
	ignore_pipe_signal();
	return finish_output(run(argc, argv));
}
