// SPDX-License-Identifier: GPL-2.0
/*
 * lab - measured experiments; the table of them
 */
#include <stdio.h>
#include <string.h>

#include "labs/labs.h"
#include "util.h"
#include "verb.h"

static const struct verb labs[] = {
	{ "lazy", lab_lazy, "malloc hands out addresses; memory comes at the first touch" },
};

static const char help[] = "usage: vmtrace lab list\n"
			   "       vmtrace lab NAME [OPTIONS]\n"
			   "\n"
			   "Run a measured experiment that explains itself.\n"
			   "\n"
			   "options:\n"
			   "  --help    show this text\n"
			   "\n"
			   "labs ('vmtrace lab NAME --help' explains one):\n";

static int list(int indent)
{
	for (size_t i = 0; i < ARRAY_SIZE(labs); i++)
		print_hanging(printf("%*s%-9s ", indent, "", labs[i].name), labs[i].sentence);
	return EXIT_DONE;
}

int verb_lab(int argc, char **argv)
{
	int i;

	if (argc < 2)
		return usage_error("lab", "lab: which one? 'vmtrace lab list' names them");
	if (strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return list(2);
	}
	if (strcmp(argv[1], "list") == 0) {
		if (argc > 2)
			return usage_error("lab", "lab list: %s: unexpected argument", argv[2]);
		return list(0);
	}
	i = find_word(argv[1], labs, ARRAY_SIZE(labs), sizeof(labs[0]));
	if (i == WORD_UNKNOWN)
		return usage_error("lab", "lab: %s: unknown lab", argv[1]);
	if (i == WORD_AMBIGUOUS)
		return usage_error("lab", "lab: %s: ambiguous: more than one lab begins like that",
				   argv[1]);
	return labs[i].run(argc - 1, argv + 1);
}
