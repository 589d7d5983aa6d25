/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hook.h - the probes on handle_mm_fault
 *
 * There are two hooks, returns.c and kretprobe.c. They turn the events of their probes into calls
 * of fault/fast.h; nothing else knows what a kprobe or ftrace is. hook.c chooses one of them.
 */
#ifndef VMTRACE_HOOK_HOOK_H
#define VMTRACE_HOOK_HOOK_H

#include <linux/types.h>

#define VMTRACE_HOOK_SYMBOL "handle_mm_fault"

/**
 * struct vmtrace_hook - one hook
 * @name: value of the parameter `hook`
 * @start: place the probes; may be called again after @stop. May sleep. Returns 0 or an error; NULL
 *	if this kernel has no such probes
 * @stop: remove the probes; no handler runs any more when it returns, even if threads sleep in
 *	faults and return later. May sleep
 * @missed: probe hits that the kernel skipped since @start
 * @limited: at most vmtrace_hook_maxactive attempts can be pending at once
 */
struct vmtrace_hook {
	const char *name;
	int (*start)(void);
	void (*stop)(void);
	u64 (*missed)(void);
	bool limited;
};

extern const struct vmtrace_hook vmtrace_hook_kretprobe, vmtrace_hook_returns;

/* Parameters: the name of a hook or "auto"; how many attempts a kretprobe can have pending. */
extern char *vmtrace_hook_param;
extern int vmtrace_hook_maxactive;

/**
 * vmtrace_hook_init() - choose a hook and start it
 *
 * Context: may sleep.
 * Return: 0, or an error, after a line in the log that names the hook and what else to try.
 */
int vmtrace_hook_init(void);
void vmtrace_hook_exit(void);

/**
 * vmtrace_hook_set() - start or stop the hook
 * @on: start
 *
 * Context: may sleep. The caller excludes other calls, and _init() and _exit().
 * Return: 0, or the kernel's error; then the hook is off.
 */
int vmtrace_hook_set(bool on);

/* The hook in use, on or off; never NULL. Its name is "none" before vmtrace_hook_init(). */
const struct vmtrace_hook *vmtrace_hook(void);
/* Probe hits that the kernel skipped since load. Context: process. */
u64 vmtrace_missed(void);

/* Why this hook was chosen, in words. */
const char *vmtrace_hook_reason(void);

#endif /* VMTRACE_HOOK_HOOK_H */
