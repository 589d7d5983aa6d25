/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hook.h - the probe on handle_mm_fault
 *
 * There are two kinds, a file each: hook_kretprobe.c and hook_fprobe.c. They
 * turn the two events of their probe into vmtrace_attempt_begin() and _end(),
 * and nothing else knows what a kprobe or an fprobe is. hook.c chooses.
 */
#ifndef VMTRACE_HOOK_H
#define VMTRACE_HOOK_H

#include <linux/types.h>

#define VMTRACE_HOOK_SYMBOL "handle_mm_fault"

/**
 * struct vmtrace_hook - one kind of probe
 * @name: for people, and the value of the parameter that asks for it
 * @start: begin to see faults. May sleep. Returns 0 or an error; -EOPNOTSUPP if
 *	this kernel has no such probe.
 * @stop: returns when no handler runs or will run, however many threads sleep
 *	in faults: what they return through belongs to the kernel. May sleep.
 * @missed: how often the kernel skipped the probe and said so, since @start
 * @limited: whether vmtrace_hook_maxactive bounds the faults in flight
 */
struct vmtrace_hook {
	const char *name;
	int (*start)(void);
	void (*stop)(void);
	u64 (*missed)(void);
	bool limited;
};

extern const struct vmtrace_hook vmtrace_hook_kretprobe, vmtrace_hook_fprobe;

/* Parameters: "kretprobe", "fprobe" or "auto"; and faults in flight at once, all threads. */
extern char *vmtrace_hook_param;
extern int vmtrace_hook_maxactive;

/**
 * vmtrace_hook_init() - choose a hook and start to see faults
 *
 * Context: may sleep.
 * Return: 0, or an error after a line in the log that says which hook and what
 *	else to try.
 */
int vmtrace_hook_init(void);
void vmtrace_hook_exit(void);

/* The one in use; named "none" before vmtrace_hook_init(). Any context, never NULL. */
const struct vmtrace_hook *vmtrace_hook(void);
/* Entries that the kernel skipped since load or reset. Any context. */
u64 vmtrace_missed(void);
void vmtrace_missed_reset(void);

/* Why it is this one, for people. */
const char *vmtrace_hook_reason(void);

#endif /* VMTRACE_HOOK_H */
