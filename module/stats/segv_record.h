/* SPDX-License-Identifier: GPL-2.0 */
/*
 * segv_record.h - the failed accesses of a process
 *
 * The kernel sends SIGSEGV or SIGBUS for an access of user code that fails. All failures are
 * counted, and the last ones kept. fault/segv.c looks up the mappings.
 */
#ifndef VMTRACE_STATS_SEGV_RECORD_H
#define VMTRACE_STATS_SEGV_RECORD_H

#include "core/format.h"
#include "stats/types.h"

/**
 * struct vmtrace_segv_vma - where an address is, relative to the mappings
 * @where: inside a mapping, before or beyond the nearest one, or nowhere
 * @start: first address of that mapping
 * @end: the first address after it
 * @flags: its VM_*
 * @distance: bytes from @start, or from the nearer end if the address is outside
 * @offset: file offset of the address, extrapolated if it is outside; 0 without a file
 * @name: of the mapping; NULL if it has none, or for lack of memory
 */
struct vmtrace_segv_vma {
	enum vmtrace_where where;
	unsigned long start;
	unsigned long end;
	unsigned long flags;
	unsigned long distance;
	u64 offset;
	char *name;
};

/**
 * struct vmtrace_segv - a failed access
 * @work: looks up the mappings
 * @process: of the thread; a reference while @work is pending
 * @ref: one for the process's list, one for each reader
 * @node: in @process->failures.last
 * @time_ns: when it happened, CLOCK_BOOTTIME
 * @address: of the access; 0 if the kernel gives none
 * @ip: of the instruction
 * @tid: thread id in the initial pid namespace
 * @reason: why it failed
 * @signal: SIGSEGV or SIGBUS
 * @code: its si_code
 * @deadly: the program has no handler for the signal
 * @addr_vma: where @address is
 * @ip_vma: where @ip is
 *
 * Not changed any more once it is in the list.
 */
struct vmtrace_segv {
	struct vmtrace_task_work work;
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
	struct vmtrace_segv_vma addr_vma;
	struct vmtrace_segv_vma ip_vma;
};

/**
 * struct vmtrace_segv_copy - the failed accesses of a process, for a reader
 * @total: failed accesses of all reasons
 * @lost: those that were not kept for lack of memory
 * @kept: length of @last
 * @last: references to the last ones, oldest first
 */
struct vmtrace_segv_copy {
	u64 total;
	u64 lost;
	unsigned int kept;
	struct vmtrace_segv *last[VMTRACE_SEGVS];
};

/* Count a failed access of @p; @kept: it will be added to the list. Any context. */
void vmtrace_segv_count(struct vmtrace_process *p, enum vmtrace_reason reason, bool kept);

/* Add @f to the list of @p; the oldest one leaves a full list. Any context. */
void vmtrace_segv_keep(struct vmtrace_process *p, struct vmtrace_segv *f);

/* Read the list of a referenced process, until vmtrace_segv_put(). Any context. */
void vmtrace_segv_read(struct vmtrace_process *p, struct vmtrace_segv_copy *copy);
void vmtrace_segv_put(struct vmtrace_segv_copy *copy);

/* Free the list of a process without references. */
void vmtrace_segv_free(struct vmtrace_segvs *f);

#endif /* VMTRACE_STATS_SEGV_RECORD_H */
