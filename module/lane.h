/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lane.h - the short way of common faults through the hook; inline in the hooks
 *
 * Most faults are a program's first touch of a small page of anonymous memory, or its first
 * write to one after a fork. Few things can become of those, so little has to be kept until they
 * are over: of their struct vmtrace_fault no more than what is above @waits. Whatever is not as
 * expected goes the long way, which is in fault.c and knows all faults; for it, and for whoever
 * wants to know more than the numbers, the rest is filled in there.
 */
#ifndef VMTRACE_LANE_H
#define VMTRACE_LANE_H

#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/userfaultfd_k.h>

#include "clock.h"
#include "compat.h"
#include "control.h"
#include "events.h"
#include "fault.h"
#include "process.h"
#include "ptwalk.h"
#include "thread.h"

/* The long way. Context: interrupts off; _create() and _dropped(): as the hook is called. */

/* A record for current, which has none. NULL: @a, if not NULL too, says what is wanting. */
struct vmtrace_thread *vmtrace_attempt_create(struct vmtrace_attempt *a);
/* The last attempt was to be repeated. If this is it, all is done; else the fault is another one.
 */
bool vmtrace_begin_again(struct vmtrace_fault *f, struct vm_area_struct *vma, unsigned long address,
			 unsigned int flags);
/* A fault that the filter leaves out is only counted; false if it is none. */
bool vmtrace_begin_plain(struct vmtrace_fault *f, const struct pt_regs *regs);
/* A fault that is not common. @f is filled in as if it were. */
void vmtrace_begin_other(struct vmtrace_fault *f, const struct pt_regs *regs);
/* An attempt is over that is not common, or did not end as such. */
void vmtrace_end_other(struct vmtrace_thread *t, vm_fault_t ret);
/* A common fault is over and counted: for those who look at single faults. */
void vmtrace_tell_common(struct vmtrace_thread *t, enum vmtrace_class class, pte_t after, u64 took,
			 vm_fault_t ret);
/* Likewise: it was the first touch of what its thread does not know. */
void vmtrace_touch_common(struct vmtrace_thread *t);
/* Have all that a common fault of @class counts in; false if there is no memory. */
bool vmtrace_prepare_common(struct vmtrace_thread *t, enum vmtrace_class class);
/* An attempt is over of a thread without a record; @p, or NULL, had been so often reset. */
void vmtrace_end_dropped(struct vmtrace_process *p, unsigned int resets, vm_fault_t ret);
/* Of a hook that sees no returns: what became of the attempt in flight, as another one begins. */
void vmtrace_settle_other(struct vmtrace_thread *t, unsigned long address, unsigned int flags);
/* Likewise: what is likely to become of the one that begins. */
void vmtrace_guess_other(struct vmtrace_thread *t);

/*
 * How long current has been off the CPU, counted from some moment: whenever the
 * scheduler moves exec_start while it runs, it adds as much to sum_exec_runtime;
 * while it does not run, only the first goes on (update_curr(), kernel/sched/fair.c).
 */
static __always_inline u64 vmtrace_time_off_cpu(void)
{
	return current->se.exec_start - current->se.sum_exec_runtime;
}

/* How much of the time that a fault took it was off the CPU. */
static __always_inline u64 vmtrace_time_asleep(const struct vmtrace_fault *f, u64 took)
{
	u64 off = vmtrace_time_off_cpu();

	return clamp_t(s64, off - f->off_cpu, 0, took);
}

/* Add to the times of a class, of the present generation. */
static __always_inline void vmtrace_account_times(struct vmtrace_times *times, u64 took,
						  unsigned int pages, unsigned int bucket)
{
	vmtrace_bump(&times->total, took);
	smp_wmb(); /* the total before its parts; vmtrace_times_add() */
	vmtrace_bump(&times->pages, pages);
	if (unlikely(took > times->max))
		WRITE_ONCE(times->max, took);
	vmtrace_bump(&times->hist[bucket], 1);
}

static __always_inline bool vmtrace_is_slow(const struct vmtrace_thread *t, u64 took)
{
	return unlikely(took > READ_ONCE(t->process->slowest_floor));
}

/* What kind of fault is an access to @vma that finds @pte? */
static __always_inline enum vmtrace_common vmtrace_common(const struct vm_area_struct *vma,
							  unsigned int flags, pte_t pte)
{
	if (unlikely(vma->vm_ops || vma->vm_flags & __VM_UFFD_FLAGS ||
		     (flags & (FAULT_FLAG_USER | FAULT_FLAG_TRIED | FAULT_FLAG_REMOTE |
			       FAULT_FLAG_UNSHARE)) != FAULT_FLAG_USER))
		return VMTRACE_UNCOMMON;
	if (likely(pte_none(pte)))
		return VMTRACE_TOUCH;
	return flags & FAULT_FLAG_WRITE && vmtrace_is_page(pte) && !pte_write(pte) ?
		       VMTRACE_WRITE :
		       VMTRACE_UNCOMMON;
}

