/* SPDX-License-Identifier: GPL-2.0 */
/* access.h - who may read what is known of a process */
#ifndef VMTRACE_ACCESS_H
#define VMTRACE_ACCESS_H

struct file;
struct vmtrace_process;

/**
 * vmtrace_may_read() - may this file be opened or read here and now
 * @file: the open file; its f_cred are those of who opened it
 * @p: whose numbers it shows
 *
 * Allowed are the process itself, its owner while the process is dumpable, and
 * CAP_SYS_PTRACE or CAP_PERFMON: the rule of __ptrace_may_access()
 * (kernel/ptrace.c), which is not exported, and of perf. Both must pass: who
 * opened the file (an open file may be handed to a privileged program) and who
 * reads it (a privileged program may have opened it for somebody else).
 *
 * Security modules are not asked: their hook is not exported.
 *
 * Context: process, may sleep. To be asked at open and at each read, since
 * credentials change, and after the numbers were taken: those of a privileged
 * program that the process has just become must not pass.
 * Return: 0 or -EACCES.
 */
int vmtrace_may_read(struct file *file, struct vmtrace_process *p);

#endif /* VMTRACE_ACCESS_H */
