// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/number.h"
#include "lib/output.h"
#include "lib/text.h"

static const char *output_name = "standard output";

bool open_output(const char *verb, const char *file, int *fd)
{
	*fd = -1;
	if (!file)
		return true;
	*fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (*fd < 0)
		message("%s: %s: %s: name a file that can be written", verb, file, strerror(errno));
	return *fd >= 0;
}

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
		/* open() returns the lowest free descriptor, which is fd. */
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

/* The cursor is at column. The next lines are indented by indent. */
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

void print_cell(const char *text, int columns)
{
	int rest = columns - text_width(text);

	printf("%*s%s", rest > 0 ? rest : 0, "", text);
}

void print_tail(const char *name, int columns)
{
	int length = text_width(name);

	if (columns < 4 || !*name)
		return;
	columns -= 2;
	fputs("  ", stdout);
	if (length > columns) {
		fputs("..", stdout);
		for (; length > columns - 2; length--)
			name += character_length(name);
	}
	fputs(name, stdout);
}

enum colour verdict_colour(const char *name)
{
	return strcmp(name, "pass") == 0 ? COLOUR_GOOD :
	       strcmp(name, "fail") == 0 ? COLOUR_BAD :
					   COLOUR_STRONG;
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

/* errno is of no use here: the write that failed may have been an earlier one. */
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
