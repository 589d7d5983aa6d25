// SPDX-License-Identifier: GPL-2.0
/* text.c - what an open file shows, kept as text; see text.h */
#include <linux/mm.h>

#include "files/text.h"

/* An open file keeps its text for long: give back what it does not need. */
static void shrink(struct seq_file *m)
{
	char *text = kvmalloc(m->count, GFP_KERNEL_ACCOUNT);

	if (!text)
		return;
	memcpy(text, m->buf, m->count);
	kvfree(m->buf);
	m->buf = text;
}

int vmtrace_text_print(struct seq_file *m, int (*print)(struct seq_file *m, void *data), void *data)
{
	int err;

	for (;; m->size *= 2) {
		m->count = 0;
		m->buf = kvmalloc(m->size, GFP_KERNEL_ACCOUNT);
		if (!m->buf)
			return -ENOMEM;
		err = print(m, data);
		if (!err && !seq_has_overflowed(m)) {
			shrink(m);
			return 0;
		}
		kvfree(m->buf);
		m->buf = NULL;
		if (err)
			return err;
	}
}
