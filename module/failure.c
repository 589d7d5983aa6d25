// SPDX-License-Identifier: GPL-2.0
/* failure.c - accesses that failed, and where; see failure.h */
#include <linux/compat.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include <asm/syscall.h>
#include <asm/unistd.h>

#include "events.h"
#include "failure.h"
#include "fault.h"
#include "process.h"
#include "vma.h"

static void failure_put(struct vmtrace_failure *f)
{
	if (!refcount_dec_and_test(&f->ref))
		return;
	kfree(f->at.name);
	kfree(f->by.name);
	kfree(f);
}

/* Into the list, and the oldest one out of it. */
static void keep(struct vmtrace_process *p, struct vmtrace_failure *f)
{
	struct vmtrace_failure *oldest = NULL;
	unsigned long irq;

	spin_lock_irqsave(&p->lock, irq);
	list_add_tail(&f->node, &p->failures.last);
	if (f->generation != READ_ONCE(vmtrace_generation)) {
		/* Its count has been reset meanwhile. */
		oldest = f;
		list_del(&f->node);
	} else if (p->failures.kept < VMTRACE_FAILURES) {
		p->failures.kept++;
	} else {
		oldest = list_first_entry(&p->failures.last, struct vmtrace_failure, node);
		list_del(&oldest->node);
	}
	spin_unlock_irqrestore(&p->lock, irq);
	if (oldest)
		failure_put(oldest);
}

/* The mapping that holds the address, or else the nearest one. */
static struct vm_area_struct *nearest(struct mm_struct *mm, unsigned long address,
				      struct vmtrace_place *place)
{
	struct vm_area_struct *above = find_vma(mm, address), *below;
	struct vma_iterator vmi;

	place->where = VMTRACE_WHERE_INSIDE;
	if (above && above->vm_start <= address) {
		place->distance = address - above->vm_start;
		return above;
	}
	vma_iter_init(&vmi, mm, address);
	mas_walk(&vmi.mas);
	below = vma_prev(&vmi);
	if (below && (!above || address - below->vm_end <= above->vm_start - address)) {
		place->where = VMTRACE_WHERE_BEYOND;
		place->distance = address - below->vm_end;
		return below;
	}
	if (!above) {
		place->where = VMTRACE_WHERE_NOWHERE;
		return NULL;
	}
	place->where = VMTRACE_WHERE_BEFORE;
	place->distance = above->vm_start - address;
	return above;
}

/* Whatever a process has had the kernel keep is charged to it, and never worth an OOM kill. */
#define GFP_NAME (GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN)

static void locate(struct mm_struct *mm, unsigned long address, struct vmtrace_place *place,
		   char *buffer)
{
	struct vm_area_struct *vma = NULL;
	const char *name;

	place->where = VMTRACE_WHERE_NOWHERE;
	if (address < mm->task_size)
		vma = nearest(mm, address, place);
	if (!vma)
		return;
	place->start = vma->vm_start;
	place->end = vma->vm_end;
	place->flags = vma->vm_flags;
	if (vma->vm_file)
		place->offset = ((u64)vma->vm_pgoff << PAGE_SHIFT) + (address - vma->vm_start);
	name = vmtrace_vma_name(vma, buffer, PATH_MAX);
	if (*name)
		place->name = kstrdup(name, GFP_NAME);
}

/*
 * Who holds the lock may wait for whoever it likes, for ever, and we hold up
 * unloading: not for longer than it takes to lose patience. A program that handles
 * the signal is not held up at all: some live on such signals.
 */
#define PATIENCE (HZ / 4)

