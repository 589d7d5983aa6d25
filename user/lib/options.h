/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options.h - parse the command line: options, process ids, names
 */
#ifndef VMTRACE_LIB_OPTIONS_H
#define VMTRACE_LIB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* An option: --name sets *given, "--name VALUE" sets *value. One of the two is NULL. */
struct option_row {
	const char *name;
	bool *given;
	const char **value;
};

/*
 * Read the options of "vmtrace <verb>": those of the table, which ends in a row without
 * a name, and --help, which prints help. Returns OPTIONS_READ, and optind is the first
 * argument; or, if there is nothing more to do, the exit code.
 */
enum {
	OPTIONS_READ = -1,
	OPTIONS_MAX = 8
};
int read_options(const char *verb, const char *help, const struct option_row *table, int argc,
		 char **argv);

/* The values of an option that may be given more than once. */
#define OPTION_VALUES 64
struct option_list {
	const char *value[OPTION_VALUES];
	size_t count;
};

/* An option with a letter, too: "-n VALUE". A list instead of a value takes all of them. */
struct command_option_row {
	struct option_row option;
	char letter;
	struct option_list *list;
};

/* Like read_options(), for a verb that runs a command: the options end where the command begins. */
int read_command_options(const char *verb, const char *help, const struct command_option_row *table,
			 int argc, char **argv);

/*
 * Parse the values of --pid, of which no two may be equal. Returns OPTIONS_READ, or an exit code
 * after a message of "vmtrace <verb>".
 */
int parse_pids(const char *verb, const struct option_list *list, int pids[OPTION_VALUES]);

/*
 * Parse an argument that is a process id: a number, or "self", which leaves *pid as it is. Returns
 * OPTIONS_READ, or an exit code after a message of "vmtrace <verb>".
 */
int parse_pid(const char *verb, const char *text, int *pid);

/*
 * Find word among count names; the first member of every element of the table must be its
 * name. A prefix that only one name has is accepted. Returns the index, WORD_UNKNOWN or
 * WORD_AMBIGUOUS.
 */
enum {
	WORD_UNKNOWN = -1,
	WORD_AMBIGUOUS = -2
};
int find_word(const char *word, const void *table, size_t count, size_t element_size);

#endif /* VMTRACE_LIB_OPTIONS_H */
