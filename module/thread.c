// SPDX-License-Identifier: GPL-2.0
/* thread.c - one record for each thread that took a fault; rules in thread.h */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "process.h"
#include "thread.h"

/* At the most so many buckets: 64 Ki of them are 512 KiB. */
#define MAX_BITS 16
#define MIN_BITS 6

static struct kmem_cache *cache, *times_cache, *hot_cache;
static struct hlist_head *table;
static unsigned int table_bits __read_mostly;
static DEFINE_SPINLOCK(thread_table_lock);
static atomic_t used = ATOMIC_INIT(0);

unsigned int vmtrace_max_threads __read_mostly = 65536;
unsigned int vmtrace_generation __read_mostly;

static struct hlist_head *bucket(const struct task_struct *task)
{
	return &table[hash_ptr(task, table_bits)];
}

struct vmtrace_thread *vmtrace_thread_find(const struct task_struct *task)
{
	struct vmtrace_thread *t;

	hlist_for_each_entry_rcu(t, bucket(task), node, !preemptible())
		if (t->task == task)
			return t;
	return NULL;
}

struct vmtrace_thread *vmtrace_thread_create(struct vmtrace_process *p)
{
	struct vmtrace_thread *t;

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
	vmtrace_process_adopt(p, t);
	return t;
undo:
	atomic_dec(&used);
	return NULL;
}

/* NULL if there is no memory. */
static struct vmtrace_times *times_of(struct vmtrace_thread *t, enum vmtrace_class class)
{
	struct vmtrace_times *times = t->times[class];

	if (unlikely(!times)) {
		times = kmem_cache_zalloc(times_cache, GFP_ATOMIC | __GFP_NOWARN);
		/* Pairs with vmtrace_times_sum(). */
		smp_store_release(&t->times[class], times);
	}
	return times;
}

static void have_table(struct vmtrace_hot *hot)
{
	struct vmtrace_hot_table *table;

	if (likely(hot->table))
		return;
	table = kmem_cache_zalloc(hot_cache, GFP_ATOMIC | __GFP_NOWARN);
	/* Pairs with vmtrace_hot_sum_thread(). */
	smp_store_release(&hot->table, table);
}

/* Within @t->seq's write section. */
static void count_hot(struct vmtrace_thread *t)
{
	const struct vmtrace_fault *f = &t->fault;
	unsigned int generation = READ_ONCE(vmtrace_generation);

	if (unlikely(t->hot.generation != generation))
		vmtrace_hot_clear(&t->hot, generation);
	if (likely(f->ip))
		vmtrace_hot_count(&t->hot, VMTRACE_HOT_IP, f->ip);
	if (likely(f->origin != VMTRACE_ORIGIN_REMOTE))
		vmtrace_hot_count(&t->hot, VMTRACE_HOT_PAGE, f->address >> PAGE_SHIFT);
}

static void bump(u64 *count)
{
	WRITE_ONCE(*count, *count + 1);
}

void vmtrace_thread_return(struct vmtrace_thread *t, enum vmtrace_outcome outcome,
			   enum vmtrace_class class, const struct vmtrace_measure *m)
{
	struct vmtrace_times *times = likely(m) ? times_of(t, class) : NULL;
	struct vmtrace_counts *c = &t->counts;
	u64 *hist;

	if (likely(m))
		have_table(&t->hot);
	smp_wmb(); /* the kernel's count before ours */
	raw_write_seqcount_begin(&t->seq);
	if (likely(outcome == VMTRACE_MINOR)) {
		bump(&c->minor);
	} else if (outcome == VMTRACE_MAJOR) {
		bump(&c->major);
		bump(&c->class[class].major);
	} else {
		bump(&c->failed);
	}
	bump(&c->class[class].faults);
	bump(&c->origin[t->fault.origin]);
	if (unlikely(!times))
		bump(&c->untimed);
	if (likely(m))
		count_hot(t);
	WRITE_ONCE(t->in_flight, false);
	raw_write_seqcount_end(&t->seq);

