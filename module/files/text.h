/* SPDX-License-Identifier: GPL-2.0 */
/* text.h - what an open file shows, printed at one moment and kept as text */
#ifndef VMTRACE_FILES_TEXT_H
#define VMTRACE_FILES_TEXT_H

#include <linux/seq_file.h>

/**
 * vmtrace_text_print() - print into a buffer that is large enough
 * @m: @m->size is how much to try first; the text is @m->count bytes at @m->buf, to be freed by
 *	kvfree(); no other members but @m->file are valid
 * @print: prints to @m; called again, with twice the room, if seq_has_overflowed(). Returns 0 or an
 *	error. May sleep
 * @data: its argument
 *
 * Return: 0; -ENOMEM; the error of @print. After an error there is no text.
 */
int vmtrace_text_print(struct seq_file *m, int (*print)(struct seq_file *m, void *data),
		       void *data);

#endif /* VMTRACE_FILES_TEXT_H */
