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

static struct kmem_cache *cache;
static struct hlist_head *table;
static unsigned int table_bits __read_mostly;
static DEFINE_SPINLOCK(thread_table_lock);
static atomic_t used = ATOMIC_INIT(0);

unsigned int vmtrace_max_threads __read_mostly = 65536;

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
	vmtrace_process_adopt(p, t);
	return t;
undo:
	atomic_dec(&used);
	return NULL;
}

void vmtrace_thread_sample(const struct vmtrace_thread *t, struct vmtrace_sample *s)
{
	u64 state;

	lockdep_assert_held(&t->process->lock);
	do {
		state = smp_load_acquire(&t->state); /* (a), (d) */
		s->counts.minor = READ_ONCE(t->counts.minor);
		s->counts.major = READ_ONCE(t->counts.major);
		s->counts.retried = READ_ONCE(t->counts.retried);
		s->counts.failed = READ_ONCE(t->counts.failed);
		smp_rmb(); /* (c) */
		s->in_flight = state & 1;
		if (s->in_flight && s->counts.minor + s->counts.major == state >> 1) {
			s->kernel.minor = READ_ONCE(t->at_entry.minor);
			s->kernel.major = READ_ONCE(t->at_entry.major);
		} else {
			/* Between two faults, or at the end of one that both have counted. */
			s->kernel.minor = READ_ONCE(t->task->min_flt);
			s->kernel.major = READ_ONCE(t->task->maj_flt);
		}
		smp_rmb(); /* (b) */
	} while (READ_ONCE(t->state) != state);
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
	if (!table)
		return -ENOMEM;
	cache = KMEM_CACHE(vmtrace_thread, 0);
	if (!cache) {
		kvfree(table);
		return -ENOMEM;
	}
	return 0;
}

void vmtrace_thread_exit(void)
{
	struct vmtrace_thread *t;
	struct hlist_node *next;
	unsigned long i;

	for (i = 0; i < 1UL << table_bits; i++)
		hlist_for_each_entry_safe(t, next, &table[i], node)
			vmtrace_thread_free(t);
	rcu_barrier();
	kmem_cache_destroy(cache);
	kvfree(table);
}
