/* SPDX-License-Identifier: GPL-2.0 */
/*
 * output.h - stdout: redirection, width, colours, and errors of writing
 */
#ifndef VMTRACE_LIB_OUTPUT_H
#define VMTRACE_LIB_OUTPUT_H

#include <stdbool.h>

/*
 * Open /dev/null on each descriptor from 0 to 2 that is closed, so that no file opened later gets
 * that number. Reading stdin, or writing to stdout or stderr, still fails then. Commands that
 * vmtrace runs do not inherit these descriptors.
 */
void open_standard_files(void);

/*
 * ignore_pipe_signal() makes a write to a pipe without a reader fail instead of raising SIGPIPE.
 * restore_pipe_signal() undoes that in a child before it executes a command.
 */
void ignore_pipe_signal(void);
void restore_pipe_signal(void);

/*
 * Create or truncate a file for redirect_output(). *fd is -1 if file is NULL. Returns false after a
 * message of "vmtrace <verb>".
 */
bool open_output(const char *verb, const char *file, int *fd);

/*
 * Redirect stdout to the file with this descriptor, which is closed, or to stderr if file is NULL,
 * so that a report does not mix with the output of a command. Returns an exit code.
 */
int redirect_output(int fd, const char *file);

/* The width of the output in columns: $COLUMNS or that of the terminal, 20 to 80; 80 if unknown. */
int output_width(void);

/* Print text as a paragraph that is indented by columns and fits output_width(). */
void print_paragraph(int indent, const char *text);

/*
 * Like print_paragraph(), but the first line has been printed up to column, which is also the
 * indent.
 */
void print_hanging(int column, const char *text);

/* Print text right-aligned in so many columns; printf() would count bytes. */
void print_cell(const char *text, int columns);

/*
 * Print two blanks and a name in so many columns. A name that does not fit loses its beginning,
 * since the end of a path says more. Print nothing if the name is empty or there are fewer than 4
 * columns.
 */
void print_tail(const char *name, int columns);

/* An escape sequence, or "" if stdout is not a terminal with colours, or NO_COLOR is set. */
enum colour {
	COLOUR_OFF,
	COLOUR_GOOD,
	COLOUR_BAD,
	COLOUR_STRONG
};
const char *colour(enum colour colour);

/* That of the name of a verdict: pass, skip or fail. */
enum colour verdict_colour(const char *name);

/*
 * Flush stdout, and report output that was lost, for example to a full disk. There is no message if
 * the reader of a pipe has exited. Returns code, or EXIT_FAILED if output was lost.
 */
int finish_output(int code);

#endif /* VMTRACE_LIB_OUTPUT_H */