	if (unlikely(!times))
		return;
	WRITE_ONCE(times->total, times->total + m->took);
	smp_wmb(); /* the total before its parts; vmtrace_times_add() */
	if (m->pages)
		WRITE_ONCE(times->pages, times->pages + m->pages);
	if (unlikely(m->tables))
		WRITE_ONCE(times->tables, times->tables + m->tables);
	if (unlikely(m->asleep))
		WRITE_ONCE(times->asleep, times->asleep + m->asleep);
	if (unlikely(m->took > times->max || times->generation != READ_ONCE(vmtrace_generation)))
		vmtrace_times_set_max(times, m->took);
	hist = &times->hist[vmtrace_hist_bucket(m->took)];
	bump(hist);
}

static void copy_counts(struct vmtrace_counts *to, const struct vmtrace_counts *from)
{
	const u64 *f = (const u64 *)from;
	u64 *t = (u64 *)to;
	size_t i;

	for (i = 0; i < sizeof(*to) / sizeof(u64); i++)
		t[i] = READ_ONCE(f[i]);
}

void vmtrace_thread_sample(const struct vmtrace_thread *t, struct vmtrace_sample *s)
{
	unsigned int seq;

	lockdep_assert_held(&t->process->lock);
	do {
		seq = raw_read_seqcount_begin(&t->seq);
		copy_counts(&s->counts, &t->counts);
		s->in_flight = READ_ONCE(t->in_flight);
		if (s->in_flight) {
			s->kernel.minor = READ_ONCE(t->at_entry.minor);
			s->kernel.major = READ_ONCE(t->at_entry.major);
		} else {
			s->kernel.minor = READ_ONCE(t->task->min_flt);
			s->kernel.major = READ_ONCE(t->task->maj_flt);
		}
	} while (read_seqcount_retry(&t->seq, seq));
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
		times = smp_load_acquire(&t->times[i]); /* pairs with times_of() */
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
		of_class = smp_load_acquire(&times[i]); /* pairs with times_of() */
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
		if (times[i] || !(used[i].total | used[i].pages))
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

void vmtrace_hot_sum_thread(struct vmtrace_hot_sum *sum, const struct vmtrace_thread *t)
{
	struct vmtrace_hot_table *table;
	struct vmtrace_hot hot;
	unsigned int seq;

	do {
		seq = raw_read_seqcount_begin(&t->seq);
		table = smp_load_acquire(&t->hot.table); /* pairs with have_table() */
		hot = t->hot;
		if (table)
			sum->copy = *table;
	} while (read_seqcount_retry(&t->seq, seq));
	hot.table = table ? &sum->copy : NULL;
	vmtrace_hot_sum(sum, &hot);
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
	spin_lock(&thread_table_lock);
	hlist_add_head_rcu(&t->node, bucket(t->task));
	spin_unlock(&thread_table_lock);
}

void vmtrace_thread_unhash(struct vmtrace_thread *t)
{
	unsigned long irq;

	spin_lock_irqsave(&thread_table_lock, irq);
	hlist_del_rcu(&t->node);
	spin_unlock_irqrestore(&thread_table_lock, irq);
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
	table_bits = clamp(ilog2(roundup_pow_of_two(vmtrace_max_threads)), MIN_BITS, MAX_BITS);
	table = kvcalloc(1UL << table_bits, sizeof(*table), GFP_KERNEL);
	cache = KMEM_CACHE(vmtrace_thread, 0);
	times_cache = KMEM_CACHE(vmtrace_times, 0);
	hot_cache = KMEM_CACHE(vmtrace_hot_table, SLAB_HWCACHE_ALIGN);
	if (table && cache && times_cache && hot_cache)
		return 0;
	kmem_cache_destroy(hot_cache);
	kmem_cache_destroy(times_cache);
	kmem_cache_destroy(cache);
	kvfree(table);
	return -ENOMEM;
}

void vmtrace_thread_exit(void)
{
	struct vmtrace_thread *t;
	struct hlist_node *next;
	unsigned long i;

	for (i = 0; i < 1UL << table_bits; i++)
		hlist_for_each_entry_safe(t, next, &table[i], node) {
			vmtrace_times_free(t->times);
			vmtrace_hot_free(&t->hot);
			vmtrace_thread_free(t);
		}
	rcu_barrier();
	kmem_cache_destroy(hot_cache);
	kmem_cache_destroy(times_cache);
	kmem_cache_destroy(cache);
	kvfree(table);
}
