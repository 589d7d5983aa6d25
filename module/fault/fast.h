/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fast.h - the fast path of the hook: entry, return, accounting; inlined into the probes
 *
 * Most faults are the first touch of a small page of anonymous memory, or the first write to such a
 * page after fork(). They have few outcomes, so the fast path keeps the members of struct
 * vmtrace_fault above @retry_pending and no others. Every branch away from it leads to slow.c,
 * which handles every fault; for a fault that began here, it fills in the other members first.
 *
 * The fast path calls no function, takes no lock, and writes nothing but the record of current: a
 * call would make the compiler save registers for all faults.
 */
#ifndef VMTRACE_FAULT_FAST_H
#define VMTRACE_FAULT_FAST_H

#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/userfaultfd_k.h>

#include "compat.h"
#include "fault/clock.h"
#include "fault/events.h"
#include "mm/ptwalk.h"
#include "stats/process.h"
#include "stats/thread.h"

/* Called by the fast path; in slow.c. Context: current, interrupts off. */

/* An attempt begins of a thread whose record this CPU has not cached: there may be none yet. */
void vmtrace_begin_uncached(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
			    const struct pt_regs *regs);
/* An attempt begins and @t->entry_work is set. It may be the next one of the same fault. */
void vmtrace_begin_work(struct vmtrace_thread *t, struct vm_area_struct *vma, unsigned long address,
			unsigned int flags, const struct pt_regs *regs);
/* An attempt begins that does not fit the fast path; vmtrace_begin_arguments() was called. */
void vmtrace_begin_slow(struct vmtrace_thread *t);
/* Account any return that vmtrace_thread_end() has not accounted. */
void vmtrace_end_slow(struct vmtrace_thread *t, vm_fault_t ret, u64 now);
/* An attempt returned of a thread whose record this CPU has not cached. */
void vmtrace_end_uncached(vm_fault_t ret, u64 now);

/* Which path fits an access to @vma whose page-table entry is @pte? */
static __always_inline enum vmtrace_state vmtrace_state_of(const struct vm_area_struct *vma,
							   unsigned int flags, pte_t pte)
{
	/* VM_UFFD_MINOR is not for anonymous memory (vma_can_userfault(), mm/userfaultfd.c). */
	if (unlikely(vma->vm_ops || vma->vm_flags & (VM_UFFD_MISSING | VM_UFFD_WP) ||
		     (flags & (FAULT_FLAG_USER | FAULT_FLAG_TRIED | FAULT_FLAG_REMOTE |
			       FAULT_FLAG_UNSHARE)) != FAULT_FLAG_USER))
		return VMTRACE_SLOW;
	if (likely(pte_none(pte)))
		return VMTRACE_FAST_ANON;
	return flags & FAULT_FLAG_WRITE && vmtrace_is_page(pte) && !pte_write(pte) ?
		       VMTRACE_FAST_COW :
		       VMTRACE_SLOW;
}

/* Keep the arguments of a fault's first attempt. */
static __always_inline void vmtrace_begin_arguments(struct vmtrace_fault *f,
						    struct vm_area_struct *vma,
						    unsigned long address, unsigned int flags,
						    const struct pt_regs *regs)
{
	f->address = address;
	f->ip = regs ? instruction_pointer((struct pt_regs *)regs) : 0;
	f->flags = flags;
	f->vma = vma;
}

/*
 * Begin a fault whose arguments are kept. Reads the clock last, so that the hook's own work is not
 * part of the fault's time. False, with no fault pending, if the fault does not fit the fast path.
 */
static __always_inline bool vmtrace_begin_fast(struct vmtrace_thread *t,
					       const struct task_struct *task,
					       const struct vm_area_struct *vma,
					       unsigned long address, unsigned int flags)
{
	struct vmtrace_fault *f = &t->fault;
	enum vmtrace_state state;
	pte_t pte;

	if (unlikely(!vmtrace_ptwalk_pos(vma->vm_mm, address, &f->pos, &pte)))
		return false;
	state = vmtrace_state_of(vma, flags, pte);
	if (unlikely(state == VMTRACE_SLOW))
		return false;
	if (state == VMTRACE_FAST_COW)
		f->pte = pte;
	f->exec_start = task->se.exec_start;
	f->ran = task->se.sum_exec_runtime;
	vmtrace_thread_enter(t, task, state);
	vmtrace_clock_read(&f->start);
	return true;
}

