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

/* The long way. Context: interrupts off; _attempt_*() and _dropped(): as the hook is called. */

/* vmtrace_attempt_begin() of who is not at hand: there may be no record yet, and may be none. */
void vmtrace_attempt_first(struct vmtrace_attempt *a, struct vm_area_struct *vma,
			   unsigned long address, unsigned int flags, const struct pt_regs *regs);
/* vmtrace_current_begin(), likewise. */
void vmtrace_current_first(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
			   const struct pt_regs *regs);
/* An attempt begins, and the last one was to be repeated. If this is it, all is done. */
void vmtrace_begin_again(struct vmtrace_thread *t, struct vm_area_struct *vma,
			 unsigned long address, unsigned int flags, const struct pt_regs *regs);
/* One begins after vmtrace_begin_known(), and does not go the short way, or not yet. */
void vmtrace_begin_slowly(struct vmtrace_thread *t);
/* One is over that did not, or did not end as expected, or is to be told of. */
void vmtrace_end_slowly(struct vmtrace_thread *t, vm_fault_t ret, u64 now);
/* The same, of a hook that can carry nothing from entry to return. */
void vmtrace_current_end_slowly(struct vmtrace_thread *t, vm_fault_t ret, u64 now);
/* vmtrace_attempt_end(), when the clock is a call. */
void vmtrace_attempt_end_slowly(const struct vmtrace_attempt *a, vm_fault_t ret);

/*
 * A common fault is counted, but not yet among the hottest. It is not as easy as usual; or that of
 * its instruction was, but not that of its page, which is not in @set, @lucky or not. In @t->seq,
 * and ends it.
 */
void vmtrace_hot_slowly(struct vmtrace_thread *t);
void vmtrace_hot_page_slowly(struct vmtrace_thread *t, struct vmtrace_hot_set *set, bool lucky);

/* An attempt is over of a thread without a record; @p, or NULL, had been so often reset. */
void vmtrace_end_dropped(struct vmtrace_process *p, unsigned int resets, vm_fault_t ret);
/* Of a hook that sees no returns: what became of the attempt in flight, as another one begins. */
void vmtrace_settle_slowly(struct vmtrace_thread *t, unsigned long address, unsigned int flags);

/* What kind of fault is an access to @vma that finds @pte? */
static __always_inline enum vmtrace_flight vmtrace_flight(const struct vm_area_struct *vma,
							  unsigned int flags, pte_t pte)
{
	/* Anonymous memory is not registered for minor faults: vma_can_userfault(). */
	if (unlikely(vma->vm_ops || vma->vm_flags & (VM_UFFD_MISSING | VM_UFFD_WP) ||
		     (flags & (FAULT_FLAG_USER | FAULT_FLAG_TRIED | FAULT_FLAG_REMOTE |
			       FAULT_FLAG_UNSHARE)) != FAULT_FLAG_USER))
		return VMTRACE_UNCOMMON;
	if (likely(pte_none(pte)))
		return VMTRACE_TOUCH;
	return flags & FAULT_FLAG_WRITE && vmtrace_is_page(pte) && !pte_write(pte) ?
		       VMTRACE_WRITE :
		       VMTRACE_UNCOMMON;
}

/* Of a hook that sees no returns: what is likely to become of it. Before it is in flight. */
static __always_inline void vmtrace_guess_common(struct vmtrace_thread *t,
						 enum vmtrace_flight flight)
{
	struct vmtrace_fault *f = &t->fault;

	/* The vma may be gone when it is settled. */
	f->area.start = f->vma->vm_start;
	f->area.end = f->vma->vm_end;
	t->guess.class = flight == VMTRACE_WRITE     ? VMTRACE_CLASS_COW_COPY :
			 f->flags & FAULT_FLAG_WRITE ? VMTRACE_CLASS_ANON :
						       VMTRACE_CLASS_ZERO;
	t->guess.origin = VMTRACE_ORIGIN_USER;
}

/* The arguments of an attempt, which is the first of a fault. */
static __always_inline void vmtrace_begin_known(struct vmtrace_fault *f, struct vm_area_struct *vma,
						unsigned long address, unsigned int flags,
						const struct pt_regs *regs)
{
	f->address = address;
	f->ip = regs ? instruction_pointer((struct pt_regs *)regs) : 0;
	f->flags = flags;
	f->vma = vma;
}

