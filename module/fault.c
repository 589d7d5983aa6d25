// SPDX-License-Identifier: GPL-2.0
/* fault.c - from the two events of the hook to an accounted fault; see fault.h */
#include <linux/fs.h>
#include <linux/hugetlb_inline.h>
#include <linux/irqflags.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/userfaultfd_k.h>

#include "compat.h"
#include "fault.h"
#include "process.h"
#include "ptwalk.h"
#include "thread.h"

/*
 * How long current has been on a CPU in its life. The scheduler has summed up all
 * until exec_start (update_curr(), kernel/sched/fair.c); its clock is local_clock().
 */
static u64 time_on_cpu(u64 now)
{
	const struct sched_entity *se = &current->se;

	return se->sum_exec_runtime + (now - se->exec_start);
}

static unsigned int vma_facts(struct vm_area_struct *vma)
{
	unsigned int facts = 0;

	if (vma->vm_flags & VM_SHARED)
		facts |= VMTRACE_VMA_SHARED;
	if (vma->vm_flags & VM_ACCESS_FLAGS)
		facts |= VMTRACE_VMA_ACCESSIBLE;
	if (userfaultfd_armed(vma))
		facts |= VMTRACE_VMA_UFFD;
	if (vma_is_anonymous(vma))
		return facts | VMTRACE_VMA_ANON;
	if (is_vm_hugetlb_page(vma))
		return facts | VMTRACE_VMA_HUGETLB;
	if (vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP))
		facts |= VMTRACE_VMA_SPECIAL;
	/* Without a file: vdso and the like. */
	if (!vma->vm_file || IS_DAX(file_inode(vma->vm_file)))
		facts |= VMTRACE_VMA_SPECIAL;
	else if (file_inode(vma->vm_file)->i_sb->s_magic == TMPFS_MAGIC)
		facts |= VMTRACE_VMA_SHMEM;
	return facts;
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
		f->mm = vma->vm_mm;
		vmtrace_ptwalk(f->mm, address, &facts->again);
		return;
	}
	f->address = address;
	f->vma_lock = flags & VMTRACE_FLAG_VMA_LOCK;
	f->mm = vma->vm_mm;
	f->start = local_clock();
	f->ran = time_on_cpu(f->start);
	f->switches = current->nvcsw + current->nivcsw;
	f->origin = origin(vma, flags, regs);
	facts->vma = vma_facts(vma);
	facts->result = 0;
	facts->write = flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE);
	vmtrace_ptwalk(f->mm, address, &facts->before);
	facts->again = facts->before;
}

void vmtrace_attempt_begin(struct vmtrace_attempt *a, struct vm_area_struct *vma,
			   unsigned long address, unsigned int flags, const struct pt_regs *regs)
{
	struct vmtrace_thread *t = vmtrace_thread_find(current);
	unsigned long irq;

	a->flags = flags;
	if (unlikely(!t)) {
		a->process = vmtrace_process_track(current);
		t = a->process ? vmtrace_thread_create(a->process) : NULL;
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

/* The fault is over: its class, how long it took, and how much of that off the CPU. */
static enum vmtrace_class fault_end(struct vmtrace_fault *f, vm_fault_t ret, u64 *took, u64 *asleep)
{
	struct vmtrace_facts *facts = &f->facts;
	u64 now = local_clock(), ran;

	/* Clocks of two CPUs may differ a little where there is no better one. */
	*took = now > f->start ? now - f->start : 0;
	*asleep = 0;
	if (current->nvcsw + current->nivcsw != f->switches) {
		ran = time_on_cpu(now) - f->ran;
		*asleep = ran < *took ? *took - ran : 0;
	}
	if (unlikely(ret & VM_FAULT_ERROR))
		facts->result |= failure(ret);
	else if (likely(may_walk(f, ret)))
		vmtrace_ptwalk(f->mm, f->address, &facts->after);
	else
		facts->after = (struct vmtrace_entry){ .kind = VMTRACE_ENTRY_UNKNOWN };
	return vmtrace_classify(facts);
}

void vmtrace_attempt_end(const struct vmtrace_attempt *a, vm_fault_t ret)
{
	enum vmtrace_outcome outcome = vmtrace_outcome(a->flags, ret);
	struct vmtrace_thread *t = a->thread;
	enum vmtrace_class class;
	unsigned long irq;
	u64 took, asleep;

	if (unlikely(!t)) {
		if (outcome == VMTRACE_MINOR || outcome == VMTRACE_MAJOR)
			vmtrace_process_drop(a->process);
		return;
	}
	local_irq_save(irq);
	if (ret & VM_FAULT_MAJOR)
		t->fault.facts.result |= VMTRACE_RESULT_MAJOR;
	t->fault.waits = outcome == VMTRACE_RETRIED;
	if (unlikely(outcome == VMTRACE_RETRIED)) {
		vmtrace_thread_retry(t);
	} else {
		class = fault_end(&t->fault, ret, &took, &asleep);
		vmtrace_thread_return(t, outcome, class, took, asleep);
	}
	local_irq_restore(irq);
}
