// SPDX-License-Identifier: GPL-2.0
/* segv.c - record failed accesses of user code; see segv.h */
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

#include "fault/events.h"
#include "fault/segv.h"
#include "mm/vma.h"
#include "stats/process.h"
#include "stats/segv_record.h"
#include "stats/task.h"

/* The mapping that holds the address, or else the nearest one. */
static struct vm_area_struct *find_nearest(struct mm_struct *mm, unsigned long address,
					   struct vmtrace_segv_vma *loc)
{
	struct vm_area_struct *above = find_vma(mm, address), *below;
	struct vma_iterator vmi;

	loc->where = VMTRACE_WHERE_INSIDE;
	if (above && above->vm_start <= address) {
		loc->distance = address - above->vm_start;
		return above;
	}
	vma_iter_init(&vmi, mm, address);
	mas_walk(&vmi.mas);
	below = vma_prev(&vmi);
	if (below && (!above || address - below->vm_end <= above->vm_start - address)) {
		loc->where = VMTRACE_WHERE_BEYOND;
		loc->distance = address - below->vm_end;
		return below;
	}
	if (!above) {
		loc->where = VMTRACE_WHERE_NOWHERE;
		return NULL;
	}
	loc->where = VMTRACE_WHERE_BEFORE;
	loc->distance = above->vm_start - address;
	return above;
}

/* Memory that is kept for a process is charged to it, and must not cause an OOM kill. */
#define GFP_NAME (GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN)

static void locate(struct mm_struct *mm, unsigned long address, struct vmtrace_segv_vma *loc,
		   char *buffer)
{
	struct vm_area_struct *vma = NULL;
	const char *name;

	loc->where = VMTRACE_WHERE_NOWHERE;
	if (address < mm->task_size)
		vma = find_nearest(mm, address, loc);
	if (!vma)
		return;
	loc->start = vma->vm_start;
	loc->end = vma->vm_end;
	loc->flags = vma->vm_flags;
	if (vma->vm_file)
		loc->offset = ((u64)vma->vm_pgoff << PAGE_SHIFT) + (address - vma->vm_start);
	name = vmtrace_vma_name(vma, buffer, PATH_MAX);
	if (*name)
		loc->name = kstrdup(name, GFP_NAME);
}

/*
 * The mmap lock may be held for long, and unloading waits for this function: give up after a
 * quarter of a second. If the program handles the signal, do not wait at all, since some programs
 * depend on fast signals.
 */
#define LOCK_TIMEOUT (HZ / 4)

static bool mmap_read_lock_timeout(struct mm_struct *mm, int timeout)
{
	int tries = 0;

	while (!mmap_read_trylock(mm)) {
		if (tries++ == timeout || fatal_signal_pending(current))
			return false;
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

static void locate_both(struct vmtrace_segv *f)
{
	char *buffer = kmalloc(PATH_MAX, GFP_NAME);
	struct mm_struct *mm = current->mm;

	/* A task that exits before it returns to user space has no mm any more. */
	if (buffer && mm && mmap_read_lock_timeout(mm, f->deadly ? LOCK_TIMEOUT : 0)) {
		locate(mm, f->ip, &f->ip_vma, buffer);
		if (f->code == SI_KERNEL)
			f->addr_vma.where = VMTRACE_WHERE_NOWHERE;
		else
			locate(mm, untagged_addr(f->address), &f->addr_vma, buffer);
		mmap_read_unlock(mm);
	}
	kfree(buffer);
}

static void look_up_mappings(struct vmtrace_task_work *w, bool cancelled)
{
	struct vmtrace_segv *f = container_of(w, struct vmtrace_segv, work);
	struct vmtrace_process *p = f->process;

	if (!cancelled)
		locate_both(f);
	vmtrace_segv_keep(p, f);
	vmtrace_process_put(p);
}

/*
 * With these system calls a thread may send itself a signal with any si_code, which looks like one
 * of the kernel's. The kernel itself sends none for a failed access inside them. rt_tgsigqueueinfo
 * is number 536 in x32, 335 in ia32 and 363 in arm32.
 */
static bool is_self_sent(void)
{
	int nr = syscall_get_nr(current, task_pt_regs(current));

	if (nr == __NR_pidfd_send_signal) /* 424 in all ABIs */
		return true;
#ifdef CONFIG_X86_64
	if (nr == (__X32_SYSCALL_BIT | 424) || nr == (__X32_SYSCALL_BIT | 536))
		return true;
	return nr == (in_ia32_syscall() ? 335 : __NR_rt_tgsigqueueinfo);
#else
	return nr == (is_compat_task() ? 363 : __NR_rt_tgsigqueueinfo);
#endif
}

/*
 * A signal from an interrupt is not about an access of current. In NMI context this may be a
 * kprobe's exception.
 */
static bool is_sent_by_interrupt(void)
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

void vmtrace_segv_signal(int sig, const struct kernel_siginfo *info)
{
	const struct sighand_struct *sighand;
	struct vmtrace_segv *f;
	struct vmtrace_process *p;
	enum vmtrace_reason reason;
	unsigned long address, ip;

	/* kill() and similar calls have a special @info, or an si_code that is not positive. */
	if ((unsigned long)info <= (unsigned long)SEND_SIG_PRIV || info->si_code <= 0 ||
	    (current->flags & PF_KTHREAD) || is_sent_by_interrupt() || is_self_sent())
		return;
	vmtrace_task_cancel_pending();
	reason = reason_of(sig, info->si_code);
	address = info->si_code == SI_KERNEL ? 0 : (unsigned long)info->si_addr;
	ip = instruction_pointer(task_pt_regs(current));
	trace_failure(address, ip, reason, sig, info->si_code);
	p = vmtrace_process_track(current);
	if (!p)
		return;
	f = kzalloc(sizeof(*f), VMTRACE_GFP);
	vmtrace_segv_count(p, reason, f);
	if (!f)
		return;
	refcount_set(&f->ref, 1);
	f->time_ns = ktime_get_boottime_ns();
	f->tid = current->pid;
	f->address = address;
	f->ip = ip;
	f->reason = reason;
	f->signal = sig;
	f->code = info->si_code;
	/* Under siglock. A blocked or ignored signal has been reset to SIG_DFL by now. */
	sighand = rcu_dereference_protected(current->sighand, true);
	f->deadly = sighand->action[sig - 1].sa.sa_handler == SIG_DFL;
	f->process = p;
	refcount_inc(&p->ref);
	if (!vmtrace_task_work_add(&f->work, current, look_up_mappings))
		look_up_mappings(&f->work, true);
}
