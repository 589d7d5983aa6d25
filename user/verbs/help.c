// SPDX-License-Identifier: GPL-2.0
/*
 * help - the list of verbs, or the help of one
 */
#include <stdio.h>
#include <string.h>

#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/output.h"
#include "verbs/verbs.h"

int print_verbs(void)
{
	printf("usage: vmtrace VERB [ARGUMENTS]\n\n");
	print_paragraph(0, "See what virtual memory really does, one page fault at a time.");
	printf("\nverbs:\n");
	for (size_t i = 0; i < verbs_count; i++)
		print_hanging(printf("  %-9s ", verbs[i].name), verbs[i].sentence);
	printf("\noptions:\n"
	       "  --help    show this list\n");
	print_hanging(printf("  --version "), "show the version of this tool");
	putchar('\n');
	print_paragraph(0, "'vmtrace VERB --help' explains one verb. The manual: man vmtrace");
	return EXIT_DONE;
}

int verb_help(int argc, char **argv)
{
	char option[] = "--help";
	char *arguments[] = { argv[1], option, NULL };
	const struct verb *verb;

	if (argc > 2)
		return usage_error("", "help: too many arguments");
	if (argc == 1 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return print_verbs();
	verb = verb_find(argv[1]);
	return verb ? verb->run(2, arguments) : EXIT_USAGE;
}
