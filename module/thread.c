// SPDX-License-Identifier: GPL-2.0
/* thread.c - one record for each thread that took a fault; rules in thread.h */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "hook.h"
#include "process.h"
#include "thread.h"

/* At the most so many buckets: 64 Ki of them are 512 KiB. */
#define MAX_BITS 16
#define MIN_BITS 6

/* Of no task: what a CPU has that has found none. */
static struct vmtrace_thread nobody;
DEFINE_PER_CPU(struct vmtrace_thread *, vmtrace_thread_at_hand);

static struct kmem_cache *cache, *times_cache, *hot_cache;
static struct hlist_head *buckets __read_mostly;
static unsigned int bucket_bits __read_mostly;
static DEFINE_SPINLOCK(buckets_lock);
/* Nothing is short enough for it. */
static struct vmtrace_times untimed;
static atomic_t used = ATOMIC_INIT(0);

unsigned int vmtrace_max_threads __read_mostly = 65536;
/* Not 0, which is that of a new record. */
unsigned int vmtrace_generation __read_mostly = 1;
bool vmtrace_resetting __read_mostly;

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
		__this_cpu_write(vmtrace_thread_at_hand, t);
	}
	return t;
}

/* No CPU has it at hand any more, whose task is done for. */
static void leave_cpus(struct vmtrace_thread *t)
{
	struct vmtrace_thread **at_hand;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (!(t->cpus & BIT(cpu % BITS_PER_LONG)))
			continue;
		at_hand = per_cpu_ptr(&vmtrace_thread_at_hand, cpu);
		/* It need not be there; if it is, another one may come just now. */
		if (READ_ONCE(*at_hand) == t)
			cmpxchg(at_hand, t, &nobody);
	}
}

struct vmtrace_thread *vmtrace_thread_create(struct vmtrace_process *p)
{
	struct vmtrace_thread *t;
	int i;

	/* The first look spares a full table the contention on the counter. */
	if (atomic_read(&used) >= vmtrace_max_threads)
		return NULL;
	if (atomic_inc_return(&used) > vmtrace_max_threads)
		goto undo;
	t = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!t)
		goto undo;
	t->task = current;
	t->process = p;
	seqcount_init(&t->seq);
	for (i = 0; i < VMTRACE_COMMON_CLASSES; i++)
		t->timed[i] = &untimed;
	t->hot.generation = READ_ONCE(vmtrace_generation);
	t->settled = vmtrace_process_generation(p);
	vmtrace_process_adopt(p, t);
	return t;
undo:
	atomic_dec(&used);
	return NULL;
}

struct vmtrace_times *vmtrace_thread_times(struct vmtrace_thread *t, enum vmtrace_class class)
{
	struct vmtrace_times *times = kmem_cache_zalloc(times_cache, GFP_ATOMIC | __GFP_NOWARN);

	/* Pairs with vmtrace_times_sum(). */
	smp_store_release(&t->times[class], times);
	return times;
}

void vmtrace_thread_hot(struct vmtrace_thread *t)
{
	struct vmtrace_hot_table *table = kmem_cache_zalloc(hot_cache, GFP_ATOMIC | __GFP_NOWARN);

	if (!table)
		return;
	smp_wmb(); /* pairs with vmtrace_hot_sum_thread(): it is empty before it is seen */
	vmtrace_hot_begin(&t->hot, table);
}

static void copy_counts(struct vmtrace_counts *to, const struct vmtrace_counts *from)
{
	const u64 *f = (const u64 *)from;
	u64 *t = (u64 *)to;
	size_t i;

	for (i = 0; i < sizeof(*to) / sizeof(u64); i++)
		t[i] = READ_ONCE(f[i]);
}

/*
 * A hook that sees no returns leaves the last fault in flight: the kernel's count says whether it
 * is over. It is counted as it most likely was, until its thread says more.
 */
