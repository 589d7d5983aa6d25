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

static enum vmtrace_origin origin(const struct vmtrace_fault *f)
{
	if (f->flags & FAULT_FLAG_USER)
		return VMTRACE_ORIGIN_USER;
	if (f->ip)
		return VMTRACE_ORIGIN_KERNEL;
	/* The stack that exec puts its arguments on is in an mm that is nobody's yet. */
	if (f->vma->vm_mm == current->mm || vma_is_temporary_stack(f->vma))
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

/* The rest of what began as a common fault, as which one it did: lane.h. */
static void spell_out(struct vmtrace_fault *f, enum vmtrace_flight flight, vm_fault_t ret)
{
	struct vmtrace_facts *facts = &f->facts;
	pte_t none = { 0 };

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
	vmtrace_ptwalk_read(&facts->before, flight == VMTRACE_WRITE ? f->spot.pte : none);
	facts->again = facts->before;
	f->unit = 1;
	f->window.pages = 0;
}

/* What is known of every fault that is not common. */
static void begin(struct vmtrace_fault *f)
{
	f->vma_lock = f->flags & VMTRACE_FLAG_VMA_LOCK;
	f->origin = origin(f);
	f->retries = 0;
	f->mm = f->vma->vm_mm;
	f->facts.result = 0;
}

static void begin_measured(struct vmtrace_fault *f)
{
	struct vmtrace_facts *facts = &f->facts;

	begin(f);
	f->exec_start = current->se.exec_start;
	f->ran = current->se.sum_exec_runtime;
	f->area = vmtrace_area(f->vma);
	facts->vma = vmtrace_vma_facts(f->vma);
	facts->write = f->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE);
	vmtrace_ptwalk(f->mm, f->address, &facts->before);
	facts->again = facts->before;
	f->unit = facts->vma & VMTRACE_VMA_HUGETLB ? vmtrace_vma_unit(f->vma) : 1;
	vmtrace_mapped_begin(f);
}

/* The last attempt was to be repeated, and this is it. */
static void repeat(struct vmtrace_fault *f, struct vm_area_struct *vma, unsigned int flags)
{
	f->flags = flags;
	f->vma_lock = flags & VMTRACE_FLAG_VMA_LOCK;
	f->facts.result |= VMTRACE_RESULT_RETRIED;
	f->retries++;
	f->mm = vma->vm_mm;
	if (likely(!f->plain)) {
		f->area = vmtrace_area(vma);
		vmtrace_ptwalk(f->mm, f->address, &f->facts.again);
	}
}

/* What is likely to become of it. */
static void guess(struct vmtrace_thread *t)
{
	struct vmtrace_fault *f = &t->fault;

	t->guess.origin = f->origin;
	t->guess.class = VMTRACE_CLASS_UNCLASSIFIED;
	if (f->plain)
		return;
	f->facts.after = (struct vmtrace_entry){ .kind = VMTRACE_ENTRY_UNKNOWN };
	t->guess.class = vmtrace_classify(&f->facts);
}

static void enter(struct vmtrace_thread *t)
{
	if (vmtrace_hook()->blind)
		guess(t);
	vmtrace_thread_enter(t, current, VMTRACE_UNCOMMON);
}

void vmtrace_begin_slowly(struct vmtrace_thread *t)
{
	struct vmtrace_fault *f = &t->fault;

	f->plain = vmtrace_has_filter() && !vmtrace_filter_fits();
	if (f->plain) {
		begin(f);
		enter(t);
		return;
	}
	/* With a filter, nobody has tried. */
	if (vmtrace_has_filter() &&
	    vmtrace_begin_common(t, current, f->vma, f->address, f->flags, vmtrace_hook()->blind))
		return;
	begin_measured(f);
	enter(t);
	f->start = vmtrace_clock();
}

void vmtrace_begin_again(struct vmtrace_thread *t, struct vm_area_struct *vma,
			 unsigned long address, unsigned int flags, const struct pt_regs *regs)
{
	struct vmtrace_fault *f = &t->fault;

	f->waits = is_next_attempt(f, address, flags);
	if (f->waits) {
		repeat(f, vma, flags);
		enter(t);
	} else {
		vmtrace_thread_begin(t, current, vma, address, flags, regs, vmtrace_hook()->blind);
	}
}

static void attempt_create(struct vmtrace_attempt *a)
{
	a->process = vmtrace_process_track(current);
	a->thread = a->process ? vmtrace_thread_create(a->process) : NULL;
	if (!a->thread)
		a->resets = a->process ? READ_ONCE(a->process->resets) : 0;
}

void vmtrace_current_first(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
			   const struct pt_regs *regs)
{
	struct vmtrace_attempt a;

	vmtrace_attempt_first(&a, vma, address, flags, regs);
}

