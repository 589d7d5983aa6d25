// SPDX-License-Identifier: GPL-2.0
/* fault.c - from the two events of the hook to an accounted fault; see fault.h */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/signal.h>

#include "clock.h"
#include "compat.h"
#include "control.h"
#include "events.h"
#include "fault.h"
#include "growth.h"
#include "hook.h"
#include "lane.h"
#include "mapped.h"
#include "process.h"
#include "ptwalk.h"
#include "record.h"
#include "slowest.h"
#include "thread.h"
#include "vma.h"

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

/* The rest of a common fault: lane.h. */
static void spell_out(struct vmtrace_fault *f, vm_fault_t ret)
{
	struct vmtrace_facts *facts = &f->facts;

	f->plain = false;
	f->vma_lock = f->flags & VMTRACE_FLAG_VMA_LOCK;
	f->origin = VMTRACE_ORIGIN_USER;
	f->retries = 0;
	f->mm = current->mm;
	if (vmtrace_hook()->blind)
		f->area = (struct vmtrace_area){ .start = f->area.start, .end = f->area.end };
	else if (ret & (VM_FAULT_RETRY | VM_FAULT_COMPLETED)) /* who tries again has another one */
		f->area = (struct vmtrace_area){ .start = f->address & PAGE_MASK,
						 .end = (f->address & PAGE_MASK) + PAGE_SIZE };
	else
		f->area = vmtrace_area(f->vma);
	facts->vma = VMTRACE_VMA_ANON | VMTRACE_VMA_ACCESSIBLE;
	facts->result = 0;
	facts->write = f->flags & FAULT_FLAG_WRITE;
	vmtrace_ptwalk_read(&facts->before, f->before);
	facts->again = facts->before;
	f->unit = 1;
	f->window.pages = 0;
	f->common = VMTRACE_UNCOMMON;
}

/* What is known of every fault that is not common. */
static void begin(struct vmtrace_fault *f, const struct pt_regs *regs)
{
	f->common = VMTRACE_UNCOMMON;
	f->vma_lock = f->flags & VMTRACE_FLAG_VMA_LOCK;
	f->origin = origin(f->vma, f->flags, regs);
	f->retries = 0;
	f->mm = f->vma->vm_mm;
	f->facts.result = 0;
}

bool vmtrace_begin_plain(struct vmtrace_fault *f, const struct pt_regs *regs)
{
	f->plain = !vmtrace_filter_fits();
	if (f->plain)
		begin(f, regs);
	return f->plain;
}

void vmtrace_begin_other(struct vmtrace_fault *f, const struct pt_regs *regs)
{
	struct vmtrace_facts *facts = &f->facts;

	begin(f, regs);
	f->plain = false;
	f->area = vmtrace_area(f->vma);
	facts->vma = vmtrace_vma_facts(f->vma);
	facts->write = f->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE);
	vmtrace_ptwalk(f->mm, f->address, &facts->before);
	facts->again = facts->before;
	f->unit = facts->vma & VMTRACE_VMA_HUGETLB ? vmtrace_vma_unit(f->vma) : 1;
	vmtrace_mapped_begin(f);
}

bool vmtrace_begin_again(struct vmtrace_fault *f, struct vm_area_struct *vma, unsigned long address,
			 unsigned int flags)
{
	f->waits = is_next_attempt(f, address, flags);
	if (!f->waits)
		return false;
	f->flags = flags;
	f->vma_lock = flags & VMTRACE_FLAG_VMA_LOCK;
	f->facts.result |= VMTRACE_RESULT_RETRIED;
	f->retries++;
	f->mm = vma->vm_mm;
	if (likely(!f->plain)) {
		f->area = vmtrace_area(vma);
		vmtrace_ptwalk(f->mm, address, &f->facts.again);
	}
	return true;
}

struct vmtrace_thread *vmtrace_attempt_create(struct vmtrace_attempt *a)
{
	struct vmtrace_process *p = vmtrace_process_track(current);
	struct vmtrace_thread *t = p ? vmtrace_thread_create(p) : NULL;