static void guess(struct vmtrace_sample *s, const struct vmtrace_guess *g,
		  const struct vmtrace_kernel_counts *now)
{
	bool major = now->major != s->kernel.major, minor = !major && now->minor != s->kernel.minor;

	s->kernel = *now;
	if (!minor && !major)
		return;
	s->in_flight = false;
	s->counts.minor += minor;
	s->counts.major += major;
	s->counts.class[g->class].faults++;
	s->counts.class[g->class].major += major;
	s->counts.origin[g->origin]++;
	s->counts.untimed++;
}

static u64 common_sum(const struct vmtrace_thread *t)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < VMTRACE_COMMON_CLASSES; i++)
		sum += READ_ONCE(t->common[i]);
	return sum;
}

/* All that is said by there having been so many common faults. */
static void add_common(struct vmtrace_counts *c, const u64 *common, bool untimed)
{
	int i;

	for (i = 0; i < VMTRACE_COMMON_CLASSES; i++) {
		c->minor += common[i];
		c->class[i].faults += common[i];
		c->origin[VMTRACE_ORIGIN_USER] += common[i];
		if (untimed)
			c->untimed += common[i];
	}
}

void vmtrace_thread_sample(const struct vmtrace_thread *t, struct vmtrace_sample *s)
{
	bool blind = vmtrace_hook()->blind;
	u64 common[VMTRACE_COMMON_CLASSES];
	struct vmtrace_kernel_counts now;
	struct vmtrace_guess g;
	unsigned int seq, i;

	lockdep_assert_held(&t->process->lock);
	do {
		seq = raw_read_seqcount_begin(&t->seq);
		s->in_flight = READ_ONCE(t->in_flight);
		smp_rmb(); /* what is in flight, and what the kernel had counted then */
		copy_counts(&s->counts, &t->counts);
		for (i = 0; i < VMTRACE_COMMON_CLASSES; i++)
			common[i] = READ_ONCE(t->common[i]);
		g = t->guess;
		s->kernel.minor = READ_ONCE(t->at_entry.minor);
		s->kernel.major = READ_ONCE(t->at_entry.major);
		now.minor = READ_ONCE(t->task->min_flt);
		now.major = READ_ONCE(t->task->maj_flt);
		smp_rmb(); /* the kernel may have counted what was not there before */
	} while (s->in_flight != !!READ_ONCE(t->in_flight) || read_seqcount_retry(&t->seq, seq));
	add_common(&s->counts, common, blind);
	if (!s->in_flight)
		s->kernel = now;
	else if (blind)
		guess(s, &g, &now);
}

void vmtrace_thread_sum(const struct vmtrace_thread *t, struct vmtrace_thread_sum *sum)
{
	const struct vmtrace_times *times;
	struct vmtrace_sample s;
	int i;

	vmtrace_thread_sample(t, &s);
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
		sum->max = max(sum->max, vmtrace_times_max(times));
		smp_rmb(); /* the total last; see vmtrace_times_add() */
		sum->total += READ_ONCE(times->total);
	}
}

void vmtrace_times_sum(struct vmtrace_times *sum, struct vmtrace_times *const *times)
{
	const struct vmtrace_times *of_class;
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		of_class = smp_load_acquire(&times[i]); /* pairs with vmtrace_thread_times() */
		if (of_class)
			vmtrace_times_add(&sum[i], of_class);
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

int vmtrace_times_alloc(struct vmtrace_times **times, const struct vmtrace_times *used)
{
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		if (times[i] || !memchr_inv(&used[i], 0, sizeof(used[i])))
			continue;
		times[i] = kmem_cache_zalloc(times_cache, GFP_KERNEL);
		if (!times[i])
			return -ENOMEM;
	}
	return 0;
}

void vmtrace_times_free(struct vmtrace_times **times)
{
	int i;

	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		if (times[i])
			kmem_cache_free(times_cache, times[i]);
}