static __always_inline void vmtrace_fault_begin(struct vmtrace_fault *f, struct vm_area_struct *vma,
						unsigned long address, unsigned int flags,
						const struct pt_regs *regs, bool timed)
{
	pte_t pte;

	if (unlikely(f->waits) && vmtrace_begin_again(f, vma, address, flags))
		return;
	f->address = address;
	f->ip = regs ? instruction_pointer((struct pt_regs *)regs) : 0;
	f->flags = flags;
	f->vma = vma;
	if (vmtrace_has_filter() && vmtrace_begin_plain(f, regs))
		return;
	if (timed)
		f->off_cpu = vmtrace_time_off_cpu();
	f->start = vmtrace_clock();
	if (likely(vmtrace_ptwalk_pmd(vma->vm_mm, address, &f->pmdp) &&
		   vmtrace_ptwalk_pte(f->pmdp, address, &pte))) {
		f->common = vmtrace_common(vma, flags, pte);
		f->before = pte;
		if (likely(f->common != VMTRACE_UNCOMMON))
			return;
	}
	vmtrace_begin_other(f, regs);
}

/**
 * vmtrace_thread_begin() - account the entry of handle_mm_fault
 * @t: current's record
 * @vma: its arguments from here on
 * @address: where
 * @flags: FAULT_FLAG_*
 * @regs: of the access; NULL if the kernel asks for the page without one
 *
 * Context: current, interrupts off.
 */
static __always_inline void vmtrace_thread_begin(struct vmtrace_thread *t,
						 struct vm_area_struct *vma, unsigned long address,
						 unsigned int flags, const struct pt_regs *regs)
{
	vmtrace_fault_begin(&t->fault, vma, address, flags, regs, true);
	vmtrace_thread_enter(t);
}

/**
 * vmtrace_attempt_begin() - account the entry of handle_mm_fault
 * @a: filled in; to be handed to vmtrace_attempt_end() on return, if that comes
 * @vma: its arguments from here on
 * @address: where
 * @flags: FAULT_FLAG_*
 * @regs: of the access; NULL if the kernel asks for the page without one
 *
 * Context: current, preemption or interrupts off; does not sleep.
 */
static __always_inline void vmtrace_attempt_begin(struct vmtrace_attempt *a,
						  struct vm_area_struct *vma, unsigned long address,
						  unsigned int flags, const struct pt_regs *regs)
{
	struct vmtrace_thread *t = vmtrace_thread_find(current);
	unsigned long irq;

	if (unlikely(!t))
		t = vmtrace_attempt_create(a);
	a->thread = t;
	if (unlikely(!t))
		return;
	local_irq_save(irq);
	vmtrace_thread_begin(t, vma, address, flags, regs);
	local_irq_restore(irq);
}

/*
 * Of a touch: a small page, and no part of a larger one; or the zero page after a read. Of a
 * write: a page, the same or another one.
 */
static __always_inline bool vmtrace_is_expected(const struct vmtrace_fault *f,
						enum vmtrace_common common, pte_t after,
						enum vmtrace_class *class)
{
	if (common == VMTRACE_WRITE) {
		*class = vmtrace_is_same_page(after, f->before) ? VMTRACE_CLASS_COW_REUSE :
								  VMTRACE_CLASS_COW_COPY;
		return likely(vmtrace_is_page(after));
	}
	if (likely(vmtrace_is_page(after))) {
		*class = VMTRACE_CLASS_ANON;
		return !VMTRACE_HAVE_ANON_FOLIOS || likely(!PageCompound(vmtrace_page_of(after)));
	}
	*class = VMTRACE_CLASS_ZERO;
	return likely(vmtrace_is_zero_page(after)) && !(f->flags & FAULT_FLAG_WRITE);
}

static __always_inline bool vmtrace_is_ready(struct vmtrace_thread *t, enum vmtrace_class class)
{
	return likely(t->ready == READ_ONCE(vmtrace_generation) && t->times[class]) ||
	       vmtrace_prepare_common(t, class);
}

/* How many pages a common fault mapped. */
static __always_inline unsigned int vmtrace_pages_of_common(enum vmtrace_class class)
{
	return class != VMTRACE_CLASS_COW_REUSE;
}