	if (a) {
		a->process = p;
		a->resets = p ? READ_ONCE(p->resets) : 0;
	}
	return t;
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

/* What the page tables say now: the class, and what was gained. */
static enum vmtrace_class look(struct vmtrace_fault *f, vm_fault_t ret, struct vmtrace_measure *m)
{
	struct vmtrace_facts *facts = &f->facts;

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

/* Who exits has none any more, and what it touched is still its process's. */
static struct mm_struct *own_mm(const struct vmtrace_thread *t)
{
	return current->mm ?: (struct mm_struct *)READ_ONCE(t->process->growths.mm);
}

/* Of its own memory: of another process's, growth.h keeps no record. */
static bool is_first_touch(const struct vmtrace_thread *t)
{
	const struct vmtrace_facts *facts = &t->fault.facts;

	return facts->before.kind == VMTRACE_ENTRY_NONE &&
	       facts->after.kind == VMTRACE_ENTRY_PRESENT && t->fault.mm == own_mm(t);
}

static noinline void tell(const struct vmtrace_fault *f, const struct vmtrace_measure *m,
			  enum vmtrace_class class, vm_fault_t ret)
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
		.flags = f->flags,
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

static struct vmtrace_times *times_of(struct vmtrace_thread *t, enum vmtrace_class class)
{
	return likely(t->times[class]) ? t->times[class] : vmtrace_thread_times(t, class);
}

/* Of the present generation. */
static void account_hot(struct vmtrace_hot *h, const struct vmtrace_fault *f)
{
	if (likely(f->ip))
		vmtrace_hot_count(h, VMTRACE_HOT_IP, f->ip);
	if (likely(f->origin != VMTRACE_ORIGIN_REMOTE))
		vmtrace_hot_count(h, VMTRACE_HOT_PAGE, f->address >> PAGE_SHIFT);
}

/* Count a fault that is over, whose outcome is not VMTRACE_RETRIED; in @t->seq. */
static __always_inline void count(struct vmtrace_thread *t, enum vmtrace_outcome outcome,
				  enum vmtrace_class class, bool timed, unsigned int generation)
{
	struct vmtrace_counts *c = &t->counts;

	if (likely(outcome == VMTRACE_MINOR)) {
		vmtrace_bump(&c->minor, 1);
	} else if (outcome == VMTRACE_MAJOR) {
		vmtrace_bump(&c->major, 1);
		vmtrace_bump(&c->class[class].major, 1);
	} else {
		vmtrace_bump(&c->failed, 1);
	}
	vmtrace_bump(&c->class[class].faults, 1);
	vmtrace_bump(&c->origin[t->fault.origin], 1);
	if (unlikely(!timed))
		vmtrace_bump(&c->untimed, 1);
	if (unlikely(t->hot.generation != generation))
		vmtrace_hot_clear(&t->hot, generation);
	WRITE_ONCE(t->in_flight, false);
}

/**
 * account() - add a fault that is over to its thread's record
 * @t: current's record
 * @outcome: not VMTRACE_RETRIED
 * @class: of the fault
 * @m: what it took and gave
 * @timed: is the first of that known?
 */
static void account(struct vmtrace_thread *t, enum vmtrace_outcome outcome,
		    enum vmtrace_class class, const struct vmtrace_measure *m, bool timed)
{
	unsigned int generation = READ_ONCE(vmtrace_generation);
	struct vmtrace_times *times = times_of(t, class);

	if (unlikely(!t->hot.table))
		vmtrace_thread_hot(t);
	raw_write_seqcount_begin(&t->seq);
	count(t, outcome, class, times && timed, generation);
	account_hot(&t->hot, &t->fault);
	raw_write_seqcount_end(&t->seq);

