/* SPDX-License-Identifier: GPL-2.0 */
/*
 * proc_text.h - print the files of /proc/vmtrace
 *
 * Each prints numbers of one moment to @m, which has no other members than a buffer and @m->file.
 * @p is a referenced process, or NULL for summary and total. They may sleep, and return 0, -EINTR
 * if current was killed, or -ENOMEM.
 */
#ifndef VMTRACE_FILES_PROC_TEXT_H
#define VMTRACE_FILES_PROC_TEXT_H

struct seq_file;
struct vmtrace_process;

int vmtrace_proc_print_process(struct seq_file *m, struct vmtrace_process *p);
/* Every user may read summary, so this does not iterate over threads or processes. */
int vmtrace_proc_print_summary(struct seq_file *m, struct vmtrace_process *unused);
int vmtrace_proc_print_total(struct seq_file *m, struct vmtrace_process *unused);

#endif /* VMTRACE_FILES_PROC_TEXT_H */
