// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/number.h"
#include "lib/options.h"

/* Report what getopt_long() rejected by returning result. */
static int option_error(const char *verb, int result, char **argv)
{
	const char *word = argv[optind - 1];
	const char letter[] = { '-', (char)optopt, '\0' };

	if (result == ':')
		return usage_error(verb, "%s: %s: needs a value", verb, word);
	/* Letters may be combined, as in -ab. The values of long options are 256 or more. */
	if (optopt > 0 && optopt < 256)
		word = letter;
	return usage_error(verb, "%s: %s: unknown or ambiguous option", verb, word);
}

/* Store what getopt_long() found. Returns false if the list of values is full. */
static bool take_option(const struct command_option_row *row)
{
	if (row->list && row->list->count == ARRAY_SIZE(row->list->value))
		return false;
	if (row->list)
		row->list->value[row->list->count++] = optarg;
	else if (row->option.value)
		*row->option.value = optarg;
	else
		*row->option.given = true;
	return true;
}

static const struct command_option_row *find_option(const struct command_option_row *table,
						    int option, int first)
{
	for (; table->option.name; table++, first++)
		if (option == first || (table->letter && option == table->letter))
			return table;
	return NULL;
}

/* "+" in mode ends the options at the first word that is not one. */
static int read_rows(const char *verb, const char *help, const struct command_option_row *table,
		     const char *mode, int argc, char **argv)
{
	enum {
		HELP = 256,
		FIRST
	};
	struct option known[OPTIONS_MAX + 2] = { { "help", no_argument, NULL, HELP } };
	char letters[2 * OPTIONS_MAX + 4];
	int option, used = snprintf(letters, sizeof(letters), "%s:", mode);

	for (int i = 0; i < OPTIONS_MAX && table[i].option.name; i++) {
		bool value = table[i].option.value || table[i].list;

		known[i + 1] = (struct option){
			.name = table[i].option.name,
			.has_arg = value ? required_argument : no_argument,
			.val = FIRST + i,
		};
		if (table[i].letter)
			used += snprintf(letters + used, sizeof(letters) - (size_t)used, "%c%s",
					 table[i].letter, value ? ":" : "");
	}
	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, letters, known, NULL)) != -1) {
		const struct command_option_row *row = find_option(table, option, FIRST);

		if (option == HELP) {
			fputs(help, stdout);
			return EXIT_DONE;
		}
		if (!row)
			return option_error(verb, option, argv);
		if (!take_option(row))
			return usage_error(verb, "%s: --%s: given more than %zu times", verb,
					   row->option.name, ARRAY_SIZE(row->list->value));
	}
	return OPTIONS_READ;
}

int read_options(const char *verb, const char *help, const struct option_row *table, int argc,
		 char **argv)
{
	struct command_option_row rows[OPTIONS_MAX + 1] = { 0 };

	for (int i = 0; i < OPTIONS_MAX && table[i].name; i++)
		rows[i].option = table[i];
	return read_rows(verb, help, rows, "", argc, argv);
}

int read_command_options(const char *verb, const char *help, const struct command_option_row *table,
			 int argc, char **argv)
{
	return read_rows(verb, help, table, "+", argc, argv);
}

int parse_pids(const char *verb, const struct option_list *list, int pids[OPTION_VALUES])
{
	for (size_t i = 0; i < list->count; i++) {
		unsigned long long pid;

		if (parse_number(list->value[i], INT_MAX, &pid) != 0 || pid == 0)
			return usage_error(
				verb, "%s: --pid %s: not a process id: use a number from 1 to %d",
				verb, list->value[i], INT_MAX);
		for (size_t n = 0; n < i; n++)
			if (pids[n] == (int)pid)
				return usage_error(verb, "%s: --pid %s: given twice", verb,
						   list->value[i]);
		pids[i] = (int)pid;
	}
	return OPTIONS_READ;
}

int parse_pid(const char *verb, const char *text, int *pid)
{
	unsigned long long number;

	if (strcmp(text, "self") == 0)
		return OPTIONS_READ;
	if (parse_number(text, INT_MAX, &number) != 0 || number == 0)
		return usage_error(verb, "%s: %s: not a process id: use a number from 1 to %d",
				   verb, text, INT_MAX);
	*pid = (int)number;
	return OPTIONS_READ;
}

int find_word(const char *word, const void *table, size_t count, size_t element_size)
{
	size_t length = strlen(word);
	int found = WORD_UNKNOWN;

	for (size_t i = 0; i < count; i++) {
		const char *const *name = (const void *)((const char *)table + i * element_size);

		if (strcmp(word, *name) == 0)
			return (int)i;
		if (strncmp(word, *name, length) == 0)
			found = found == WORD_UNKNOWN ? (int)i : WORD_AMBIGUOUS;
	}
	return found;
}
