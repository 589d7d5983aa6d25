/* SPDX-License-Identifier: GPL-2.0 */
/* permission.h - permission to read about a process */
#ifndef VMTRACE_FILES_PERMISSION_H
#define VMTRACE_FILES_PERMISSION_H

struct file;
struct vmtrace_process;

/**
 * vmtrace_permission() - may this file be opened or read?
 * @file: the open file; f_cred has the credentials of its opener
 * @p: the process whose numbers it has
 *
 * The process itself, its owner while it is dumpable, and holders of CAP_SYS_PTRACE or CAP_PERFMON
 * may read: the rules of __ptrace_may_access() (kernel/ptrace.c), which is not exported, and of
 * perf. Both current and the opener must be allowed: an open file may be passed to a privileged
 * program, and a privileged program may open a file on behalf of another one. Security modules are
 * not asked, since their hook is not exported.
 *
 * Context: process, may sleep. Called at open and at each read, since credentials change, and after
 *	the numbers have been read, since the process may have executed a privileged program.
 * Return: 0 or -EACCES.
 */
int vmtrace_permission(const struct file *file, struct vmtrace_process *p);

/*
 * May @file, with the numbers of all processes, be opened or read? CAP_PERFMON in the initial user
 * namespace is needed. Context and return as for vmtrace_permission().
 */
int vmtrace_permission_all(const struct file *file);

#endif /* VMTRACE_FILES_PERMISSION_H */
