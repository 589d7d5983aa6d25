/* SPDX-License-Identifier: GPL-2.0 */
/*
 * util.h - messages, numbers, times, words and text that every verb needs
 */
#ifndef VMTRACE_UTIL_H
#define VMTRACE_UTIL_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum exit_code {
	EXIT_DONE = 0,	  /* did what was asked */
	EXIT_FAILED = 1,  /* could not, or the answer is "no" */
	EXIT_USAGE = 2,	  /* the command line makes no sense */
	EXIT_SKIPPED = 4, /* a lab that this machine cannot show, as kselftest's KSFT_SKIP */
};

/*
 * One line on stderr, "vmtrace: WHAT: why: next step"; a newline is added. Control
 * characters become '?', and what is very long is cut: it may quote anything.
 */
__attribute__((format(printf, 1, 2))) void message(const char *format, ...);

/* As message(), then where to find help on "vmtrace <verb>". Returns EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int usage_error(const char *verb, const char *format, ...);

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

/* The same for a verb that runs a command: its options end where that begins. */
int read_command_options(const char *verb, const char *help, const struct command_option_row *table,
			 int argc, char **argv);

/*
 * The process ids among them, each given once. Returns OPTIONS_READ, or an exit code after a
 * message of "vmtrace <verb>" about its option --pid.
 */
int parse_pids(const char *verb, const struct option_list *list, int pids[OPTION_VALUES]);

/* The directory that stands for /: $VMTRACE_ROOT, or "". */
const char *root_prefix(void);

/*
 * Decimal digits only: no sign, blank, prefix or trailing junk. Return 0, -EINVAL
 * or, beyond max, -ERANGE; *value is written on success only.
 */
int parse_digits(const char *text, size_t length, unsigned long long max,
		 unsigned long long *value);
int parse_number(const char *text, unsigned long long max, unsigned long long *value);

/* "0x" and hexadecimal digits, lower case. */
int parse_hex(const char *text, size_t length, unsigned long long *value);

/* Decimal digits with an optional K, M or G (powers of 1024). */
int parse_size(const char *text, unsigned long long max, unsigned long long *value);

/* A clock, in ns; CLOCK_MONOTONIC. */
long long monotonic_ns(void);

/*
 * Find word among count names; the first member of every element of the table
 * must be its name. A prefix will do if only one name has it. Returns the index,
 * WORD_UNKNOWN or WORD_AMBIGUOUS.
 */
enum {
	WORD_UNKNOWN = -1,
	WORD_AMBIGUOUS = -2
};
int find_word(const char *word, const void *table, size_t count, size_t element_size);

/*
 * A time for people, in three digits: 999ns, 1.00µs, 12.3ms, 456s, and beyond that whole
 * seconds. The unit is not set off by a blank, so that no line ends between the two.
 */
#define TIME_MAX 24
const char *format_time(char text[TIME_MAX], double ns);

/* In at most five columns, as ls -h has it; nothing is "-". */
#define SIZE_TEXT_MAX 16
const char *format_size(char text[SIZE_TEXT_MAX], double bytes);

/*
 * From now on stdout is what goes to this file, or to stderr if it is NULL: a report
 * must not come between what a command prints. The descriptor is that of the file, and
 * closed. Returns an exit code.
 */
int redirect_output(int fd, const char *file);

/*
 * Whoever started us may have closed stdin, stdout or stderr: then they are to be files
 * that cannot be read, or written to, rather than the next ones that are opened. Commands
 * do not inherit those.
 */
void open_standard_files(void);

/* A reader that goes away is to be an error, and no signal; not for commands, though. */
void ignore_pipe_signal(void);
void restore_pipe_signal(void);

/* Columns to write for: the terminal's or $COLUMNS, 20 to 80, 80 if unknown. */
int output_width(void);

/* Columns of a terminal: all bytes but those that go on with a UTF-8 character. */
int text_width(const char *text);

/* Print text as a paragraph that is indented and fits output_width(). */
void print_paragraph(int indent, const char *text);

/* The same for text that begins on a line that is written up to column. */
void print_hanging(int column, const char *text);

/* Escape sequences, or "" if stdout is no terminal or NO_COLOR is set. */
enum colour {
	COLOUR_OFF,
	COLOUR_GOOD,
	COLOUR_BAD,
	COLOUR_STRONG
};
const char *colour(enum colour colour);

/*
 * Flush stdout, so that output lost to a full disk is a failure and not a
 * silence. A reader that went away is no news: that fails without a message.
 * Returns the exit code of the program.
 */
int finish_output(int code);

#endif /* VMTRACE_UTIL_H */
