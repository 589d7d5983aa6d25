// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

static void vmessage(const char *format, va_list arguments, const char *verb)
{
	char text[4096], see[64] = "";

	vsnprintf(text, sizeof(text), format, arguments);
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == '\x7f')
			*at = '?';
	if (verb)
		snprintf(see, sizeof(see), ": see 'vmtrace %s%s--help'", verb, *verb ? " " : "");
	fprintf(stderr, "vmtrace: %s%s\n", text, see);
}

void message(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vmessage(format, arguments, NULL);
	va_end(arguments);
}

int usage_error(const char *verb, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vmessage(format, arguments, verb);
	va_end(arguments);
	return EXIT_USAGE;
}

/* About what getopt_long() rejected by returning result. */
static int option_error(const char *verb, int result, char **argv)
{
	const char *word = argv[optind - 1];
	const char letter[] = { '-', (char)optopt, '\0' };

	if (result == ':')
		return usage_error(verb, "%s: %s: needs a value", verb, word);
	/* Letters may be bundled, as in -ab; long options have numbers beyond them. */
	if (optopt > 0 && optopt < 256)
		word = letter;
	return usage_error(verb, "%s: %s: unknown or ambiguous option", verb, word);
}

/* What a row of a table does with what getopt_long() found; false if that is too much. */
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

/* "+" in mode ends the options at the first word that is none. */
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

const char *root_prefix(void)
{
	const char *root = getenv("VMTRACE_ROOT");

	return root ? root : "";
}

int parse_digits(const char *text, size_t length, unsigned long long max, unsigned long long *value)
{
	unsigned long long number = 0;
	bool too_large = false;

	if (length == 0)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		unsigned int digit = (unsigned char)text[i] - (unsigned int)'0';

		if (digit > 9)
			return -EINVAL;
		if (number > (ULLONG_MAX - digit) / 10)
			too_large = true;
		number = number * 10 + digit;
	}
	if (too_large || number > max)
		return -ERANGE;
	*value = number;
	return 0;
}

int parse_number(const char *text, unsigned long long max, unsigned long long *value)
{
	return parse_digits(text, strlen(text), max, value);
}

int parse_hex(const char *text, size_t length, unsigned long long *value)
{
	static const char digits[] = "0123456789abcdef";
	unsigned long long number = 0;

	if (length < 3 || memcmp(text, "0x", 2) != 0)
		return -EINVAL;
	for (size_t i = 2; i < length; i++) {
		const char *digit = memchr(digits, text[i], sizeof(digits) - 1);

		if (!digit)
			return -EINVAL;
		if (number >> 60)
			return -ERANGE;
		number = number << 4 | (unsigned long long)(digit - digits);
	}
	*value = number;
	return 0;
}

int parse_size(const char *text, unsigned long long max, unsigned long long *value)
{
	static const char suffixes[] = "KMG";
	unsigned int shift = 0;
	size_t length = strlen(text);
	int err;

	for (unsigned int i = 0; length && suffixes[i]; i++)
		if (text[length - 1] == suffixes[i])
			shift = 10 * (i + 1);
	err = parse_digits(text, length - (shift != 0), max >> shift, value);
	if (!err)
		*value <<= shift;
	return err;
}

const char *format_time(char text[TIME_MAX], double ns)
{
	static const char *const units[] = { "ns", "µs", "ms", "s" };
	size_t unit = 0;

	/* 999.5 of a unit would be rounded to four digits. */
	for (; unit + 1 < ARRAY_SIZE(units) && ns >= (unit ? 999.5 : 1000); unit++)
		ns /= 1000;
	snprintf(text, TIME_MAX, "%.*f%s",
		 unit == 0  ? 0 :
		 ns < 9.995 ? 2 :
		 ns < 99.95 ? 1 :
			      0,
		 ns, units[unit]);
	return text;
}

const char *format_size(char text[SIZE_TEXT_MAX], double bytes)
{
	static const char units[] = "BKMGTPE";
	size_t unit = 0;

	while (bytes >= 1023.5 && unit + 2 < sizeof(units)) {
		bytes /= 1024;
		unit++;
	}
	if (bytes == 0)
		strcpy(text, "-");
	else
		snprintf(text, SIZE_TEXT_MAX, "%.*f%c", bytes < 9.95 && bytes != (int)bytes, bytes,
			 units[unit]);
	return text;
}

long long monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
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

static const char *output_name = "standard output";

int redirect_output(int fd, const char *file)
{
	int err = 0;

	if (file)
		output_name = file;
	else
		output_name = "standard error";
	fflush(stdout);
	if (dup2(file ? fd : STDERR_FILENO, STDOUT_FILENO) < 0)
		err = errno;
	if (file)
		close(fd);
	if (!err)
		return EXIT_DONE;
	message("%s: %s: nothing was printed", output_name, strerror(err));
	return EXIT_FAILED;
}

void open_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* The lowest number that is free is the one that open() takes. */
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", (fd ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
}

static void (*pipe_handler)(int) = SIG_DFL;

void ignore_pipe_signal(void)
{
	pipe_handler = signal(SIGPIPE, SIG_IGN);
}

void restore_pipe_signal(void)
{
	signal(SIGPIPE, pipe_handler);
}

int output_width(void)
{
	const char *columns = getenv("COLUMNS");
	unsigned long long width;
	struct winsize window;

	if (!columns || parse_number(columns, INT_MAX, &width) != 0) {
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
			return 80;
		width = window.ws_col;
	}
	if (width < 20)
		return 20;
	return width > 80 ? 80 : (int)width;
}

int text_width(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* The cursor is at column; lines after this one begin at indent. */
static void wrap(int column, int indent, const char *text)
{
	int width = output_width();
	bool first = true;

	while (*text) {
		int length = (int)strcspn(text, " ");

		if (!first && column + 1 + length > width) {
			printf("\n%*s", indent, "");
			column = indent;
			first = true;
		}
		column += printf("%s%.*s", first ? "" : " ", length, text);
		first = false;
		text += length;
		text += strspn(text, " ");
	}
	putchar('\n');
}

void print_paragraph(int indent, const char *text)
{
	printf("%*s", indent, "");
	wrap(indent, indent, text);
}

void print_hanging(int column, const char *text)
{
	wrap(column, column, text);
}

const char *colour(enum colour colour)
{
	static const char *const sequences[] = {
		[COLOUR_OFF] = "\033[0m",
		[COLOUR_GOOD] = "\033[32m",
		[COLOUR_BAD] = "\033[31m",
		[COLOUR_STRONG] = "\033[1m",
	};
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if ((no_color && *no_color) || !term || strcmp(term, "dumb") == 0)
		return "";
	return isatty(STDOUT_FILENO) ? sequences[colour] : "";
}

/* Not by errno, which is lost if the write that failed was an earlier one. */
static bool reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}

int finish_output(int code)
{
	bool failed = ferror(stdout);
	int err = 0;

	if (fflush(stdout) != 0) {
		failed = true;
		err = errno;
	}
	if (!failed)
		return code;
	if (!reader_is_gone())
		message("%s: %s: the output is not complete", output_name,
			err ? strerror(err) : "a write failed");
	return EXIT_FAILED;
}
