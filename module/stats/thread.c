// SPDX-License-Identifier: GPL-2.0
/* thread.c - the records of threads that took a fault; see thread.h */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "stats/thread.h"

/* Limits of bucket_bits: the table takes 512 KiB at most. */
#define MAX_BITS 16
#define MIN_BITS 6

/* Dummy of no task, cached by a CPU before its first look-up. */
static struct vmtrace_thread no_thread;
DEFINE_PER_CPU(struct vmtrace_thread *, vmtrace_cached_thread);

static struct kmem_cache *cache, *times_cache;
static struct hlist_head *buckets __read_mostly;
static unsigned int bucket_bits __read_mostly;
static DEFINE_SPINLOCK(buckets_lock);
/* Dummy in fast_times: slow_threshold is 0, so every fault leaves the fast path. */
static struct vmtrace_times no_times;
static atomic_t used = ATOMIC_INIT(0);

unsigned int vmtrace_max_threads __read_mostly = 65536;

static struct hlist_head *bucket_of(const struct task_struct *task)
{
	return &buckets[hash_ptr(task, bucket_bits)];
}

struct vmtrace_thread *vmtrace_thread_find(const struct task_struct *task)
{
	struct vmtrace_thread *t;

	hlist_for_each_entry_rcu(t, bucket_of(task), node, !preemptible())
		if (likely(t->task == task))
			return t;
	return NULL;
}

struct vmtrace_thread *vmtrace_thread_fetch(void)
{
	struct vmtrace_thread *t = vmtrace_thread_find(current);

	if (t) {
		t->cpus |= BIT(smp_processor_id() % BITS_PER_LONG);
		__this_cpu_write(vmtrace_cached_thread, t);
	}
	return t;
}

/* Remove a record, whose task takes no more faults, from the CPUs that cache it. */
static void uncache(struct vmtrace_thread *t)
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
	int i;

	if (!atomic_add_unless(&used, 1, vmtrace_max_threads))
		return NULL;
	t = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!t) {
		atomic_dec(&used);
		return NULL;
	}
	t->task = current;
	t->process = p;
	seqcount_init(&t->seq);
	for (i = 0; i < VMTRACE_FAST_CLASSES; i++)
		t->fast_times[i] = &no_times;
	return t;
}

struct vmtrace_times *vmtrace_thread_times(struct vmtrace_thread *t, enum vmtrace_class class)
{
	struct vmtrace_times *times = kmem_cache_zalloc(times_cache, GFP_ATOMIC | __GFP_NOWARN);

	/* Pairs with vmtrace_times_sum(). */
	smp_store_release(&t->times[class], times);
	return times;
}

void vmtrace_thread_cancel_pending(void)
{
	struct vmtrace_thread *t;
	unsigned long irq;

	local_irq_save(irq);
	t = vmtrace_thread_find(current);
	if (t && t->state) {
		raw_write_seqcount_begin(&t->seq);
		WRITE_ONCE(t->state, VMTRACE_IDLE);
		raw_write_seqcount_end(&t->seq);
	}
	local_irq_restore(irq);
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

void vmtrace_thread_sum(const struct vmtrace_thread *t, struct vmtrace_thread_sum *sum)
{
	const struct vmtrace_times *times;
	struct vmtrace_thread_snapshot s;
	int i;

	vmtrace_thread_read(t, &s);
	*sum = (struct vmtrace_thread_sum){
		.minor = s.counts.minor,
		.major = s.counts.major,
		.retried = s.counts.retried,
		.failed = s.counts.failed,
		.in_flight = s.in_flight,
	};
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		times = smp_load_acquire(&t->times[i]); /* pairs with vmtrace_thread_times() */
		if (!times)
			continue;
		sum->asleep += READ_ONCE(times->asleep);
		sum->max = max(sum->max, READ_ONCE(times->max));
		smp_rmb(); /* as in vmtrace_times_add() */
		sum->total += READ_ONCE(times->total);
	}
}

void vmtrace_times_sum(struct vmtrace_times *sum, struct vmtrace_times *const *times)
{
	const struct vmtrace_times *t;
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		t = smp_load_acquire(&times[i]); /* pairs with vmtrace_thread_times() */
		if (t)
			vmtrace_times_add(&sum[i], t);
	}
}

void vmtrace_times_fold(struct vmtrace_times **into, struct vmtrace_times **times)
{
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		if (!into[i])
			swap(into[i], times[i]);
		else if (times[i])
			vmtrace_times_add(into[i], times[i]);
	}
}

void vmtrace_times_free(struct vmtrace_times **times)
{
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		if (times[i])
			kmem_cache_free(times_cache, times[i]);
}

void vmtrace_thread_hash(struct vmtrace_thread *t)
{
	lockdep_assert_held(&t->process->lock);
	/* Only current creates a record of itself, so the table has no other one. */
	spin_lock(&buckets_lock);
	hlist_add_head_rcu(&t->node, bucket_of(t->task));
	spin_unlock(&buckets_lock);
}

void vmtrace_thread_unhash(struct vmtrace_thread *t)
{
	unsigned long irq;

	spin_lock_irqsave(&buckets_lock, irq);
	hlist_del_rcu(&t->node);
	spin_unlock_irqrestore(&buckets_lock, irq);
	uncache(t);
}

static void thread_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct vmtrace_thread, rcu));
	atomic_dec(&used);
}

void vmtrace_thread_free(struct vmtrace_thread *t)
{
	call_rcu(&t->rcu, thread_free_rcu);
}

unsigned int vmtrace_threads(void)
{
	return atomic_read(&used);
}

int vmtrace_thread_init(void)
{
	unsigned int cpu;

	/* The address in a static initializer of a per-CPU variable is not relocated in modules. */
	for_each_possible_cpu(cpu)
		per_cpu(vmtrace_cached_thread, cpu) = &no_thread;
	bucket_bits = clamp(ilog2(roundup_pow_of_two(vmtrace_max_threads)), MIN_BITS, MAX_BITS);
	buckets = kvcalloc(BIT(bucket_bits), sizeof(*buckets), GFP_KERNEL);
	cache = KMEM_CACHE(vmtrace_thread, 0);
	times_cache = KMEM_CACHE(vmtrace_times, SLAB_HWCACHE_ALIGN);
	if (buckets && cache && times_cache)
		return 0;
	kmem_cache_destroy(times_cache);
	kmem_cache_destroy(cache);
	kvfree(buckets);
	return -ENOMEM;
}

void vmtrace_thread_exit(void)
{
	struct vmtrace_thread *t;
	struct hlist_node *next;
	unsigned long i;

	for (i = 0; i < BIT(bucket_bits); i++)
		hlist_for_each_entry_safe(t, next, &buckets[i], node) {
			vmtrace_times_free(t->times);
			vmtrace_thread_free(t);
		}
	rcu_barrier();
	kmem_cache_destroy(times_cache);
	kmem_cache_destroy(cache);
	kvfree(buckets);
}