static void sum_add(struct vmtrace_hot_sum *sum, const u64 *faults,
		    const struct vmtrace_hot_table *table)
{
	unsigned int kind, i, way;

	for (kind = 0; kind < VMTRACE_HOT_KIND_COUNT; kind++) {
		sum->faults[kind] += faults[kind];
		for (i = 0; table && i < 1 << VMTRACE_HOT_BITS; i++)
			for (way = 0; way < VMTRACE_HOT_WAYS; way++)
				vmtrace_hot_add(sum->set[kind], VMTRACE_HOT_SUM_BITS,
						&table->set[kind][i].way[way]);
	}
}

void vmtrace_hot_sum(struct vmtrace_hot_sum *sum, const struct vmtrace_hot *hot)
{
	if (hot->generation == READ_ONCE(vmtrace_generation))
		sum_add(sum, hot->faults, hot->table);
}

/* So many more, of which each is of an instruction and of a page. */
static void add_to_all(struct vmtrace_hot *hot, u64 faults)
{
	unsigned int kind;

	for (kind = 0; kind < VMTRACE_HOT_KIND_COUNT; kind++)
		hot->faults[kind] += faults;
}

void vmtrace_hot_sum_thread(struct vmtrace_hot_sum *sum, const struct vmtrace_thread *t)
{
	struct vmtrace_hot_table *table;
	struct vmtrace_hot hot;
	unsigned int seq;
	u64 common;

	do {
		seq = raw_read_seqcount_begin(&t->seq);
		table = smp_load_acquire(&t->hot.table); /* pairs with vmtrace_thread_hot() */
		hot = t->hot;
		common = common_sum(t) - READ_ONCE(t->common_before);
		if (table)
			sum->copy = *table;
	} while (read_seqcount_retry(&t->seq, seq));
	hot.table = table ? &sum->copy : NULL;
	add_to_all(&hot, common);
	vmtrace_hot_sum(sum, &hot);
}

void vmtrace_thread_hot_clear(struct vmtrace_thread *t, unsigned int generation)
{
	vmtrace_hot_clear(&t->hot, generation);
	t->common_before = common_sum(t);
}

void vmtrace_thread_hot_leave(struct vmtrace_thread *t)
{
	lockdep_assert_held(&t->process->lock);
	add_to_all(&t->hot, common_sum(t) - t->common_before);
	vmtrace_hot_fold(&t->process->hot, &t->hot, READ_ONCE(vmtrace_generation));
}

void vmtrace_hot_free(struct vmtrace_hot *hot)
{
	if (hot->table)
		kmem_cache_free(hot_cache, hot->table);
}

void vmtrace_thread_hash(struct vmtrace_thread *t)
{
	lockdep_assert_held(&t->process->lock);
	/* Nobody else makes a record of current: there is none to collide with. */
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
	leave_cpus(t);
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
	return min_t(unsigned int, atomic_read(&used), vmtrace_max_threads);
}

int vmtrace_thread_init(void)
{
	unsigned int cpu;

	/* An initializer with an address would not be relocated. */
	for_each_possible_cpu(cpu)
		per_cpu(vmtrace_thread_at_hand, cpu) = &nobody;
	bucket_bits = clamp(ilog2(roundup_pow_of_two(vmtrace_max_threads)), MIN_BITS, MAX_BITS);
	buckets = kvcalloc(BIT(bucket_bits), sizeof(*buckets), GFP_KERNEL);
	cache = KMEM_CACHE(vmtrace_thread, 0);
	times_cache = KMEM_CACHE(vmtrace_times, SLAB_HWCACHE_ALIGN);
	hot_cache = KMEM_CACHE(vmtrace_hot_table, SLAB_HWCACHE_ALIGN);
	if (buckets && cache && times_cache && hot_cache)
		return 0;
	kmem_cache_destroy(hot_cache);
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
			vmtrace_hot_free(&t->hot);
			vmtrace_thread_free(t);
		}
	rcu_barrier();
	kmem_cache_destroy(hot_cache);
	kmem_cache_destroy(times_cache);
	kmem_cache_destroy(cache);
	kvfree(buckets);
}
