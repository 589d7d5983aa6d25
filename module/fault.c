// SPDX-License-Identifier: GPL-2.0
/* fault.c - from the two events of the hook to an accounted fault; see fault.h */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "compat.h"
#include "control.h"
#include "events.h"
#include "fault.h"
#include "growth.h"
#include "mapped.h"
#include "process.h"
#include "ptwalk.h"
#include "record.h"
#include "slowest.h"
#include "thread.h"
#include "vma.h"

/*
 * How long current has been off the CPU, counted from some moment: whenever the
 * scheduler moves exec_start while it runs, it adds as much to sum_exec_runtime;
 * while it does not run, only the first goes on (update_curr(), kernel/sched/fair.c).
 */
static u64 time_off_cpu(void)
{
	return current->se.exec_start - current->se.sum_exec_runtime;
}

static enum vmtrace_origin origin(struct vm_area_struct *vma, unsigned int flags,
				  const struct pt_regs *regs)
{
	if (flags & FAULT_FLAG_USER)
		return VMTRACE_ORIGIN_USER;
	if (regs)
		return VMTRACE_ORIGIN_KERNEL;
	/* The stack that exec puts its arguments on is in an mm that is nobody's yet. */
	if (vma->vm_mm == current->mm || vma_is_temporary_stack(vma))
		return VMTRACE_ORIGIN_GUP;
	return VMTRACE_ORIGIN_REMOTE;
}

/*
 * Who is told to retry does so at once, with TRIED or, after a try under the lock
 * of the vma, without that lock; or handles a signal first and comes back, if at
 * all, with a fault of its own (do_user_addr_fault(), arch/x86/mm/fault.c;
 * do_page_fault(), arch/arm64/mm/fault.c).
 */
static bool is_next_attempt(const struct vmtrace_fault *f, unsigned long address,
			    unsigned int flags)
{
	return f->address == address &&
	       (flags & FAULT_FLAG_TRIED || (f->vma_lock && !(flags & VMTRACE_FLAG_VMA_LOCK)));
}

static void fault_begin(struct vmtrace_fault *f, struct vm_area_struct *vma, unsigned long address,
			unsigned int flags, const struct pt_regs *regs)
{
	struct vmtrace_facts *facts = &f->facts;

	if (f->waits && is_next_attempt(f, address, flags)) {
		f->vma_lock = flags & VMTRACE_FLAG_VMA_LOCK;
		facts->result |= VMTRACE_RESULT_RETRIED;
		f->retries++;
		f->mm = vma->vm_mm;
		if (likely(!f->plain))
			vmtrace_ptwalk(f->mm, address, &facts->again);
		return;
	}
	f->plain = vmtrace_is_filtered();
	f->address = address;
	f->vma_lock = flags & VMTRACE_FLAG_VMA_LOCK;
	f->mm = vma->vm_mm;
	f->origin = origin(vma, flags, regs);
	f->retries = 0;
	facts->result = 0;
	if (unlikely(f->plain))
		return;
	f->start = ktime_get_mono_fast_ns();
	f->off_cpu = time_off_cpu();
	f->ip = regs ? instruction_pointer((struct pt_regs *)regs) : 0;
	f->area = vmtrace_area(vma);
	facts->vma = vmtrace_vma_facts(vma);
	facts->write = flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE);
	vmtrace_ptwalk(f->mm, address, &facts->before);
	facts->again = facts->before;
	f->unit = facts->vma & VMTRACE_VMA_HUGETLB ? vmtrace_vma_unit(vma) : 1;
	vmtrace_mapped_begin(f);
}

void vmtrace_attempt_begin(struct vmtrace_attempt *a, struct vm_area_struct *vma,
			   unsigned long address, unsigned int flags, const struct pt_regs *regs)
{
	struct vmtrace_thread *t;
	unsigned long irq;

	a->flags = flags;
	a->ignored = vmtrace_is_disabled();
	if (unlikely(a->ignored))
		return;
	t = vmtrace_thread_find(current);
	if (unlikely(!t)) {
		a->process = vmtrace_process_track(current);
		t = a->process ? vmtrace_thread_create(a->process) : NULL;
		a->resets = a->process ? READ_ONCE(a->process->resets) : 0;
	}
	a->thread = t;
	if (unlikely(!t))
		return;
	local_irq_save(irq);
	fault_begin(&t->fault, vma, address, flags, regs);
	vmtrace_thread_enter(t);
	local_irq_restore(irq);
}

/* Once the lock of the vma was dropped, only current's own tables can be read: ptwalk.h. */
static bool may_walk(const struct vmtrace_fault *f, vm_fault_t ret)
{
	return f->mm == current->mm || !(ret & (VM_FAULT_RETRY | VM_FAULT_COMPLETED));
}

