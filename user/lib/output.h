/* SPDX-License-Identifier: GPL-2.0 */
/*
 * output.h - stdout: where it goes, how wide and colourful it is, and whether it arrived
 */
#ifndef VMTRACE_LIB_OUTPUT_H
#define VMTRACE_LIB_OUTPUT_H

#include <stdbool.h>

/*
 * Open the standard descriptors 0 to 2 that are closed, so that they are files that cannot be
 * read, or written to, rather than the next files that are opened. Commands that vmtrace runs do
 * not inherit those.
 */
void open_standard_files(void);

/*
 * Writing to a pipe that nobody reads becomes an error instead of SIGPIPE. The second undoes
 * that in a child, before it executes a command.
 */
void ignore_pipe_signal(void);
void restore_pipe_signal(void);

/*
 * Create a file, or make it empty, for redirect_output(). *fd is -1 if file is NULL. False after
 * a message of "vmtrace <verb>".
 */
bool open_output(const char *verb, const char *file, int *fd);

/*
 * From now on stdout is the file with this descriptor, which is closed, or stderr if file is
 * NULL: a report must not come between what a command prints. Returns an exit code.
 */
int redirect_output(int fd, const char *file);

/* Columns to write for: the terminal's or $COLUMNS, 20 to 80, 80 if unknown. */
int output_width(void);

/* Print text as a paragraph that is indented by columns and fits output_width(). */
void print_paragraph(int indent, const char *text);

/* The same for text that begins on a line that is written up to column. */
void print_hanging(int column, const char *text);

/* Print text to the right of so many columns; printf() counts bytes. */
void print_cell(const char *text, int columns);

/*
 * Print two blanks and a name in so many columns: the end of a path says more than its beginning,
 * so that is kept if not all fits. Nothing at all, if there is no name or hardly a column.
 */
void print_tail(const char *name, int columns);

/* An escape sequence, or "" if stdout is no terminal or NO_COLOR is set. */
enum colour {
	COLOUR_OFF,
	COLOUR_GOOD,
	COLOUR_BAD,
	COLOUR_STRONG
};
const char *colour(enum colour colour);

/*
 * Flush stdout, so that output lost to a full disk is an error that is reported. If the reader
 * of a pipe has exited, there is no message. Returns code, or EXIT_FAILED if output was lost.
 */
int finish_output(int code);

#endif /* VMTRACE_LIB_OUTPUT_H */
