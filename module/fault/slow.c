// SPDX-License-Identifier: GPL-2.0
/* slow.c - accounting of every fault that does not fit the fast path; see fast.h */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/signal.h>

#include "compat.h"
#include "core/outcome.h"
#include "fault/clock.h"
#include "fault/emit.h"
#include "fault/events.h"
#include "fault/fast.h"
#include "fault/pages_mapped.h"
#include "mm/ptwalk.h"
#include "mm/vma.h"
#include "stats/process.h"
#include "stats/slowest.h"
#include "stats/task.h"
#include "stats/thread.h"

static enum vmtrace_origin origin_of(const struct vmtrace_fault *f)
{
	if (f->flags & FAULT_FLAG_USER)
		return VMTRACE_ORIGIN_USER;
	if (f->ip)
		return VMTRACE_ORIGIN_KERNEL;
	/* exec copies its arguments to a stack in an mm that no task uses yet. */
	if (f->vma->vm_mm == current->mm || vma_is_temporary_stack(f->vma))
		return VMTRACE_ORIGIN_GUP;
	return VMTRACE_ORIGIN_REMOTE;
}

/*
 * After VM_FAULT_RETRY the caller either retries at once, with FAULT_FLAG_TRIED or, if the attempt
 * was made under the VMA lock, without that lock; or it returns to user space to handle a signal.
 * If the program then accesses the address again, that is a new fault (do_user_addr_fault(),
 * arch/x86/mm/fault.c; do_page_fault(), arch/arm64/mm/fault.c).
 */
static bool is_next_attempt(const struct vmtrace_fault *f, unsigned long address,
			    unsigned int flags)
{
	return f->address == address &&
	       (flags & FAULT_FLAG_TRIED || (f->vma_lock && !(flags & VMTRACE_FLAG_VMA_LOCK)));
}

/*
 * Fill in what the fast path left out of a fault that began in @state and whose attempt returned
 * @ret.
 */
static void fill_from_fast(struct vmtrace_fault *f, enum vmtrace_state state, vm_fault_t ret)
{
	struct vmtrace_class_input *in = &f->input;
	pte_t none = { 0 };

	f->vma_lock = f->flags & VMTRACE_FLAG_VMA_LOCK;
	f->origin = VMTRACE_ORIGIN_USER;
	f->retries = 0;
	f->mm = current->mm;
	/* With either bit the lock was dropped, and the vma may have been freed. */
	if (ret & (VM_FAULT_RETRY | VM_FAULT_COMPLETED))
		f->snapshot = (struct vmtrace_vma_snapshot){
			.start = f->address & PAGE_MASK, .end = (f->address & PAGE_MASK) + PAGE_SIZE
		};
	else
		f->snapshot = vmtrace_vma_snapshot(f->vma);
	in->vma = VMTRACE_VMA_ANON | VMTRACE_VMA_ACCESSIBLE;
	in->result = 0;
	in->write = f->flags & FAULT_FLAG_WRITE;
	vmtrace_entry_from_pte(&in->before, state == VMTRACE_FAST_COW ? f->pte : none);
	in->again = in->before;
	f->window.pages = 0;
}

/* The first attempt of a fault begins; its arguments are kept. */
static void begin(struct vmtrace_fault *f)
{
	struct vmtrace_class_input *in = &f->input;

	f->vma_lock = f->flags & VMTRACE_FLAG_VMA_LOCK;
	f->origin = origin_of(f);
	f->retries = 0;
	f->mm = f->vma->vm_mm;
	in->result = 0;
	f->exec_start = current->se.exec_start;
	f->ran = current->se.sum_exec_runtime;
	f->snapshot = vmtrace_vma_snapshot(f->vma);
	in->vma = vmtrace_vma_facts(f->vma);
	in->write = f->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE);
	vmtrace_ptwalk(f->mm, f->address, &in->before);
	in->again = in->before;
	if (in->vma & VMTRACE_VMA_HUGETLB)
		f->hugetlb_pages = vmtrace_hugetlb_pages(f->vma);
	vmtrace_pages_mapped_begin(f);
}