/**
 * vmtrace_thread_begin() - account the entry of handle_mm_fault
 * @t: the record of @task
 * @task: current
 * @vma: the arguments of handle_mm_fault from here on
 * @address: of the access
 * @flags: FAULT_FLAG_*
 * @regs: of the access; NULL if the kernel needs the page without an access
 *
 * Context: current, interrupts off.
 */
static __always_inline void vmtrace_thread_begin(struct vmtrace_thread *t,
						 const struct task_struct *task,
						 struct vm_area_struct *vma, unsigned long address,
						 unsigned int flags, const struct pt_regs *regs)
{
	if (unlikely(t->entry_work)) {
		vmtrace_begin_work(t, vma, address, flags, regs);
		return;
	}
	vmtrace_begin_arguments(&t->fault, vma, address, flags, regs);
	if (unlikely(!vmtrace_begin_fast(t, task, vma, address, flags)))
		vmtrace_begin_slow(t);
}

/*
 * The class of a fault on the fast path whose page-table entry is now @after. A first touch maps a
 * small page that is no part of a larger folio, or after a read the zero page. A write leaves the
 * same page or another one. VMTRACE_CLASS_COUNT: neither, so slow.c has to classify it.
 */
static __always_inline enum vmtrace_class
vmtrace_class_of_fast(const struct vmtrace_fault *f, enum vmtrace_state state, pte_t after)
{
	if (state == VMTRACE_FAST_COW)
		return unlikely(!vmtrace_is_page(after))   ? VMTRACE_CLASS_COUNT :
		       vmtrace_is_same_page(after, f->pte) ? VMTRACE_CLASS_COW_REUSE :
							     VMTRACE_CLASS_COW_COPY;
	if (likely(vmtrace_is_page(after)))
		return VMTRACE_HAVE_ANON_FOLIOS && unlikely(PageCompound(vmtrace_page_of(after))) ?
			       VMTRACE_CLASS_COUNT :
			       VMTRACE_CLASS_ANON;
	return unlikely(!vmtrace_is_zero_page(after) || f->flags & FAULT_FLAG_WRITE) ?
		       VMTRACE_CLASS_COUNT :
		       VMTRACE_CLASS_ZERO;
}

/* Number of pages that a fault on the fast path mapped. */
static __always_inline unsigned int vmtrace_pages_of_fast(enum vmtrace_class class)
{
	return class != VMTRACE_CLASS_COW_REUSE;
}

/* Count a fault that ended on the fast path. Inside @t->seq. */
static __always_inline void vmtrace_count_fast(struct vmtrace_thread *t, enum vmtrace_class class)
{
	vmtrace_add(&t->fast[class], 1);
	WRITE_ONCE(t->state, VMTRACE_IDLE);
}

/*
 * Account a fault on the fast path. A constant @class has code of its own. False, with nothing
 * done, if slow.c has more to do than to count:
 * - exec_start changed: the scheduler has run, so the thread may have slept;
 * - slow_threshold: the fault may be a new maximum or one of the slowest of the process, or
 *   t->times[class] is not allocated yet;
 * - the trace event is enabled.
 */
static __always_inline bool vmtrace_end_fast_as(struct vmtrace_thread *t,
						const struct task_struct *task,
						enum vmtrace_class class, u64 now)
{
	const struct vmtrace_fault *f = &t->fault;
	struct vmtrace_times *times = t->fast_times[class];
	u64 ticks = now - f->start, took;