/* False if it turned out not to be common. */
static __always_inline bool vmtrace_fault_end(struct vmtrace_thread *t, enum vmtrace_common common,
					      vm_fault_t ret)
{
	const struct vmtrace_fault *f = &t->fault;
	const struct vm_area_struct *vma = f->vma;
	enum vmtrace_class class;
	u64 took;
	pte_t pte;

	if (unlikely(!vmtrace_ptwalk_pte(f->pmdp, f->address, &pte) ||
		     !vmtrace_is_expected(f, common, pte, &class) || !vmtrace_is_ready(t, class)))
		return false;
	if (unlikely(!vmtrace_clock_short_ns(f->start, vmtrace_clock(), &took)))
		return false;
	raw_write_seqcount_begin(&t->seq);
	vmtrace_bump(&t->counts.minor, 1);
	vmtrace_bump(&t->counts.class[class].faults, 1);
	vmtrace_bump(&t->counts.origin[VMTRACE_ORIGIN_USER], 1);
	vmtrace_hot_count_in_table(&t->hot, VMTRACE_HOT_IP, f->ip);
	vmtrace_hot_count_in_table(&t->hot, VMTRACE_HOT_PAGE, f->address >> PAGE_SHIFT);
	WRITE_ONCE(t->in_flight, false);
	raw_write_seqcount_end(&t->seq);

	vmtrace_account_times(t->times[class], took, vmtrace_pages_of_common(class),
			      vmtrace_hist_bucket_of_short(took));
	if (unlikely(f->off_cpu != vmtrace_time_off_cpu()))
		vmtrace_bump(&t->times[class]->asleep, vmtrace_time_asleep(f, took));

	if (common == VMTRACE_TOUCH &&
	    unlikely(!vmtrace_growth_count(&t->growths, &t->process->growths, f->address,
					   vma->vm_start, vma->vm_end)))
		vmtrace_touch_common(t);
	if (vmtrace_is_slow(t, took) || trace_fault_enabled())
		vmtrace_tell_common(t, class, pte, took, ret);
	return true;
}

static __always_inline void vmtrace_thread_end(struct vmtrace_thread *t, vm_fault_t ret)
{
	enum vmtrace_common common = t->fault.common;
	unsigned long irq;
	bool done = false;

	local_irq_save(irq);
	/* One after the other, so that each has code of its own. */
	if (likely(common == VMTRACE_TOUCH && !ret))
		done = vmtrace_fault_end(t, VMTRACE_TOUCH, ret);
	else if (common == VMTRACE_WRITE && !(ret & ~VMTRACE_FAULT_WRITE))
		done = vmtrace_fault_end(t, VMTRACE_WRITE, ret);
	if (unlikely(!done))
		vmtrace_end_other(t, ret);
	local_irq_restore(irq);
}

/**
 * vmtrace_attempt_end() - account the return of handle_mm_fault
 * @a: from vmtrace_attempt_begin(), of the same thread
 * @ret: what handle_mm_fault returned
 *
 * Context: as vmtrace_attempt_begin(). The vma may be gone by now.
 */
static __always_inline void vmtrace_attempt_end(const struct vmtrace_attempt *a, vm_fault_t ret)
{
	if (likely(a->thread))
		vmtrace_thread_end(a->thread, ret);
	else
		vmtrace_end_dropped(a->process, a->resets, ret);
}

/*
 * Is this the return of what is in flight? Then the kernel has counted once since, or not at all
 * (mm_account_fault(), mm/memory.c). Else entries or returns were missed in between, the vma may
 * be gone, and the page tables: somebody has switched off one of kprobes and ftrace, and then
 * the other.
 */
static __always_inline bool vmtrace_is_return(const struct vmtrace_thread *t, vm_fault_t ret)
{
	u64 counted = current->min_flt + current->maj_flt - t->at_entry.minor - t->at_entry.major;

	return counted == !(ret & (VM_FAULT_ERROR | VM_FAULT_RETRY));
}

/**
 * vmtrace_current_end() - the same, for a hook that can carry nothing from entry to return
 * @t: current's record
 * @ret: what handle_mm_fault returned
 */
static __always_inline void vmtrace_current_end(struct vmtrace_thread *t, vm_fault_t ret)
{
	if (unlikely(!t->in_flight)) /* it began before the hook was there */
		return;
	if (likely(vmtrace_is_return(t, ret)))
		vmtrace_thread_end(t, ret);
	else
		WRITE_ONCE(t->in_flight, false);
}