/*
 * Begin a fault whose arguments are known: all that is above @waits, and the clock last. False if
 * it is not common; then nothing is in flight yet. @blind: the hook sees no returns.
 */
static __always_inline bool vmtrace_begin_common(struct vmtrace_thread *t,
						 const struct task_struct *task,
						 const struct vm_area_struct *vma,
						 unsigned long address, unsigned int flags,
						 bool blind)
{
	struct vmtrace_fault *f = &t->fault;
	enum vmtrace_flight flight;
	pte_t pte;

	if (unlikely(!vmtrace_ptwalk_spot(vma->vm_mm, address, &f->spot, &pte)))
		return false;
	flight = vmtrace_flight(vma, flags, pte);
	if (unlikely(flight == VMTRACE_UNCOMMON))
		return false;
	if (flight == VMTRACE_WRITE)
		f->spot.pte = pte;
	if (blind) {
		vmtrace_guess_common(t, flight);
	} else {
		f->exec_start = task->se.exec_start;
		f->ran = task->se.sum_exec_runtime;
	}
	vmtrace_thread_enter(t, task, flight);
	vmtrace_clock_read(&f->start);
	return true;
}

/**
 * vmtrace_thread_begin() - account the entry of handle_mm_fault
 * @t: the record of
 * @task: current
 * @vma: its arguments from here on
 * @address: where
 * @flags: FAULT_FLAG_*
 * @regs: of the access; NULL if the kernel asks for the page without one
 * @blind: the hook sees no returns, a constant
 *
 * Context: current, interrupts off.
 */
static __always_inline void vmtrace_thread_begin(struct vmtrace_thread *t,
						 const struct task_struct *task,
						 struct vm_area_struct *vma, unsigned long address,
						 unsigned int flags, const struct pt_regs *regs,
						 bool blind)
{
	if (unlikely(t->fault.waits)) {
		vmtrace_begin_again(t, vma, address, flags, regs);
		return;
	}
	vmtrace_begin_known(&t->fault, vma, address, flags, regs);
	if (unlikely(vmtrace_has_filter() ||
		     !vmtrace_begin_common(t, task, vma, address, flags, blind)))
		vmtrace_begin_slowly(t);
}

/*
 * What a common fault became that found @after in the end. Of a touch: a small page, and no part of
 * a larger one; or the zero page after a read. Of a write: a page, the same or another one.
 * VMTRACE_CLASS_COUNT: something else.
 */
static __always_inline enum vmtrace_class
vmtrace_class_of_common(const struct vmtrace_fault *f, enum vmtrace_flight flight, pte_t after)
{
	if (flight == VMTRACE_WRITE)
		return unlikely(!vmtrace_is_page(after))	? VMTRACE_CLASS_COUNT :
		       vmtrace_is_same_page(after, f->spot.pte) ? VMTRACE_CLASS_COW_REUSE :
								  VMTRACE_CLASS_COW_COPY;
	if (likely(vmtrace_is_page(after)))
		return VMTRACE_HAVE_ANON_FOLIOS && unlikely(PageCompound(vmtrace_page_of(after))) ?
			       VMTRACE_CLASS_COUNT :
			       VMTRACE_CLASS_ANON;
	return unlikely(!vmtrace_is_zero_page(after) || f->flags & FAULT_FLAG_WRITE) ?
		       VMTRACE_CLASS_COUNT :
		       VMTRACE_CLASS_ZERO;
}

/* Is all there that a common fault counts in, but for its times, of the present generation? */
static __always_inline bool vmtrace_is_ready(const struct vmtrace_thread *t)
{
	return likely(t->ready == READ_ONCE(vmtrace_generation));
}

/* How many pages a common fault mapped. */
static __always_inline unsigned int vmtrace_pages_of_common(enum vmtrace_class class)
{
	return class != VMTRACE_CLASS_COW_REUSE;
}

