// SPDX-License-Identifier: GPL-2.0
/*
 * vmtrace - see what virtual memory really does, one page fault at a time
 */
#include <stdio.h>
#include <string.h>

#include "source.h"
#include "util.h"
#include "verb.h"

static verb_function verb_help;
static verb_function verb_version;

static const struct verb verbs[] = {
	{ "show", verb_show, "show the page faults of one process, beside the kernel's count" },
	{ "stat", verb_stat, "run a command and count its page faults, or those of processes" },
	{ "trace", verb_trace, "show page faults as they happen, a line each" },
	{ "maps", verb_maps, "show what a process asked for, and what it has of it" },
	{ "walk", verb_walk, "walk the page tables to an address; what would be done there?" },
	{ "lab", verb_lab, "run a measured experiment that explains itself" },
	{ "doctor", verb_doctor, "check whether vmtrace can work on this machine, and exactly" },
	{ "help", verb_help, "show this list, or the help of one verb" },
	{ "version", verb_version, "show the versions of this tool and of the loaded module" },
};

/* NULL, after a message, if word is not a verb. */
static const struct verb *find_verb(const char *word)
{
	int i = find_word(word, verbs, ARRAY_SIZE(verbs), sizeof(verbs[0]));

	if (i == WORD_UNKNOWN)
		usage_error("", "%s: unknown verb", word);
	else if (i == WORD_AMBIGUOUS)
		usage_error("", "%s: ambiguous: more than one verb begins like that", word);
	return i < 0 ? NULL : &verbs[i];
}

static int print_help(void)
{
	printf("usage: vmtrace VERB [ARGUMENTS]\n\n");
	print_paragraph(0, "See what virtual memory really does, one page fault at a time.");
	printf("\nverbs:\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		print_hanging(printf("  %-9s ", verbs[i].name), verbs[i].sentence);
	printf("\noptions:\n"
	       "  --help    show this list\n");
	print_hanging(printf("  --version "), "show the version of this tool");
	putchar('\n');
	print_paragraph(0, "'vmtrace VERB --help' explains one verb. The manual: man vmtrace");
	return EXIT_DONE;
}

static int verb_help(int argc, char **argv)
{
	char option[] = "--help";
	char *arguments[] = { argv[1], option, NULL };
	const struct verb *verb;

	if (argc > 2)
		return usage_error("", "help: too many arguments");
	if (argc == 1 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return print_help();
	verb = find_verb(argv[1]);
	return verb ? verb->run(2, arguments) : EXIT_USAGE;
}

static int print_version(void)
{
	printf("vmtrace %s, format %d\n", VMTRACE_VERSION, VMTRACE_FORMAT);
	return EXIT_DONE;
}

static int verb_version(int argc, char **argv)
{
	struct summary_stats stats;
	struct source_error error;
	char text[4 * SOURCE_TEXT_MAX];

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: vmtrace version\n\n"
		       "Show the versions of this tool and of the loaded module.\n\noptions:\n"
		       "  --help    show this text\n");
		return EXIT_DONE;
	}
	if (argc > 1)
		return usage_error("version", "version: %s: unexpected argument", argv[1]);
	print_version();
	if (source_summary(&stats, &error) != 0) {
		message("%s", error.text);
		return EXIT_FAILED;
	}
	snprintf(text, sizeof(text), "module %s, hook %s (%s)", stats.version, stats.hook,
		 stats.hook_reason);
	print_paragraph(0, text);
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	const struct verb *verb;

	if (argc < 2)
		return usage_error("", "no verb given");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_help();
	if (strcmp(argv[1], "--version") == 0)
		return print_version();
	verb = find_verb(argv[1]);
	return verb ? verb->run(argc - 1, argv + 1) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	open_standard_files();
	/* A reader that goes away is noticed in finish_output(). */
	ignore_pipe_signal();
	return finish_output(run(argc, argv));
}
