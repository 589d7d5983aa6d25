/* SPDX-License-Identifier: GPL-2.0 */
/*
 * failure.h - accesses that failed, and where
 *
 * An access of user code that cannot be is answered by a signal. The signal is where
 * all ways of failing meet: most never get to handle_mm_fault. What was mapped at the
 * address is looked up a moment later, in the thread itself, before it handles the
 * signal or dies of it.
 */
#ifndef VMTRACE_FAILURE_H
#define VMTRACE_FAILURE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "format.h"
#include "resume.h"

struct kernel_siginfo;
struct vmtrace_process;

/**
 * struct vmtrace_place - an address among the mappings
 * @where: is it
 * @start: of the mapping that it is in, or of the nearest one
 * @end: of it
 * @flags: of it, VM_*
 * @distance: from @start or, outside, from the end that is nearer, in bytes
 * @offset: of the address in the file, if the mapping went on as far; 0 without a file
 * @name: of the mapping; NULL if it has none, or there was no memory
 */
struct vmtrace_place {
	enum vmtrace_where where;
	unsigned long start;
	unsigned long end;
	unsigned long flags;
	unsigned long distance;
	u64 offset;
	char *name;
};

/**
 * struct vmtrace_failure - a failed access
 * @resume: looks up the places
 * @process: whose it was; a reference while @resume is pending
 * @ref: one for the process's list, one for each reader
 * @node: in @process->failures.last
 * @time_ns: when, CLOCK_BOOTTIME
 * @address: of the access; 0 if the kernel names none
 * @ip: of the instruction
 * @tid: the thread, in the initial pid namespace
 * @reason: why
 * @signal: SIGSEGV or SIGBUS
 * @code: its si_code
 * @deadly: nobody handles it
 * @generation: vmtrace_generation when it was counted
 * @at: where @address is
 * @by: where @ip is
 *
 * Once it is in the list, it does not change.
 */
struct vmtrace_failure {
	struct vmtrace_resume resume;
	struct vmtrace_process *process;
	refcount_t ref;
	struct list_head node;
	u64 time_ns;
	unsigned long address;
	unsigned long ip;
	pid_t tid;
	enum vmtrace_reason reason;
	int signal;
	int code;
	bool deadly;
	unsigned int generation;
	struct vmtrace_place at;
	struct vmtrace_place by;
};

/* The last so many of each process are kept. */
#define VMTRACE_FAILURES 8

/**
 * struct vmtrace_failures - the failed accesses of a process; all under its lock
 * @count: all of them, by reason
 * @unkept: those of them of which there is no record, for want of memory
 * @kept: the length of the list, VMTRACE_FAILURES at the most
 * @last: the last ones, the oldest first
 */
struct vmtrace_failures {
	u64 count[VMTRACE_REASON_COUNT];
	u64 unkept;
	unsigned int kept;
	struct list_head last;
};

/**
 * struct vmtrace_failures_copy - the failed accesses of a process, for a reader
 * @total: how many there were
 * @unkept: as above
 * @kept: how many follow
 * @last: a reference to each
 */
struct vmtrace_failures_copy {
	u64 total;
	u64 unkept;
	unsigned int kept;
	struct vmtrace_failure *last[VMTRACE_FAILURES];
};

/**
 * vmtrace_failure_signal() - current is sent a signal, perhaps for an access
 * @sig: SIGSEGV or SIGBUS
 * @info: what goes with it, or one of the special values
 *
 * Context: siglock held, interrupts off. Takes the process's lock.
 */
void vmtrace_failure_signal(int sig, const struct kernel_siginfo *info);

/* Of a referenced process; to be put. Any context. */
void vmtrace_failures_read(struct vmtrace_process *p, struct vmtrace_failures_copy *copy);
void vmtrace_failures_put(struct vmtrace_failures_copy *copy);

/* Forget them. Any context. */
void vmtrace_failures_reset(struct vmtrace_process *p);

/* Of a process that nobody else has any more. */
void vmtrace_failures_free(struct vmtrace_failures *f);

#endif /* VMTRACE_FAILURE_H */