/* Add to the times of a class, of the present generation, but for the longest one. */
static __always_inline void vmtrace_account_times(struct vmtrace_times *times, u64 took,
						  unsigned int pages, u64 bucket)
{
	vmtrace_bump(&times->total, took);
	smp_wmb(); /* the total before its parts; vmtrace_times_add() */
	if (pages != 1)
		vmtrace_bump(&times->excess, (u64)pages - 1);
	vmtrace_bump(&times->hist[bucket], 1);
}

/* A common fault is over: one more. In @t->seq. */
static __always_inline void vmtrace_count_common(struct vmtrace_thread *t, enum vmtrace_class class)
{
	vmtrace_bump(&t->common[class], 1);
	WRITE_ONCE(t->in_flight, VMTRACE_LANDED);
}

/*
 * And one more of its instruction, if that is the same as that of the last one, and of its page.
 * In @t->seq, and ends it.
 */
static __always_inline void vmtrace_count_hot(struct vmtrace_thread *t)
{
	struct vmtrace_hot *h = &t->hot;
	struct vmtrace_hot_entry *ip = h->last_ip, *at;
	u64 page = t->fault.address >> PAGE_SHIFT;
	struct vmtrace_hot_set *set;
	bool lucky;

	if (unlikely(ip->key != t->fault.ip)) {
		vmtrace_hot_slowly(t);
		return;
	}
	set = vmtrace_hot_set_of(h->table, VMTRACE_HOT_PAGE, page);
	ip->count++;
	if (unlikely(!vmtrace_hot_count_quickly(set, page, &h->luck, &at, &lucky))) {
		vmtrace_hot_page_slowly(t, set, lucky);
		return;
	}
	raw_write_seqcount_end(&t->seq);
}

/*
 * A fault that began as a common one has become one of @class, which is a constant. False, and
 * nothing has been done, if there is anything else about it that is not as usual.
 */
static __always_inline bool vmtrace_end_as(struct vmtrace_thread *t, const struct task_struct *task,
					   enum vmtrace_flight flight, enum vmtrace_class class,
					   u64 now)
{
	const struct vmtrace_fault *f = &t->fault;
	struct vmtrace_times *times = t->timed[class];
	struct vmtrace_growth_slot *slot;
	u64 ticks = now - f->start, took;

	/* It may have slept; it may be one of the slowest; somebody wants events of all. */
	if (unlikely(!vmtrace_is_ready(t) || task->se.exec_start != f->exec_start ||
		     ticks >= times->notable || trace_fault_enabled()))
		return false;
	if (flight == VMTRACE_TOUCH &&
	    unlikely(!vmtrace_growth_find(&t->growths, &t->process->growths, f->address,
					  &f->vma->vm_start, &f->vma->vm_end, &slot)))
		return false;
	took = vmtrace_clock_short(ticks);
	raw_write_seqcount_begin(&t->seq);
	vmtrace_count_common(t, class);
	vmtrace_account_times(times, took, vmtrace_pages_of_common(class),
			      vmtrace_hist_bucket_of_short(took));
	if (flight == VMTRACE_TOUCH)
		vmtrace_bump(&slot->count, 1);
	vmtrace_count_hot(t);
	return true;
}

/* The same of any, whose @ret is fine. */
static __always_inline bool vmtrace_end_common(struct vmtrace_thread *t,
					       const struct task_struct *task,
					       enum vmtrace_flight flight, u64 now)
{
	const struct vmtrace_fault *f = &t->fault;
	enum vmtrace_class class;
	pte_t pte;

	if (unlikely(!vmtrace_ptwalk_again(&f->spot, &pte)))
		return false;
	class = vmtrace_class_of_common(f, flight, pte);
	if (flight == VMTRACE_TOUCH)
		return class == VMTRACE_CLASS_ANON ?
			       vmtrace_end_as(t, task, flight, VMTRACE_CLASS_ANON, now) :
		       class == VMTRACE_CLASS_ZERO ?
			       vmtrace_end_as(t, task, flight, VMTRACE_CLASS_ZERO, now) :
			       false;
	return class != VMTRACE_CLASS_COUNT && vmtrace_end_as(t, task, flight, class, now);
}