/* The next attempt of the same fault begins. */
static void begin_next(struct vmtrace_fault *f, struct vm_area_struct *vma, unsigned int flags)
{
	f->flags = flags;
	f->vma_lock = flags & VMTRACE_FLAG_VMA_LOCK;
	f->input.result |= VMTRACE_RESULT_RETRIED;
	f->retries++;
	f->mm = vma->vm_mm;
	f->snapshot = vmtrace_vma_snapshot(vma);
	vmtrace_ptwalk(f->mm, f->address, &f->input.again);
}

void vmtrace_begin_slow(struct vmtrace_thread *t)
{
	begin(&t->fault);
	vmtrace_thread_enter(t, current, VMTRACE_SLOW);
	t->fault.start = vmtrace_clock();
}

void vmtrace_begin_work(struct vmtrace_thread *t, struct vm_area_struct *vma, unsigned long address,
			unsigned int flags, const struct pt_regs *regs)
{
	struct vmtrace_fault *f = &t->fault;

	if (t->waiting_class != VMTRACE_CLASS_COUNT)
		vmtrace_thread_add_waiting(t);
	f->retry_pending = f->retry_pending && is_next_attempt(f, address, flags);
	t->entry_work = f->retry_pending;
	if (f->retry_pending) {
		begin_next(f, vma, flags);
		vmtrace_thread_enter(t, current, VMTRACE_SLOW);
	} else {
		vmtrace_thread_begin(t, current, vma, address, flags, regs);
	}
}

/* The records of current: create what is missing. NULL if there is no room for its counts. */
static struct vmtrace_thread *create_records(void)
{
	struct vmtrace_process *p = vmtrace_process_track(current);
	struct vmtrace_task *k = p ? vmtrace_task_create(current, p) : NULL;
	struct vmtrace_thread *t = k ? vmtrace_task_create_thread(k) : NULL;

	if (!t)
		vmtrace_task_drop(k);
	return t;
}

void vmtrace_begin_uncached(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
			    const struct pt_regs *regs)
{
	struct vmtrace_thread *t = vmtrace_task_fetch() ?: create_records();

	if (t)
		vmtrace_thread_begin(t, current, vma, address, flags, regs);
}

/* Without the lock, only page tables of current's own mm may be read; see mm/ptwalk.h. */
static bool may_walk(const struct vmtrace_fault *f, vm_fault_t ret)
{
	return f->mm == current->mm || !(ret & (VM_FAULT_RETRY | VM_FAULT_COMPLETED));
}

/* Why an attempt failed: VMTRACE_RESULT_*. */
static unsigned int failure_of(vm_fault_t ret)
{
	return (ret & VM_FAULT_OOM ? VMTRACE_RESULT_OOM : 0) |
	       (ret & VM_FAULT_SIGBUS ? VMTRACE_RESULT_SIGBUS : 0) |
	       (ret & VM_FAULT_SIGSEGV ? VMTRACE_RESULT_SIGSEGV : 0) |
	       (ret & (VM_FAULT_HWPOISON | VM_FAULT_HWPOISON_LARGE) ? VMTRACE_RESULT_HWPOISON : 0);
}

/* After the last attempt: read the page tables, set @m->pages and @m->tables, return the class. */
static enum vmtrace_class classify_exit(struct vmtrace_fault *f, vm_fault_t ret,
					struct vmtrace_sample *m)
{
	struct vmtrace_class_input *in = &f->input;

	m->pages = 0;
	m->tables = 0;
	if (likely(!(ret & VM_FAULT_ERROR) && may_walk(f, ret))) {
		vmtrace_ptwalk(f->mm, f->address, &in->after);
		vmtrace_pages_mapped_end(f, m);
	} else {
		in->result |= failure_of(ret);
		in->after = (struct vmtrace_entry){ .kind = VMTRACE_ENTRY_UNKNOWN };
	}
	return vmtrace_classify(in);
}