static bool lock_for_a_while(struct mm_struct *mm, int patience)
{
	int tries = 0;

	while (!mmap_read_trylock(mm)) {
		if (tries++ == patience || fatal_signal_pending(current))
			return false;
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

static void locate_both(struct vmtrace_failure *f)
{
	char *buffer = kmalloc(PATH_MAX, GFP_NAME);
	struct mm_struct *mm = current->mm;

	/* Without an mm it has exited, without having come back from the kernel. */
	if (buffer && mm && lock_for_a_while(mm, f->deadly ? PATIENCE : 0)) {
		locate(mm, f->ip, &f->by, buffer);
		if (f->code == SI_KERNEL)
			f->at.where = VMTRACE_WHERE_NOWHERE;
		else
			locate(mm, untagged_addr(f->address), &f->at, buffer);
		mmap_read_unlock(mm);
	}
	kfree(buffer);
}

static void resumed(struct vmtrace_resume *r, bool cancelled)
{
	struct vmtrace_failure *f = container_of(r, struct vmtrace_failure, resume);
	struct vmtrace_process *p = f->process;

	if (!cancelled)
		locate_both(f);
	keep(p, f);
	vmtrace_process_put(p);
}

/*
 * A thread may send itself any si_code with these two, and what the kernel raises
 * looks the same. It raises nothing of the kind in them.
 */
static bool sent_by_itself(void)
{
	int nr = syscall_get_nr(current, task_pt_regs(current));

	if (nr == __NR_pidfd_send_signal) /* the same number everywhere */
		return true;
#ifdef CONFIG_X86_64
	if (nr == (__X32_SYSCALL_BIT | 424) || nr == (__X32_SYSCALL_BIT | 536))
		return true;
	return nr == (in_ia32_syscall() ? 335 : __NR_rt_tgsigqueueinfo);
#else
	return nr == (is_compat_task() ? 363 : __NR_rt_tgsigqueueinfo);
#endif
}

/* It hits whatever current does; an exception, which may be one of a probe, is none. */
static bool sent_by_interrupt(void)
{
	return (in_hardirq() && !in_nmi()) || in_serving_softirq();
}

static enum vmtrace_reason reason_of(int sig, int code)
{
	if (sig == SIGSEGV)
		return code == SEGV_MAPERR ? VMTRACE_REASON_segv_maperr :
		       code == SEGV_ACCERR ? VMTRACE_REASON_segv_accerr :
					     VMTRACE_REASON_segv_other;
	return code == BUS_ADRERR			      ? VMTRACE_REASON_bus_adrerr :
	       code == BUS_ADRALN			      ? VMTRACE_REASON_bus_adraln :
	       code == BUS_MCEERR_AR || code == BUS_MCEERR_AO ? VMTRACE_REASON_bus_mceerr :
								VMTRACE_REASON_bus_other;
}

void vmtrace_failure_signal(int sig, const struct kernel_siginfo *info)
{
	const struct sighand_struct *sighand;
	struct vmtrace_failure *f;
	struct vmtrace_process *p;
	enum vmtrace_reason reason;
	unsigned long irq;

	/* Special values mean kill() and the like, which have no positive si_code either. */
	if ((unsigned long)info <= (unsigned long)SEND_SIG_PRIV || info->si_code <= 0 ||
	    (current->flags & PF_KTHREAD) || sent_by_interrupt() || sent_by_itself())
		return;
	vmtrace_settle_failed(sig, info->si_code);
	reason = reason_of(sig, info->si_code);
	trace_failure(info->si_code == SI_KERNEL ? 0 : (unsigned long)info->si_addr,
		      instruction_pointer(task_pt_regs(current)), reason, sig, info->si_code);
	p = vmtrace_process_track(current);
	if (!p)
		return;
	f = kzalloc(sizeof(*f), GFP_ATOMIC | __GFP_NOWARN);
	spin_lock_irqsave(&p->lock, irq);
	p->failures.count[reason]++;
	p->failures.unkept += !f;
	spin_unlock_irqrestore(&p->lock, irq);
	if (!f)
		return;
	refcount_set(&f->ref, 1);
	f->time_ns = ktime_get_boottime_ns();
	f->tid = current->pid;
	f->ip = instruction_pointer(task_pt_regs(current));
	f->reason = reason;
	f->signal = sig;
	f->code = info->si_code;
	f->generation = READ_ONCE(vmtrace_generation);
	/* We are under siglock. Who blocks or ignores it has lost its handler by now. */
	sighand = rcu_dereference_protected(current->sighand, true);
	f->deadly = sighand->action[sig - 1].sa.sa_handler == SIG_DFL;
	if (f->code != SI_KERNEL)
		f->address = (unsigned long)info->si_addr;
	f->process = p;
	refcount_inc(&p->ref);
	if (vmtrace_resume_add(&f->resume, current, resumed))
		return;
	keep(p, f);
	vmtrace_process_put(p);
}

void vmtrace_failures_read(struct vmtrace_process *p, struct vmtrace_failures_copy *copy)
{
	struct vmtrace_failure *f;
	unsigned long irq;
	int i;

	copy->total = 0;
	copy->kept = 0;
	spin_lock_irqsave(&p->lock, irq);
	for (i = 0; i < VMTRACE_REASON_COUNT; i++)
		copy->total += p->failures.count[i];
	copy->unkept = p->failures.unkept;
	list_for_each_entry(f, &p->failures.last, node) {
		refcount_inc(&f->ref);
		copy->last[copy->kept++] = f;
	}
	spin_unlock_irqrestore(&p->lock, irq);
}

void vmtrace_failures_put(struct vmtrace_failures_copy *copy)
{
	while (copy->kept)
		failure_put(copy->last[--copy->kept]);
}

void vmtrace_failures_free(struct vmtrace_failures *f)
{
	struct vmtrace_failure *failure, *next;

	list_for_each_entry_safe(failure, next, &f->last, node) failure_put(failure);
}

void vmtrace_failures_reset(struct vmtrace_process *p)
{
	struct vmtrace_failures old = {};
	unsigned long irq;

	INIT_LIST_HEAD(&old.last);
	spin_lock_irqsave(&p->lock, irq);
	list_splice_init(&p->failures.last, &old.last);
	memset(p->failures.count, 0, sizeof(p->failures.count));
	p->failures.unkept = 0;
	p->failures.kept = 0;
	spin_unlock_irqrestore(&p->lock, irq);
	vmtrace_failures_free(&old);
}
