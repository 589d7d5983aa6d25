/* SPDX-License-Identifier: GPL-2.0 */
/*
 * names.h - the numbers that appear in /proc/vmtrace and in debugfs
 *
 * procfs has no dynamic look-up for modules, and every proc mount shows the same
 * entries. So an entry stands for a number, not for a process: it exists while
 * some process, live or exited, bears that number in some pid namespace, and is
 * resolved in the namespace of the mount when it is opened. In debugfs, a number
 * is one of the initial pid namespace, and its directory comes a moment after
 * the entry.
 */
#ifndef VMTRACE_NAMES_H
#define VMTRACE_NAMES_H

#include <linux/proc_fs.h>

struct vmtrace_process;

/* Make the entries of a process, once. May sleep, holding nothing that others need. */
void vmtrace_names_publish(struct vmtrace_process *p);

/* Let go of them, published or not. Does not wait for readers. */
void vmtrace_names_withdraw(struct vmtrace_process *p);

int vmtrace_names_init(void);

/**
 * vmtrace_names_open() - begin to make entries
 * @dir: where
 * @ops: what they do; pde_data() of an entry is its number
 */
void vmtrace_names_open(struct proc_dir_entry *dir, const struct proc_ops *ops);

/*
 * Make and remove no entry from now on, and wait for whoever is at it. The caller
 * removes @dir.
 */
void vmtrace_names_close(void);

/* Forget what was there. No process may be left. */
void vmtrace_names_exit(void);

#endif /* VMTRACE_NAMES_H */
