/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - the only file that knows how kernels differ
 *
 * One signature on every kernel, one-line bodies; each block says what changed
 * and when it can be deleted.
 */
#ifndef VMTRACE_COMPAT_H
#define VMTRACE_COMPAT_H

#include <linux/sched/coredump.h>

#ifdef CONFIG_PREEMPT_RT
#error "vmtrace: PREEMPT_RT is not supported: probe handlers take spinlocks and allocate"
#endif

/* SUID_DUMP_*: the low bits of mm->flags, include/linux/sched/coredump.h. */
static inline int vmtrace_dumpable(struct mm_struct *mm)
{
	return get_dumpable(mm);
}

#endif /* VMTRACE_COMPAT_H */
