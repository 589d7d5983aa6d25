/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hook.h - the probe on handle_mm_fault
 *
 * There are four kinds, a file each: hook_returns.c, hook_kretprobe.c, hook_fprobe.c and
 * hook_entry.c. They turn the events of their probes into calls of lane.h, and nothing else
 * knows what a kprobe, an fprobe or ftrace is. hook.c chooses.
 */
#ifndef VMTRACE_HOOK_H
#define VMTRACE_HOOK_H

#include <linux/types.h>

#define VMTRACE_HOOK_SYMBOL "handle_mm_fault"

/**
 * struct vmtrace_hook - one kind of probe
 * @name: for people, and the value of the parameter that asks for it
 * @start: begin to see faults; also again, after @stop. May sleep. Returns 0 or an error;
 *	NULL: this kernel has no such probe
 * @stop: returns when no handler runs or will run, however many threads sleep
 *	in faults: what they return through belongs to the kernel. May sleep.
 * @missed: how often the kernel skipped the probe and said so, since @start; NULL: it never does
 * @blind: it sees no returns, so no times: what a fault became is found out when the thread
 *	takes the next one, is to be sent a signal, gets or gives back memory, exits, or reads
 *	about itself
 * @limited: whether vmtrace_hook_maxactive bounds the faults in flight
 */
struct vmtrace_hook {
	const char *name;
	int (*start)(void);
	void (*stop)(void);
	u64 (*missed)(void);
	bool limited;
	bool blind;
};

extern const struct vmtrace_hook vmtrace_hook_kretprobe, vmtrace_hook_fprobe, vmtrace_hook_returns,
	vmtrace_hook_entry;

/* Parameters: the name of a hook, or "auto"; and faults in flight at once, all threads. */
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

/**
 * vmtrace_hook_set() - see faults, or not for now, at no cost
 * @on: see them
 *
 * Context: may sleep; not at the same time as another one, or as init and exit.
 * Return: 0, or the kernel's error, and then there is no hook.
 */
int vmtrace_hook_set(bool on);

/* The one in use; named "none" before vmtrace_hook_init(). Any context, never NULL. */
const struct vmtrace_hook *vmtrace_hook(void);
/* Entries that the kernel skipped since load or reset. Context: process. */
u64 vmtrace_missed(void);
void vmtrace_missed_reset(void);

/* Why it is this one, for people. */
const char *vmtrace_hook_reason(void);

#endif /* VMTRACE_HOOK_H */