void vmtrace_attempt_first(struct vmtrace_attempt *a, struct vm_area_struct *vma,
			   unsigned long address, unsigned int flags, const struct pt_regs *regs)
{
	bool blind = vmtrace_hook()->blind;
	unsigned long irq;

	a->thread = vmtrace_thread_fetch();
	if (!a->thread)
		attempt_create(a);
	if (!a->thread)
		return;
	local_irq_save(irq);
	if (blind)
		vmtrace_thread_settle(a->thread, current, address, flags);
	vmtrace_thread_begin(a->thread, current, vma, address, flags, regs, blind);
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
		vmtrace_thread_hot_clear(t, generation);
	WRITE_ONCE(t->in_flight, VMTRACE_LANDED);
}

/* What it took, to times of the present generation. */
static void account_time(struct vmtrace_times *times, const struct vmtrace_measure *m)
{
	if (m->took > times->max)
		WRITE_ONCE(times->max, m->took);
	vmtrace_account_times(times, m->took, m->pages, vmtrace_hist_bucket(m->took));
	vmtrace_bump(&times->asleep, m->asleep);
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
	if (timed)
		account_time(times, m);
	else
		vmtrace_bump(&times->excess, m->pages);
}

/* First touches are counted where the last one was, or it takes longer. */
static void touch(struct vmtrace_thread *t)
{
	const struct vmtrace_fault *f = &t->fault;
	struct vmtrace_growth_slot *slot;

	if (vmtrace_growth_find(&t->growths, &t->process->growths, f->address, &f->area.start,
				&f->area.end, &slot))
		slot->count++;
	else
		vmtrace_growth_touch(t);
}

/* For those who want more of it than numbers. */
static void end_looked_at(struct vmtrace_thread *t, enum vmtrace_class class,
			  const struct vmtrace_measure *m, vm_fault_t ret)
{
	const struct vmtrace_fault *f = &t->fault;

	if (is_first_touch(t))
		touch(t);
	if (trace_fault_enabled())
		tell(f, m, class, ret);
}

/*
 * How long a task has been off the CPU, counted from some moment: whenever the
 * scheduler moves exec_start while it runs, it adds as much to sum_exec_runtime;
 * while it does not run, only the first goes on (update_curr(), kernel/sched/fair.c).
 */
static u64 time_off_cpu(u64 exec_start, u64 ran)
{
	return exec_start - ran;
}

/* How much of the time that a fault took current was off the CPU. */
static u64 time_asleep(const struct vmtrace_fault *f, u64 took)
{
	u64 off = time_off_cpu(current->se.exec_start, current->se.sum_exec_runtime);

	return clamp_t(s64, off - time_off_cpu(f->exec_start, f->ran), 0, took);
}

static bool is_slow(const struct vmtrace_thread *t, u64 took)
{
	return took > READ_ONCE(t->process->slowest_floor);
}

/* The fault is over, and was not as most are. */
static void end_measured(struct vmtrace_thread *t, enum vmtrace_outcome outcome, vm_fault_t ret,
			 u64 now)
{
	struct vmtrace_fault *f = &t->fault;
	enum vmtrace_class class;
	struct vmtrace_measure m;

	m.took = vmtrace_clock_ns(f->start, now);
	m.asleep = time_asleep(f, m.took);
	class = look(f, ret, &m);
	account(t, outcome, class, &m, true);
	if (is_slow(t, m.took))
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

static void end_other(struct vmtrace_thread *t, vm_fault_t ret, u64 now)
{
	enum vmtrace_outcome outcome = vmtrace_outcome(t->fault.flags, ret);
	struct vmtrace_fault *f = &t->fault;

	if (t->in_flight > VMTRACE_UNCOMMON)
		spell_out(f, t->in_flight, ret);
	if (ret & VM_FAULT_MAJOR)
		f->facts.result |= VMTRACE_RESULT_MAJOR;
	f->waits = outcome == VMTRACE_RETRIED;
	if (unlikely(outcome == VMTRACE_RETRIED))
		vmtrace_thread_retry(t);
	else if (unlikely(f->plain))
		end_plain(t, outcome, ret);
	else
		end_measured(t, outcome, ret, now);
}

void vmtrace_end_dropped(struct vmtrace_process *p, unsigned int resets, vm_fault_t ret)
{
	if (!(ret & (VM_FAULT_RETRY | VM_FAULT_ERROR)))
		vmtrace_process_drop(p, resets);
}

/* For those who look at single faults, at a common one that became @after. */
static void tell_common(struct vmtrace_thread *t, enum vmtrace_class class, pte_t after,
			const struct vmtrace_measure *m, vm_fault_t ret)
{
	struct vmtrace_fault *f = &t->fault;

	vmtrace_ptwalk_read(&f->facts.after, after);
	if (is_slow(t, m->took))
		vmtrace_slowest_add(t->process, f, class, m);
	if (trace_fault_enabled())
		tell(f, m, class, ret);
}

/* Have all that a common fault of @class counts in; false if there is no memory. */
static bool prepare_common(struct vmtrace_thread *t, enum vmtrace_class class)
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
		vmtrace_thread_hot_clear(t, generation);
	raw_write_seqcount_end(&t->seq);
	/* Not if that was raised meanwhile: what is above belongs to the one before. */
	t->ready = vmtrace_process_generation(t->process) == generation ? generation : 0;
	return true;
}