/* Did the fault map a page where the page table had no entry, in current's own mm? */
static bool is_first_touch(const struct vmtrace_fault *f)
{
	return f->input.before.kind == VMTRACE_ENTRY_NONE &&
	       f->input.after.kind == VMTRACE_ENTRY_PRESENT && f->mm == current->mm;
}

/* Count a fault that is over; @outcome is not VMTRACE_RETRIED. Inside @t->seq. */
static __always_inline void count(struct vmtrace_thread *t, enum vmtrace_outcome outcome,
				  enum vmtrace_class class, const struct vmtrace_sample *m)
{
	struct vmtrace_counts *c = &t->counts;

	if (likely(outcome == VMTRACE_MINOR)) {
		vmtrace_add(&c->minor, 1);
	} else if (outcome == VMTRACE_MAJOR) {
		vmtrace_add(&c->major, 1);
		vmtrace_add(&c->class[class].major, 1);
	} else {
		vmtrace_add(&c->failed, 1);
	}
	vmtrace_add(&c->class[class].faults, 1);
	vmtrace_add(&c->origin[t->fault.origin], 1);
	if (is_first_touch(&t->fault)) {
		vmtrace_add(&c->first_touch_faults, 1);
		vmtrace_add(&c->first_touch_pages, m->pages);
	}
	WRITE_ONCE(t->state, VMTRACE_IDLE);
}

/* There are no times of @class yet: the next entry allocates them. Inside @t->seq. */
static void keep_waiting(struct vmtrace_thread *t, enum vmtrace_class class,
			 const struct vmtrace_sample *m)
{
	/* Only if the returns and entries of faults were missed, one waits already. */
	if (t->waiting_class != VMTRACE_CLASS_COUNT) {
		vmtrace_add(&t->counts.untimed, 1);
		return;
	}
	t->waiting = *m;
	WRITE_ONCE(t->waiting_class, class);
}

/**
 * account() - add a fault that is over to the record of its thread
 * @t: current's record
 * @outcome: not VMTRACE_RETRIED
 * @class: of the fault
 * @m: its time, pages and tables
 */
static void account(struct vmtrace_thread *t, enum vmtrace_outcome outcome,
		    enum vmtrace_class class, const struct vmtrace_sample *m)
{
	struct vmtrace_times *times = t->times[class];

	raw_write_seqcount_begin(&t->seq);
	count(t, outcome, class, m);
	if (unlikely(!times))
		keep_waiting(t, class, m);
	raw_write_seqcount_end(&t->seq);
	if (likely(times))
		vmtrace_times_account(times, m);
}

/*
 * How long current was off the CPU during a fault that took @took ns. While a task runs,
 * update_curr() (kernel/sched/fair.c) advances exec_start and sum_exec_runtime by the same amount;
 * while it does not run, only exec_start advances.
 */
static u64 time_asleep(const struct vmtrace_fault *f, u64 took)
{
	const struct sched_entity *se = &current->se;

	return clamp_t(s64, (se->exec_start - f->exec_start) - (se->sum_exec_runtime - f->ran), 0,
		       took);
}

/* Keep a fault that is over if it is among the slowest of its process, and emit the trace event. */
static void report(struct vmtrace_thread *t, enum vmtrace_class class,
		   const struct vmtrace_sample *m, vm_fault_t ret)
{
	if (m->took > READ_ONCE(t->process->slowest_floor))
		vmtrace_slowest_add(t->process, &t->fault, class, m);
	if (trace_fault_enabled())
		vmtrace_emit_fault(&t->fault, m, class, ret);
}

