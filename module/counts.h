/* SPDX-License-Identifier: GPL-2.0 */
/* counts.h - what is counted of faults, for a thread, a process or the system */
#ifndef VMTRACE_COUNTS_H
#define VMTRACE_COUNTS_H

#include <linux/types.h>

/**
 * struct vmtrace_counts - what the hook saw
 * @minor: faults that the kernel counts as minor
 * @major: faults that the kernel counts as major
 * @retried: attempts that ended in VM_FAULT_RETRY; the fault goes on in a later one
 * @failed: faults that ended in VM_FAULT_ERROR; the kernel counts them nowhere
 */
struct vmtrace_counts {
	u64 minor;
	u64 major;
	u64 retried;
	u64 failed;
};

/**
 * struct vmtrace_kernel_counts - the kernel's own count, task_struct's min_flt and maj_flt
 * @minor: min_flt, or a sum of them
 * @major: maj_flt, or a sum of them
 */
struct vmtrace_kernel_counts {
	u64 minor;
	u64 major;
};

static inline void vmtrace_counts_add(struct vmtrace_counts *sum, const struct vmtrace_counts *c)
{
	sum->minor += c->minor;
	sum->major += c->major;
	sum->retried += c->retried;
	sum->failed += c->failed;
}

#endif /* VMTRACE_COUNTS_H */