/* May an attempt that began as a common fault have ended as one, by what it returned? */
static __always_inline bool vmtrace_is_fine(enum vmtrace_flight flight, vm_fault_t ret)
{
	return flight == VMTRACE_TOUCH ? !ret :
	       flight == VMTRACE_WRITE ? !(ret & ~VMTRACE_FAULT_WRITE) :
					 false;
}

static __always_inline void vmtrace_thread_end(struct vmtrace_thread *t,
					       const struct task_struct *task, vm_fault_t ret,
					       u64 now)
{
	/* One after the other, so that each has code of its own. */
	if (likely(t->in_flight == VMTRACE_TOUCH && vmtrace_is_fine(VMTRACE_TOUCH, ret))) {
		if (likely(vmtrace_end_common(t, task, VMTRACE_TOUCH, now)))
			return;
	} else if (t->in_flight == VMTRACE_WRITE && vmtrace_is_fine(VMTRACE_WRITE, ret)) {
		if (likely(vmtrace_end_common(t, task, VMTRACE_WRITE, now)))
			return;
	}
	vmtrace_end_slowly(t, ret, now);
}

/*
 * Who is in handle_mm_fault may sleep: interrupts are on. On x86 they are in what ftrace calls,
 * too, on which all hooks stand that call this. Elsewhere a probe may be an exception.
 */
static __always_inline unsigned long vmtrace_irq_off(void)
{
	unsigned long irq = 0;

	if (IS_ENABLED(CONFIG_X86_64)) {
		lockdep_assert_irqs_enabled();
		local_irq_disable();
	} else {
		local_irq_save(irq);
	}
	return irq;
}

static __always_inline void vmtrace_irq_on(unsigned long irq)
{
	if (IS_ENABLED(CONFIG_X86_64))
		local_irq_enable();
	else
		local_irq_restore(irq);
}

/**
 * vmtrace_attempt_begin() - account the entry of handle_mm_fault
 * @a: filled in; to be handed to vmtrace_attempt_end() on return, if that comes
 * @vma: its arguments from here on
 * @address: where
 * @flags: FAULT_FLAG_*
 * @regs: of the access; NULL if the kernel asks for the page without one
 *
 * Context: current, in a probe of that function, preemption or interrupts off; does not sleep.
 */
static __always_inline void vmtrace_attempt_begin(struct vmtrace_attempt *a,
						  struct vm_area_struct *vma, unsigned long address,
						  unsigned int flags, const struct pt_regs *regs)
{
	const struct task_struct *task = current;
	struct vmtrace_thread *t;
	unsigned long irq;

	if (unlikely(!vmtrace_thread_is_at_hand(task, &t))) {
		vmtrace_attempt_first(a, vma, address, flags, regs);
		return;
	}
	a->thread = t;
	irq = vmtrace_irq_off();
	vmtrace_thread_begin(t, task, vma, address, flags, regs, false);
	vmtrace_irq_on(irq);
}

/* vmtrace_attempt_end() when the clock has been read. */
static __always_inline void vmtrace_attempt_end_at(const struct vmtrace_attempt *a, vm_fault_t ret,
						   u64 now)
{
	unsigned long irq;

	if (unlikely(!a->thread)) {
		vmtrace_end_dropped(a->process, a->resets, ret);
		return;
	}
	irq = vmtrace_irq_off();
	vmtrace_thread_end(a->thread, current, ret, now);
	vmtrace_irq_on(irq);
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
	/* What is to be kept over a call would cost all. */
	if (static_branch_likely(&vmtrace_clock_is_counter))
		vmtrace_attempt_end_at(a, ret, get_cycles());
	else
		vmtrace_attempt_end_slowly(a, ret);
}

/* How many faults the kernel has counted since the one in flight began. */
static __always_inline u64 vmtrace_counted(const struct vmtrace_thread *t,
					   const struct task_struct *task)
{
	return task->min_flt + task->maj_flt - t->at_entry.minor - t->at_entry.major;
}

/**
 * vmtrace_current_end() - the same, for a hook that can carry nothing from entry to return
 * @t: the record of
 * @task: current
 * @ret: what handle_mm_fault returned
 * @now: when, vmtrace_clock()
 *
 * Is this the return of what is in flight? Then the kernel has counted once since, or not at all
 * (mm_account_fault(), mm/memory.c). Else entries or returns were missed in between, the vma may
 * be gone, and the page tables: somebody has switched off one of kprobes and ftrace, and then
 * the other.
 *
 * Context: current, interrupts off.
 */
