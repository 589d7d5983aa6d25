// SPDX-License-Identifier: GPL-2.0
/* thread.c - the counts of threads that took a fault; see thread.h */
#include <linux/mm.h>
#include <linux/slab.h>

#include "stats/share.h"
#include "stats/slowest.h"
#include "stats/thread.h"

/* Dummy of no task, cached by a CPU before its first look-up. */
static struct vmtrace_thread no_thread;
DEFINE_PER_CPU(struct vmtrace_thread *, vmtrace_cached_thread);

static struct kmem_cache *cache, *times_cache;
/* Dummy in fast_times: slow_threshold is 0, so every fault leaves the fast path. */
static struct vmtrace_times no_times;

void vmtrace_thread_cache(struct vmtrace_thread *t)
{
	t->cpus |= BIT(smp_processor_id() % BITS_PER_LONG);
	__this_cpu_write(vmtrace_cached_thread, t);
}

void vmtrace_thread_uncache(struct vmtrace_thread *t)
{
	struct vmtrace_thread **cached;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (!(t->cpus & BIT(cpu % BITS_PER_LONG)))
			continue;
		cached = per_cpu_ptr(&vmtrace_cached_thread, cpu);
		/* The CPU may replace it concurrently. */
		if (READ_ONCE(*cached) == t)
			cmpxchg(cached, t, &no_thread);
	}
}

struct vmtrace_thread *vmtrace_thread_create(struct vmtrace_process *p)
{
	struct vmtrace_thread *t;
	unsigned int user;
	int i;

	if (!vmtrace_share_take(&user))
		return NULL;
	t = kmem_cache_zalloc(cache, VMTRACE_GFP);
	if (!t) {
		vmtrace_share_give(user);
		return NULL;
	}
	t->task = current;
	t->process = p;
	t->user = user;
	t->waiting_class = VMTRACE_CLASS_COUNT;
	seqcount_init(&t->seq);
	for (i = 0; i < VMTRACE_FAST_CLASSES; i++)
		t->fast_times[i] = &no_times;
	vmtrace_slowest_alloc(p);
	return t;
}

void vmtrace_times_account(struct vmtrace_times *times, const struct vmtrace_sample *m)
{
	if (m->took > times->max)
		WRITE_ONCE(times->max, m->took);
	vmtrace_times_add_fault(times, m->took, m->pages, vmtrace_histogram_bucket(m->took));
	vmtrace_add(&times->asleep, m->asleep);
	vmtrace_add(&times->tables, m->tables);
}

void vmtrace_thread_add_waiting(struct vmtrace_thread *t)
{
	struct vmtrace_times *times = kmem_cache_zalloc(times_cache, VMTRACE_GFP);

	if (times)
		vmtrace_times_account(times, &t->waiting);
	raw_write_seqcount_begin(&t->seq);
	t->times[t->waiting_class] = times;
	t->waiting_class = VMTRACE_CLASS_COUNT;
	if (!times)
		vmtrace_add(&t->counts.untimed, 1);
	raw_write_seqcount_end(&t->seq);
}

static void copy_counts(struct vmtrace_counts *to, const struct vmtrace_counts *from)
{
	const u64 *f = (const u64 *)from;
	u64 *t = (u64 *)to;
	size_t i;

	for (i = 0; i < sizeof(*to) / sizeof(u64); i++)
		t[i] = READ_ONCE(f[i]);
}

/* Add the faults of the fast path. */
static void add_fast(struct vmtrace_counts *c, const u64 *fast)
{
	u64 touched;
	int i;

	for (i = 0; i < VMTRACE_FAST_CLASSES; i++) {
		c->minor += fast[i];
		c->class[i].faults += fast[i];
		c->origin[VMTRACE_ORIGIN_USER] += fast[i];
	}
	touched = fast[VMTRACE_CLASS_ANON] + fast[VMTRACE_CLASS_ZERO];
	c->first_touch_faults += touched;
	c->first_touch_pages += touched;
}

void vmtrace_thread_read(const struct vmtrace_thread *t, struct vmtrace_thread_snapshot *s)
{
	u64 fast[VMTRACE_FAST_CLASSES];
	struct vmtrace_kernel_counts now;
	unsigned int seq, i;

	lockdep_assert_held(&t->process->lock);
	do {
		seq = raw_read_seqcount_begin(&t->seq);
		s->in_flight = READ_ONCE(t->state);
		smp_rmb(); /* A, in vmtrace_thread_enter() */
		copy_counts(&s->counts, &t->counts);
		for (i = 0; i < VMTRACE_FAST_CLASSES; i++)
			fast[i] = READ_ONCE(t->fast[i]);
		s->kernel.minor = READ_ONCE(t->at_entry.minor);
		s->kernel.major = READ_ONCE(t->at_entry.major);
		now.minor = READ_ONCE(t->task->min_flt);
		now.major = READ_ONCE(t->task->maj_flt);
		smp_rmb(); /* B, in vmtrace_thread_enter() */
	} while (s->in_flight != !!READ_ONCE(t->state) || read_seqcount_retry(&t->seq, seq));
	add_fast(&s->counts, fast);
	if (!s->in_flight)
		s->kernel = now;
}

