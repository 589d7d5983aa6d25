/* SPDX-License-Identifier: GPL-2.0 */
/* hook.h - the probe on handle_mm_fault: the only part that knows what a kprobe is */
#ifndef VMTRACE_HOOK_H
#define VMTRACE_HOOK_H

#include <linux/types.h>

/**
 * vmtrace_hook_init() - start to see faults
 *
 * Context: may sleep.
 * Return: 0, or an error after a line in the log that names the symbol.
 */
int vmtrace_hook_init(void);

/*
 * Returns when no handler runs or will run, however many threads sleep in
 * faults: what they return through belongs to the kernel.
 */
void vmtrace_hook_exit(void);

/* How often the kernel skipped the hook since load, for want of an instance or in recursion. */
u64 vmtrace_hook_missed(void);

/* What is in use, for people. */
const char *vmtrace_hook_name(void);

/* Faults that can be in flight at once, all threads. */
extern int vmtrace_hook_maxactive;

#endif /* VMTRACE_HOOK_H */