static __always_inline void vmtrace_current_end(struct vmtrace_thread *t,
						const struct task_struct *task, vm_fault_t ret,
						u64 now)
{
	if (likely(t->in_flight == VMTRACE_TOUCH && vmtrace_is_fine(VMTRACE_TOUCH, ret))) {
		if (likely(vmtrace_counted(t, task) == 1 &&
			   vmtrace_end_common(t, task, VMTRACE_TOUCH, now)))
			return;
	} else if (t->in_flight == VMTRACE_WRITE && vmtrace_is_fine(VMTRACE_WRITE, ret)) {
		if (likely(vmtrace_counted(t, task) == 1 &&
			   vmtrace_end_common(t, task, VMTRACE_WRITE, now)))
			return;
	}
	vmtrace_current_end_slowly(t, ret, now);
}

/*
 * Was a page copied, has a larger folio come, or what else was not expected? Where a touch brings
 * no larger ones, who would look?
 */
static __always_inline enum vmtrace_class vmtrace_class_by_now(const struct vmtrace_thread *t,
							       const struct task_struct *task,
							       enum vmtrace_flight flight)
{
	struct vmtrace_spot spot;
	pte_t pte;

	if (flight == VMTRACE_TOUCH && !VMTRACE_HAVE_ANON_FOLIOS)
		return t->guess.class;
	if (unlikely(!task->mm || !vmtrace_ptwalk_spot(task->mm, t->fault.address, &spot, &pte)))
		return VMTRACE_CLASS_COUNT;
	return vmtrace_class_of_common(&t->fault, flight, pte);
}

/* A common fault has become one fault more, minor, as the kernel counts. */
static __always_inline bool vmtrace_settle_common(struct vmtrace_thread *t,
						  const struct task_struct *task,
						  enum vmtrace_flight flight)
{
	const struct vmtrace_fault *f = &t->fault;
	struct vmtrace_growth_slot *slot;
	struct vmtrace_times *times;
	enum vmtrace_class class;

	if (unlikely(task->min_flt - t->at_entry.minor != 1 || task->maj_flt != t->at_entry.major ||
		     trace_fault_enabled()))
		return false;
	class = vmtrace_class_by_now(t, task, flight);
	if (unlikely(class == VMTRACE_CLASS_COUNT))
		return false;
	times = t->times[class];
	if (unlikely(!vmtrace_is_ready(t) || !times))
		return false;
	if (flight == VMTRACE_TOUCH &&
	    unlikely(!vmtrace_growth_find(&t->growths, &t->process->growths, f->address,
					  &f->area.start, &f->area.end, &slot)))
		return false;
	raw_write_seqcount_begin(&t->seq);
	vmtrace_count_common(t, class);
	vmtrace_bump(&times->excess, vmtrace_pages_of_common(class));
	if (flight == VMTRACE_TOUCH)
		vmtrace_bump(&slot->count, 1);
	vmtrace_count_hot(t);
	return true;
}

/* What became of the last one, as the fault on @address begins. */
static __always_inline void vmtrace_thread_settle(struct vmtrace_thread *t,
						  const struct task_struct *task,
						  unsigned long address, unsigned int flags)
{
	if (likely(t->in_flight == VMTRACE_TOUCH)) {
		if (likely(vmtrace_settle_common(t, task, VMTRACE_TOUCH)))
			return;
	} else if (t->in_flight == VMTRACE_WRITE) {
		if (likely(vmtrace_settle_common(t, task, VMTRACE_WRITE)))
			return;
	} else if (!t->in_flight) {
		return;
	}
	vmtrace_settle_slowly(t, address, flags);
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
	const struct task_struct *task = current;
	struct vmtrace_thread *t;

	if (unlikely(!vmtrace_thread_is_at_hand(task, &t))) {
		vmtrace_current_first(vma, address, flags, regs);
		return;
	}
	vmtrace_thread_settle(t, task, address, flags);
	vmtrace_thread_begin(t, task, vma, address, flags, regs, true);
}

#endif /* VMTRACE_LANE_H */
