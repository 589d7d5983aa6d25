/* SPDX-License-Identifier: GPL-2.0 */
/*
 * proc_entries.h - the entries of /proc/vmtrace that are numbers
 *
 * procfs offers modules no dynamic look-up, and every mount of proc shows the same entries. So an
 * entry stands for a number, not for a process: it exists while some process, live or exited, has
 * that number in some pid namespace. Opening it looks the number up in the namespace of the mount.
 */
#ifndef VMTRACE_FILES_PROC_ENTRIES_H
#define VMTRACE_FILES_PROC_ENTRIES_H

#include <linux/proc_fs.h>

struct task_struct;
struct vmtrace_proc_entry;
struct vmtrace_process;

/**
 * vmtrace_proc_entries_created() - create the entries of a new record
 * @p: the process
 * @child: its leader, if that has not run yet; NULL if the process runs already
 *
 * @child creates the entries itself, before its first user instruction. For a process that runs
 * already, a worker creates them.
 *
 * Context: any but hard interrupt; does not sleep. Called once for each process.
 */
void vmtrace_proc_entries_created(struct vmtrace_process *p, struct task_struct *child);

/* Remove the entries of an evicted process. Does not wait for readers. Context: process. */
void vmtrace_proc_entries_evicted(struct vmtrace_process *p);

/*
 * An entry is opened: a reference for vmtrace_proc_entries_put(); NULL if no process has the number
 * any more. The last put removes an entry that has no process. Context: process; do not sleep.
 */
struct vmtrace_proc_entry *vmtrace_proc_entries_get(pid_t nr);
void vmtrace_proc_entries_put(struct vmtrace_proc_entry *e);

int vmtrace_proc_entries_init(void);
/* Frees all entries. No process may be created or evicted any more. May sleep. */
void vmtrace_proc_entries_exit(void);

/**
 * vmtrace_proc_entries_open() - allow entries to be created
 * @in: the directory
 * @what: the file operations of each entry; its pde_data() is its number
 */
void vmtrace_proc_entries_open(struct proc_dir_entry *in, const struct proc_ops *what);

/*
 * Track the user processes, and their threads, that are older than vmtrace_task_start(), and create
 * the entries. A process that is created meanwhile may be skipped here. May sleep.
 */
void vmtrace_proc_entries_scan(void);

/* Stop creating and removing entries, before the caller removes the directory. May sleep. */
void vmtrace_proc_entries_close(void);

#endif /* VMTRACE_FILES_PROC_ENTRIES_H */