	if (unlikely(!times))
		return;
	if (unlikely(times->generation != generation))
		vmtrace_times_set_max(times, 0, generation);
	vmtrace_bump(&times->tables, m->tables);
	if (!timed) {
		vmtrace_bump(&times->pages, m->pages);
		return;
	}
	vmtrace_account_times(times, m->took, m->pages, vmtrace_hist_bucket(m->took));
	vmtrace_bump(&times->asleep, m->asleep);
}

/* For those who want more of it than numbers. */
static void end_looked_at(struct vmtrace_thread *t, enum vmtrace_class class,
			  const struct vmtrace_measure *m, vm_fault_t ret)
{
	const struct vmtrace_fault *f = &t->fault;

	if (is_first_touch(t) && !vmtrace_growth_count(&t->growths, &t->process->growths,
						       f->address, f->area.start, f->area.end))
		vmtrace_growth_touch(t);
	if (trace_fault_enabled())
		tell(f, m, class, ret);
}

/* The fault is over, and was not as most are. */
static void end_measured(struct vmtrace_thread *t, enum vmtrace_outcome outcome, vm_fault_t ret)
{
	struct vmtrace_fault *f = &t->fault;
	enum vmtrace_class class;
	struct vmtrace_measure m;

	m.took = vmtrace_clock_ns(f->start, vmtrace_clock());
	m.asleep = vmtrace_time_asleep(f, m.took);
	class = look(f, ret, &m);
	account(t, outcome, class, &m, true);
	if (vmtrace_is_slow(t, m.took))
		vmtrace_slowest_add(t->process, f, class, &m);
	end_looked_at(t, class, &m, ret);
}

/* It is only counted. */
static void end_plain(struct vmtrace_thread *t, enum vmtrace_outcome outcome, vm_fault_t ret)
{
	struct vmtrace_facts *facts = &t->fault.facts;
	enum vmtrace_class class = VMTRACE_CLASS_UNCLASSIFIED;

	facts->result |= failure(ret);
	if (unlikely(outcome == VMTRACE_FAILED))
		class = vmtrace_class_of_failure(facts->result);
	raw_write_seqcount_begin(&t->seq);
	count(t, outcome, class, false, READ_ONCE(vmtrace_generation));
	raw_write_seqcount_end(&t->seq);
}

void vmtrace_end_other(struct vmtrace_thread *t, vm_fault_t ret)
{
	enum vmtrace_outcome outcome = vmtrace_outcome(t->fault.flags, ret);
	struct vmtrace_fault *f = &t->fault;

	if (f->common)
		spell_out(f, ret);
	if (ret & VM_FAULT_MAJOR)
		f->facts.result |= VMTRACE_RESULT_MAJOR;
	f->waits = outcome == VMTRACE_RETRIED;
	if (unlikely(outcome == VMTRACE_RETRIED))
		vmtrace_thread_retry(t);
	else if (unlikely(f->plain))
		end_plain(t, outcome, ret);
	else
		end_measured(t, outcome, ret);
}

void vmtrace_end_dropped(struct vmtrace_process *p, unsigned int resets, vm_fault_t ret)
{
	if (!(ret & (VM_FAULT_RETRY | VM_FAULT_ERROR)))
		vmtrace_process_drop(p, resets);
}

void vmtrace_tell_common(struct vmtrace_thread *t, enum vmtrace_class class, pte_t after, u64 took,
			 vm_fault_t ret)
{
	struct vmtrace_fault *f = &t->fault;
	const struct vmtrace_measure m = {
		.took = took,
		.asleep = vmtrace_time_asleep(f, took),
		.pages = vmtrace_pages_of_common(class),
	};

	spell_out(f, 0);
	vmtrace_ptwalk_read(&f->facts.after, after);
	if (vmtrace_is_slow(t, took))
		vmtrace_slowest_add(t->process, f, class, &m);
	if (trace_fault_enabled())
		tell(f, &m, class, ret);
}

void vmtrace_touch_common(struct vmtrace_thread *t)
{
	spell_out(&t->fault, 0);
	vmtrace_growth_touch(t);
}

bool vmtrace_prepare_common(struct vmtrace_thread *t, enum vmtrace_class class)
{
	unsigned int generation = READ_ONCE(vmtrace_generation), i;

	if (!t->hot.table)
		vmtrace_thread_hot(t);
	if (!t->hot.table || !times_of(t, class))
		return false;
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		if (t->times[i] && t->times[i]->generation != generation)
			vmtrace_times_set_max(t->times[i], 0, generation);
	raw_write_seqcount_begin(&t->seq);
	if (t->hot.generation != generation)
		vmtrace_hot_clear(&t->hot, generation);
	raw_write_seqcount_end(&t->seq);
	/* Not if that was raised meanwhile: what is above belongs to the one before. */
	t->ready = vmtrace_process_generation(t->process) == generation ? generation : 0;
	return true;
}

/*
 * What a hook without returns leaves to be found out. The kernel's count tells whether the fault
 * was counted. Then it is over, and the page tables of current, if it is still the same mm, tell
 * its class, unless they have changed since. Who exits may have none any more.
 */
static void settle(struct vmtrace_thread *t, enum vmtrace_outcome outcome, unsigned int result)
{
	struct vmtrace_fault *f = &t->fault;
	struct vmtrace_facts *facts = &f->facts;
	struct vmtrace_measure m = {};
	bool common = f->common != VMTRACE_UNCOMMON;
	unsigned int generation = vmtrace_process_generation(t->process);
	bool reset = !generation || t->settled != generation;
	enum vmtrace_class class;

	t->settled = generation;
	if (common)
		spell_out(f, 0);
	if (!f->mm)
		f->mm = own_mm(t);
	f->waits = false;
	facts->result |= result;
	facts->after = (struct vmtrace_entry){ .kind = VMTRACE_ENTRY_UNKNOWN };
	if (f->plain) {
		end_plain(t, outcome, 0);
		return;
	}
	if (outcome == VMTRACE_FAILED) {
		class = vmtrace_class_of_failure(facts->result);
	} else {
		/* Nobody holds the lock of its vma. */
		if (current->mm && f->mm == current->mm)
			look(f, VM_FAULT_COMPLETED, &m);
		/* What was missing came, or it had not been counted; so it is gone again. */
		if (facts->before.kind == VMTRACE_ENTRY_NONE &&
		    facts->after.kind != VMTRACE_ENTRY_PRESENT) {
			facts->after = (struct vmtrace_entry){
				.kind = VMTRACE_ENTRY_PRESENT,
				.level = 1,
				.bits = common && !facts->write ? VMTRACE_ENTRY_ZERO : 0,
			};
			m.pages = f->unit;
		}
		/* A reset since the last one, or under way, may have taken off what was guessed. */
		class = reset ? t->guess.class : vmtrace_classify(facts);
	}
	account(t, outcome, class, &m, false);
	end_looked_at(t, class, &m, outcome == VMTRACE_FAILED ? VM_FAULT_SIGBUS : 0);
	if (t->ready != generation)
		vmtrace_prepare_common(t, class);
}

static bool settle_counted(struct vmtrace_thread *t)
{
	bool major = current->maj_flt != t->at_entry.major;

	if (!major && current->min_flt == t->at_entry.minor)
		return false;
	settle(t, major ? VMTRACE_MAJOR : VMTRACE_MINOR, major ? VMTRACE_RESULT_MAJOR : 0);
	return true;
}

void vmtrace_settle_other(struct vmtrace_thread *t, unsigned long address, unsigned int flags)
{
	struct vmtrace_fault *f = &t->fault;

	if (settle_counted(t))
		return;
	if (f->common)
		spell_out(f, 0);
	/* Else it failed, or a signal came first: then there may be a next attempt, or none. */
	f->waits = is_next_attempt(f, address, flags);
	if (f->waits)
		vmtrace_thread_retry(t);
	else
		settle(t, VMTRACE_FAILED, 0);
}

void vmtrace_settle_current(void)
{
	struct vmtrace_thread *t;
	unsigned long irq;

	local_irq_save(irq);
	t = vmtrace_thread_find(current);
	if (t && t->in_flight && !(vmtrace_hook()->blind && settle_counted(t))) {
		/* It is not: its return was missed. */
		raw_write_seqcount_begin(&t->seq);
		WRITE_ONCE(t->in_flight, false);
		raw_write_seqcount_end(&t->seq);
	}
	local_irq_restore(irq);
}

void vmtrace_settle_failed(int sig, int code)
{
	struct vmtrace_thread *t;
	unsigned long irq;

	if (!vmtrace_hook()->blind) {
		vmtrace_settle_current();
		return;
	}
	local_irq_save(irq);
	t = vmtrace_thread_find(current);
	if (t && t->in_flight && !settle_counted(t))
		settle(t, VMTRACE_FAILED,
		       sig == SIGSEGV	     ? VMTRACE_RESULT_SIGSEGV :
		       code == BUS_MCEERR_AR ? VMTRACE_RESULT_HWPOISON :
					       VMTRACE_RESULT_SIGBUS);
	local_irq_restore(irq);
}

void vmtrace_guess_other(struct vmtrace_thread *t)
{
	struct vmtrace_fault *f = &t->fault;

	t->guess.origin = f->origin;
	t->guess.class = VMTRACE_CLASS_UNCLASSIFIED;
	if (f->plain)
		return;
	f->facts.after = (struct vmtrace_entry){ .kind = VMTRACE_ENTRY_UNKNOWN };
	t->guess.class = vmtrace_classify(&f->facts);
}