/* The fault is over. */
static void end_fault(struct vmtrace_thread *t, enum vmtrace_outcome outcome, vm_fault_t ret,
		      u64 now)
{
	struct vmtrace_fault *f = &t->fault;
	enum vmtrace_class class;
	struct vmtrace_sample m;

	m.took = vmtrace_clock_ns(f->start, now);
	m.asleep = time_asleep(f, m.took);
	class = classify_exit(f, ret, &m);
	account(t, outcome, class, &m);
	report(t, class, &m, ret);
}

/* Account the return of an attempt, whichever path it began on. */
static void end_attempt(struct vmtrace_thread *t, vm_fault_t ret, u64 now)
{
	enum vmtrace_outcome outcome =
		vmtrace_outcome(ret & VM_FAULT_RETRY, ret & VM_FAULT_ERROR,
				ret & VM_FAULT_MAJOR || t->fault.flags & FAULT_FLAG_TRIED);
	struct vmtrace_fault *f = &t->fault;

	if (t->state > VMTRACE_SLOW)
		fill_from_fast(f, t->state, ret);
	if (ret & VM_FAULT_MAJOR)
		f->input.result |= VMTRACE_RESULT_MAJOR;
	f->retry_pending = outcome == VMTRACE_RETRIED;
	if (unlikely(outcome == VMTRACE_RETRIED))
		vmtrace_thread_retry(t);
	else
		end_fault(t, outcome, ret, now);
	t->entry_work = f->retry_pending || t->waiting_class != VMTRACE_CLASS_COUNT;
}

/*
 * Let the fast path account the faults of @class. A fault that takes fewer ticks than the threshold
 * is neither the longest of its class nor one of the slowest of its process.
 */
static void arm_fast(struct vmtrace_thread *t, enum vmtrace_class class)
{
	struct vmtrace_times *times = t->times[class];

	times->slow_threshold =
		vmtrace_clock_ticks(min(times->max, READ_ONCE(t->process->slowest_floor))) + 1;
	t->fast_times[class] = times;
}

/*
 * vmtrace_end_fast(), including what that leaves to slow.c. False, with nothing accounted, if the
 * fault did not end as faults on the fast path do.
 */
static bool end_fast(struct vmtrace_thread *t, enum vmtrace_state state, vm_fault_t ret, u64 now)
{
	struct vmtrace_fault *f = &t->fault;
	struct vmtrace_sample m = {};
	enum vmtrace_class class;
	pte_t pte;

	if (!vmtrace_ptwalk_reread(&f->pos, &pte))
		return false;
	class = vmtrace_class_of_fast(f, state, pte);
	if (class == VMTRACE_CLASS_COUNT || !t->times[class] ||
	    now - f->start >= VMTRACE_CLOCK_SHORT)
		return false;
	m.took = vmtrace_clock_short(now - f->start);
	m.asleep = time_asleep(f, m.took);
	m.pages = vmtrace_pages_of_fast(class);
	raw_write_seqcount_begin(&t->seq);
	vmtrace_count_fast(t, class);
	raw_write_seqcount_end(&t->seq);
	vmtrace_times_account(t->times[class], &m);
	fill_from_fast(f, state, 0);
	vmtrace_entry_from_pte(&f->input.after, pte);
	report(t, class, &m, ret);
	arm_fast(t, class);
	return true;
}

void vmtrace_end_slow(struct vmtrace_thread *t, vm_fault_t ret, u64 now)
{
	enum vmtrace_state state = t->state;

	/* It began before the hook was placed, or was cancelled. */
	if (state == VMTRACE_IDLE)
		return;
	if (vmtrace_counted(t, current) != !(ret & (VM_FAULT_ERROR | VM_FAULT_RETRY)))
		vmtrace_thread_leave(t);
	else if (!vmtrace_may_be_fast(state, ret) || !end_fast(t, state, ret, now))
		end_attempt(t, ret, now);
}

void vmtrace_end_uncached(vm_fault_t ret, u64 now)
{
	struct vmtrace_thread *t = vmtrace_task_fetch();

	if (t)
		vmtrace_end_slow(t, ret, now);
}