	if (unlikely(task->se.exec_start != f->exec_start || ticks >= times->slow_threshold ||
		     trace_fault_enabled()))
		return false;
	took = vmtrace_clock_short(ticks);
	raw_write_seqcount_begin(&t->seq);
	vmtrace_count_fast(t, class);
	vmtrace_times_add_fault(times, took, vmtrace_pages_of_fast(class),
				vmtrace_histogram_bucket_in_range(took));
	raw_write_seqcount_end(&t->seq);
	return true;
}

/* Account a fault if vmtrace_may_be_fast() is true. False, with nothing done, if slow.c has to. */
static __always_inline bool vmtrace_end_fast(struct vmtrace_thread *t,
					     const struct task_struct *task,
					     enum vmtrace_state state, u64 now)
{
	const struct vmtrace_fault *f = &t->fault;
	enum vmtrace_class class;
	pte_t pte;

	if (unlikely(!vmtrace_ptwalk_reread(&f->pos, &pte)))
		return false;
	class = vmtrace_class_of_fast(f, state, pte);
	if (state == VMTRACE_FAST_ANON)
		return class == VMTRACE_CLASS_ANON ?
			       vmtrace_end_fast_as(t, task, VMTRACE_CLASS_ANON, now) :
		       class == VMTRACE_CLASS_ZERO ?
			       vmtrace_end_fast_as(t, task, VMTRACE_CLASS_ZERO, now) :
			       false;
	return class != VMTRACE_CLASS_COUNT && vmtrace_end_fast_as(t, task, class, now);
}

/* May an attempt that began in @state and returned @ret end on the fast path? */
static __always_inline bool vmtrace_may_be_fast(enum vmtrace_state state, vm_fault_t ret)
{
	return state == VMTRACE_FAST_ANON ? !ret :
	       state == VMTRACE_FAST_COW  ? !(ret & ~VMTRACE_FAULT_WRITE) :
					    false;
}

/* Number of faults that the kernel has counted for @task since its pending attempt began. */
static __always_inline u64 vmtrace_counted(const struct vmtrace_thread *t,
					   const struct task_struct *task)
{
	return task->min_flt + task->maj_flt - t->at_entry.minor - t->at_entry.major;
}

/**
 * vmtrace_thread_end() - account the return of handle_mm_fault
 * @t: the record of @task
 * @task: current
 * @ret: what handle_mm_fault returned
 * @now: when, vmtrace_clock()
 *
 * If this is the return of the pending attempt, the kernel has counted at most one fault since
 * (mm_account_fault(), mm/memory.c). If it has counted more, entries or returns were missed, since
 * kprobes or ftrace were switched off meanwhile. Then the vma and the page tables of the pending
 * attempt may have been freed.
 *
 * Context: as vmtrace_thread_begin(). The vma may have been freed.
 */
static __always_inline void vmtrace_thread_end(struct vmtrace_thread *t,
					       const struct task_struct *task, vm_fault_t ret,
					       u64 now)
{
	/* The state is a constant in each branch: the compiler makes code for each. */
	if (likely(t->state == VMTRACE_FAST_ANON && vmtrace_may_be_fast(VMTRACE_FAST_ANON, ret))) {
		if (likely(vmtrace_counted(t, task) == 1 &&
			   vmtrace_end_fast(t, task, VMTRACE_FAST_ANON, now)))
			return;
	} else if (t->state == VMTRACE_FAST_COW && vmtrace_may_be_fast(VMTRACE_FAST_COW, ret)) {
		if (likely(vmtrace_counted(t, task) == 1 &&
			   vmtrace_end_fast(t, task, VMTRACE_FAST_COW, now)))
			return;
	}
	vmtrace_end_slow(t, ret, now);
}

/* vmtrace_thread_end() for current, whose record this CPU may have cached. */
static __always_inline void vmtrace_current_end(vm_fault_t ret, u64 now)
{
	const struct task_struct *task = current;
	struct vmtrace_thread *t;

	if (likely(vmtrace_thread_is_cached(task, &t)))
		vmtrace_thread_end(t, task, ret, now);
	else
		vmtrace_end_uncached(ret, now);
}

#endif /* VMTRACE_FAULT_FAST_H */