/*
 * Those that take no longer need no longer look. While a reset is under way, its process's slowest
 * may yet be forgotten: then all have to.
 */
static void rest(struct vmtrace_thread *t, enum vmtrace_class class)
{
	struct vmtrace_times *times = t->times[class];

	if (!t->ready)
		return;
	times->notable =
		vmtrace_clock_ticks(min(times->max, READ_ONCE(t->process->slowest_floor))) + 1;
	t->timed[class] = times;
}

/* As vmtrace_end_common(), whatever there is to do, unless it turns out not to be common. */
static bool end_common(struct vmtrace_thread *t, enum vmtrace_flight flight, vm_fault_t ret,
		       u64 now)
{
	struct vmtrace_fault *f = &t->fault;
	struct vmtrace_measure m = {};
	enum vmtrace_class class;
	pte_t pte;

	if (!vmtrace_ptwalk_again(&f->spot, &pte))
		return false;
	class = vmtrace_class_of_common(f, flight, pte);
	if (class == VMTRACE_CLASS_COUNT ||
	    !((vmtrace_is_ready(t) && t->times[class]) || prepare_common(t, class)) ||
	    now - f->start >= VMTRACE_CLOCK_SHORT)
		return false;
	m.took = vmtrace_clock_short(now - f->start);
	m.asleep = time_asleep(f, m.took);
	m.pages = vmtrace_pages_of_common(class);
	raw_write_seqcount_begin(&t->seq);
	vmtrace_count_common(t, class);
	raw_write_seqcount_end(&t->seq);
	account_time(t->times[class], &m);
	spell_out(f, flight, 0);
	if (flight == VMTRACE_TOUCH)
		touch(t);
	tell_common(t, class, pte, &m, ret);
	rest(t, class);
	raw_write_seqcount_begin(&t->seq);
	vmtrace_count_hot(t);
	return true;
}

void vmtrace_end_slowly(struct vmtrace_thread *t, vm_fault_t ret, u64 now)
{
	enum vmtrace_flight flight = t->in_flight;

	/* Else it has been given up, and nobody knows any more what it was. */
	if (flight && !(vmtrace_is_fine(flight, ret) && end_common(t, flight, ret, now)))
		end_other(t, ret, now);
}

void vmtrace_current_end_slowly(struct vmtrace_thread *t, vm_fault_t ret, u64 now)
{
	if (!t->in_flight) /* it began before the hook was there */
		return;
	if (vmtrace_counted(t, current) == !(ret & (VM_FAULT_ERROR | VM_FAULT_RETRY)))
		vmtrace_end_slowly(t, ret, now);
	else
		WRITE_ONCE(t->in_flight, VMTRACE_LANDED);
}

void vmtrace_attempt_end_slowly(const struct vmtrace_attempt *a, vm_fault_t ret)
{
	const struct vmtrace_thread *t = a->thread;
	/* Who is only counted needs no time. */
	bool plain = t && t->in_flight == VMTRACE_UNCOMMON && t->fault.plain;

	vmtrace_attempt_end_at(a, ret, plain ? 0 : vmtrace_clock());
}

void vmtrace_hot_slowly(struct vmtrace_thread *t)
{
	vmtrace_hot_rank(&t->hot, VMTRACE_HOT_IP, t->fault.ip);
	vmtrace_hot_rank(&t->hot, VMTRACE_HOT_PAGE, t->fault.address >> PAGE_SHIFT);
	raw_write_seqcount_end(&t->seq);
}

void vmtrace_hot_page_slowly(struct vmtrace_thread *t, struct vmtrace_hot_set *set, bool lucky)
{
	vmtrace_hot_miss(set, t->fault.address >> PAGE_SHIFT, lucky);
	raw_write_seqcount_end(&t->seq);
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
	bool common = t->in_flight > VMTRACE_UNCOMMON;
	unsigned int generation = vmtrace_process_generation(t->process);
	bool reset = !generation || t->settled != generation;
	enum vmtrace_class class;

	t->settled = generation;
	if (common)
		spell_out(f, t->in_flight, 0);
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
		prepare_common(t, class);
}

static bool settle_counted(struct vmtrace_thread *t)
{
	bool major = current->maj_flt != t->at_entry.major;

	if (!major && current->min_flt == t->at_entry.minor)
		return false;
	settle(t, major ? VMTRACE_MAJOR : VMTRACE_MINOR, major ? VMTRACE_RESULT_MAJOR : 0);
	return true;
}

void vmtrace_settle_slowly(struct vmtrace_thread *t, unsigned long address, unsigned int flags)
{
	struct vmtrace_fault *f = &t->fault;

	if (settle_counted(t))
		return;
	if (t->in_flight > VMTRACE_UNCOMMON)
		spell_out(f, t->in_flight, 0);
	WRITE_ONCE(t->in_flight, VMTRACE_UNCOMMON);
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
		WRITE_ONCE(t->in_flight, VMTRACE_LANDED);
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