/*
 * Was a page copied, has a larger folio come, or what else was not expected? Where a touch brings
 * no larger ones, who would look?
 */
static __always_inline bool vmtrace_came_as_expected(const struct vmtrace_fault *f,
						     enum vmtrace_common common,
						     enum vmtrace_class *class)
{
	pmd_t *pmdp;
	pte_t pte;

	if (common == VMTRACE_TOUCH && !VMTRACE_HAVE_ANON_FOLIOS)
		return true;
	return current->mm && vmtrace_ptwalk_pmd(current->mm, f->address, &pmdp) &&
	       vmtrace_ptwalk_pte(pmdp, f->address, &pte) &&
	       vmtrace_is_expected(f, common, pte, class);
}

/* A common fault has become one fault more, minor, as the kernel counts. */
static __always_inline bool vmtrace_settle_common(struct vmtrace_thread *t,
						  enum vmtrace_common common)
{
	const struct vmtrace_fault *f = &t->fault;
	enum vmtrace_class class = t->guess.class;

	if (unlikely(current->min_flt - t->at_entry.minor != 1 ||
		     current->maj_flt != t->at_entry.major || trace_fault_enabled() ||
		     !vmtrace_came_as_expected(f, common, &class) ||
		     t->ready != READ_ONCE(vmtrace_generation) || !t->times[class]))
		return false;
	raw_write_seqcount_begin(&t->seq);
	vmtrace_bump(&t->counts.minor, 1);
	vmtrace_bump(&t->counts.class[class].faults, 1);
	vmtrace_bump(&t->counts.origin[VMTRACE_ORIGIN_USER], 1);
	vmtrace_bump(&t->counts.untimed, 1);
	vmtrace_hot_count_in_table(&t->hot, VMTRACE_HOT_IP, f->ip);
	vmtrace_hot_count_in_table(&t->hot, VMTRACE_HOT_PAGE, f->address >> PAGE_SHIFT);
	WRITE_ONCE(t->in_flight, false);
	raw_write_seqcount_end(&t->seq);
	vmtrace_bump(&t->times[class]->pages, vmtrace_pages_of_common(class));
	if (common == VMTRACE_TOUCH &&
	    unlikely(!vmtrace_growth_count(&t->growths, &t->process->growths, f->address,
					   f->area.start, f->area.end)))
		vmtrace_touch_common(t);
	return true;
}

/* What became of the last one, as the fault on @address begins. */
static __always_inline void vmtrace_thread_settle(struct vmtrace_thread *t, unsigned long address,
						  unsigned int flags)
{
	enum vmtrace_common common = t->fault.common;
	bool done = false;

	if (likely(common == VMTRACE_TOUCH))
		done = vmtrace_settle_common(t, VMTRACE_TOUCH);
	else if (common == VMTRACE_WRITE)
		done = vmtrace_settle_common(t, VMTRACE_WRITE);
	if (unlikely(!done))
		vmtrace_settle_other(t, address, flags);
}

/**
 * vmtrace_current_begin() - account the entry of handle_mm_fault, and what became of the last one
 * @vma: its arguments from here on
 * @address: where
 * @flags: FAULT_FLAG_*
 * @regs: of the access; NULL if the kernel asks for the page without one
 *
 * For a hook that sees no returns. Context: current, interrupts off.
 */
static __always_inline void vmtrace_current_begin(struct vm_area_struct *vma, unsigned long address,
						  unsigned int flags, const struct pt_regs *regs)
{
	struct vmtrace_thread *t = vmtrace_thread_find(current);
	struct vmtrace_fault *f;

	if (unlikely(!t))
		t = vmtrace_attempt_create(NULL);
	if (unlikely(!t))
		return;
	f = &t->fault;
	if (likely(t->in_flight))
		vmtrace_thread_settle(t, address, flags);
	vmtrace_fault_begin(f, vma, address, flags, regs, false);
	if (likely(f->common != VMTRACE_UNCOMMON)) {
		/* The vma may be gone when it is settled. */
		f->area.start = vma->vm_start;
		f->area.end = vma->vm_end;
		t->guess.class = f->common == VMTRACE_WRITE ? VMTRACE_CLASS_COW_COPY :
				 flags & FAULT_FLAG_WRITE   ? VMTRACE_CLASS_ANON :
							      VMTRACE_CLASS_ZERO;
		t->guess.origin = VMTRACE_ORIGIN_USER;
	} else {
		vmtrace_guess_other(t);
	}
	vmtrace_thread_enter(t);
}

#endif /* VMTRACE_LANE_H */
