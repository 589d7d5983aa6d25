/* SPDX-License-Identifier: GPL-2.0 */
/*
 * query.h - files of debugfs that answer a question about one process
 *
 * Write the question, which begins with a PID, and read the answer from its start on the same open
 * file. The answer belongs to the open file: readers do not disturb each other, and a reader with a
 * small buffer reads one answer. A write that fails changes nothing. White space around the words
 * is skipped; PID is decimal, in the writer's pid namespace. The errors are
 * - EINVAL: the question is not what the file expects;
 * - ESRCH: there is no such process;
 * - EACCES: current, or the opener of the file, may not read about the process;
 * - EINTR: current was killed while it waited;
 * - ENOMEM: there is no memory;
 * - ENODATA: a read before the first question.
 * An open file keeps the module loaded.
 */
#ifndef VMTRACE_FILES_QUERY_H
#define VMTRACE_FILES_QUERY_H

#include <linux/fs.h>
#include <linux/seq_file.h>

struct vmtrace_process;

/**
 * struct vmtrace_topic - one file of this kind
 * @print: print the answer about a process that current may read about; or
 * @print_walk: print the answer to a question, which is trimmed; it may change the text
 *
 * They print to @m, which has no other members than a buffer and @m->file. If the answer does not
 * fit, seq_has_overflowed(), they are called again with a larger buffer. Both may sleep, and return
 * 0 or an error.
 */
struct vmtrace_topic {
	int (*print)(struct seq_file *m, struct vmtrace_process *p);
	int (*print_walk)(struct seq_file *m, char *question);
};

extern const struct vmtrace_topic vmtrace_topic_threads, vmtrace_topic_latency,
	vmtrace_topic_slowest, vmtrace_topic_failures, vmtrace_topic_maps, vmtrace_topic_walk;

/* File operations of all of these files; the inode's i_private is the topic. */
extern const struct file_operations vmtrace_query_fops;

/**
 * vmtrace_query_pid() - the first word of a question
 * @question: where it begins; afterwards, where the rest begins
 *
 * Return: the PID, or -EINVAL.
 */
int vmtrace_query_pid(char **question);

#endif /* VMTRACE_FILES_QUERY_H */