/* The times of a thread, and the fault that waits for some, at one instant. */
static enum vmtrace_class read_times(const struct vmtrace_thread *t,
				     struct vmtrace_times *times[VMTRACE_CLASS_COUNT],
				     struct vmtrace_sample *waiting)
{
	enum vmtrace_class class;
	unsigned int seq, i;

	lockdep_assert_held(&t->process->lock);
	do {
		seq = raw_read_seqcount_begin(&t->seq);
		for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
			times[i] = READ_ONCE(t->times[i]);
		class = READ_ONCE(t->waiting_class);
		*waiting = t->waiting;
	} while (read_seqcount_retry(&t->seq, seq));
	return class;
}

void vmtrace_thread_sum(const struct vmtrace_thread *t, struct vmtrace_thread_sum *sum)
{
	struct vmtrace_times *times[VMTRACE_CLASS_COUNT];
	struct vmtrace_thread_snapshot s;
	struct vmtrace_sample waiting;
	int i;

	vmtrace_thread_read(t, &s);
	*sum = (struct vmtrace_thread_sum){
		.minor = s.counts.minor,
		.major = s.counts.major,
		.retried = s.counts.retried,
		.failed = s.counts.failed,
		.in_flight = s.in_flight,
	};
	if (read_times(t, times, &waiting) != VMTRACE_CLASS_COUNT) {
		sum->asleep = waiting.asleep;
		sum->max = waiting.took;
		sum->total = waiting.took;
	}
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		if (!times[i])
			continue;
		sum->asleep += READ_ONCE(times[i]->asleep);
		sum->max = max(sum->max, READ_ONCE(times[i]->max));
		smp_rmb(); /* as in vmtrace_times_add() */
		sum->total += READ_ONCE(times[i]->total);
	}
}

void vmtrace_times_sum(struct vmtrace_times *sum, struct vmtrace_times *const *times)
{
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		if (times[i])
			vmtrace_times_add(&sum[i], times[i]);
}

void vmtrace_thread_sum_times(const struct vmtrace_thread *t, struct vmtrace_times *sum)
{
	struct vmtrace_times *times[VMTRACE_CLASS_COUNT];
	struct vmtrace_sample waiting;
	enum vmtrace_class class = read_times(t, times, &waiting);

	vmtrace_times_sum(sum, times);
	if (class != VMTRACE_CLASS_COUNT)
		vmtrace_times_account(&sum[class], &waiting);
}

unsigned int vmtrace_thread_fold_times(struct vmtrace_thread *t, struct vmtrace_times **into)
{
	enum vmtrace_class class = t->waiting_class;
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		if (!into[i])
			swap(into[i], t->times[i]);
		else if (t->times[i])
			vmtrace_times_add(into[i], t->times[i]);
	}
	if (class == VMTRACE_CLASS_COUNT)
		return 0;
	if (!into[class])
		into[class] = kmem_cache_zalloc(times_cache, VMTRACE_GFP);
	if (into[class])
		vmtrace_times_account(into[class], &t->waiting);
	return !into[class];
}

void vmtrace_times_free(struct vmtrace_times **times)
{
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		if (times[i])
			kmem_cache_free(times_cache, times[i]);
}

static void thread_free_rcu(struct rcu_head *rcu)
{
	struct vmtrace_thread *t = container_of(rcu, struct vmtrace_thread, rcu);

	vmtrace_share_give(t->user);
	kmem_cache_free(cache, t);
}

void vmtrace_thread_free(struct vmtrace_thread *t)
{
	call_rcu(&t->rcu, thread_free_rcu);
}

int vmtrace_thread_init(void)
{
	unsigned int cpu;

	/* The address in a static initializer of a per-CPU variable is not relocated in modules. */
	for_each_possible_cpu(cpu)
		per_cpu(vmtrace_cached_thread, cpu) = &no_thread;
	cache = KMEM_CACHE(vmtrace_thread, 0);
	times_cache = KMEM_CACHE(vmtrace_times, SLAB_HWCACHE_ALIGN);
	if (cache && times_cache)
		return 0;
	vmtrace_thread_exit();
	return -ENOMEM;
}

void vmtrace_thread_exit(void)
{
	kmem_cache_destroy(times_cache);
	kmem_cache_destroy(cache);
}