static unsigned int failure(vm_fault_t ret)
{
	return (ret & VM_FAULT_OOM ? VMTRACE_RESULT_OOM : 0) |
	       (ret & VM_FAULT_SIGBUS ? VMTRACE_RESULT_SIGBUS : 0) |
	       (ret & VM_FAULT_SIGSEGV ? VMTRACE_RESULT_SIGSEGV : 0) |
	       (ret & (VM_FAULT_HWPOISON | VM_FAULT_HWPOISON_LARGE) ? VMTRACE_RESULT_HWPOISON : 0);
}

/* The fault is over: its class, how long it took and how much of that off the CPU, its gain. */
static enum vmtrace_class fault_end(struct vmtrace_fault *f, vm_fault_t ret,
				    struct vmtrace_measure *m)
{
	struct vmtrace_facts *facts = &f->facts;
	s64 elapsed = ktime_get_mono_fast_ns() - f->start;
	s64 off = time_off_cpu() - f->off_cpu;

	/* Clocks of two CPUs may differ a little where there is no better one. */
	m->took = max_t(s64, elapsed, 0);
	m->asleep = clamp_t(s64, off, 0, m->took);
	m->pages = 0;
	m->tables = 0;
	if (likely(!(ret & VM_FAULT_ERROR) && may_walk(f, ret))) {
		vmtrace_ptwalk(f->mm, f->address, &facts->after);
		vmtrace_mapped_end(f, m);
	} else {
		facts->result |= failure(ret);
		facts->after = (struct vmtrace_entry){ .kind = VMTRACE_ENTRY_UNKNOWN };
	}
	return vmtrace_classify(facts);
}

/* Of its own memory: of another process's, growth.h keeps no record. */
static bool is_first_touch(const struct vmtrace_fault *f)
{
	return f->facts.before.kind == VMTRACE_ENTRY_NONE &&
	       f->facts.after.kind == VMTRACE_ENTRY_PRESENT && f->mm == current->mm;
}

static noinline void tell(const struct vmtrace_fault *f, const struct vmtrace_measure *m,
			  enum vmtrace_class class, unsigned int flags, vm_fault_t ret)
{
	const struct vmtrace_area *area = &f->area;
	const struct vmtrace_record record = {
		.address = f->address,
		.ip = f->ip,
		.took_ns = m->took,
		.asleep_ns = m->asleep,
		.vma_start = area->start,
		.vma_end = area->end,
		.offset = area->ino ? ((u64)area->pgoff << PAGE_SHIFT) + f->address - area->start :
				      0,
		.inode = area->ino,
		.device = area->dev,
		.flags = flags,
		.ret = (__force unsigned int)ret,
		.retries = f->retries,
		.pages = m->pages,
		.tables = m->tables,
		.class = class,
		.origin = f->origin,
		.before_kind = f->facts.before.kind,
		.before_level = f->facts.before.level,
		.before_bits = f->facts.before.bits,
		.after_kind = f->facts.after.kind,
		.after_level = f->facts.after.level,
		.after_bits = f->facts.after.bits,
	};

	trace_fault(&record);
}

void vmtrace_attempt_end(const struct vmtrace_attempt *a, vm_fault_t ret)
{
	enum vmtrace_outcome outcome = vmtrace_outcome(a->flags, ret);
	struct vmtrace_thread *t = a->thread;
	enum vmtrace_class class;
	struct vmtrace_measure m;
	unsigned long irq;

	if (unlikely(a->ignored))
		return;
	if (unlikely(!t)) {
		if (outcome == VMTRACE_MINOR || outcome == VMTRACE_MAJOR)
			vmtrace_process_drop(a->process, a->resets);
		return;
	}
	local_irq_save(irq);
	if (ret & VM_FAULT_MAJOR)
		t->fault.facts.result |= VMTRACE_RESULT_MAJOR;
	t->fault.waits = outcome == VMTRACE_RETRIED;
	if (unlikely(outcome == VMTRACE_RETRIED)) {
		vmtrace_thread_retry(t);
	} else if (unlikely(t->fault.plain)) {
		t->fault.facts.result |= failure(ret);
		class = outcome == VMTRACE_FAILED ? vmtrace_classify(&t->fault.facts) :
						    VMTRACE_CLASS_UNCLASSIFIED;
		vmtrace_thread_return(t, outcome, class, NULL);
	} else {
		class = fault_end(&t->fault, ret, &m);
		vmtrace_thread_return(t, outcome, class, &m);
		if (unlikely(m.took > READ_ONCE(t->process->slowest_floor)))
			vmtrace_slowest_add(t->process, &t->fault, class, &m);
		if (is_first_touch(&t->fault) &&
		    !vmtrace_growth_count(&t->growths, &t->process->growths, &t->fault))
			vmtrace_growth_touch(t);
		if (trace_fault_enabled())
			tell(&t->fault, &m, class, a->flags, ret);
	}
	local_irq_restore(irq);
}
