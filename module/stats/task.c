// SPDX-License-Identifier: GPL-2.0
/* task.c - the records of tasks, and their drops; see task.h */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "stats/share.h"
#include "stats/task.h"
#include "stats/thread.h"

/* Limits of bucket_bits: the table takes 512 KiB at most. */
#define MAX_BITS 16
#define MIN_BITS 10

static struct kmem_cache *cache;
static struct hlist_head *buckets __read_mostly;
static unsigned int bucket_bits __read_mostly;
static DEFINE_SPINLOCK(buckets_lock);

/* If there is no room, threads on all CPUs drop faults, so this is per CPU. */
static DEFINE_PER_CPU(u64, drops);

static u64 started_ns = U64_MAX; /* CLOCK_BOOTTIME */

static struct hlist_head *bucket_of(const struct task_struct *task)
{
	return &buckets[hash_ptr(task, bucket_bits)];
}

struct vmtrace_task *vmtrace_task_find(const struct task_struct *task)
{
	struct vmtrace_task *k;

	hlist_for_each_entry_rcu(k, bucket_of(task), node, !preemptible())
		if (likely(k->task == task))
			return k;
	return NULL;
}

void vmtrace_task_start(void)
{
	WRITE_ONCE(started_ns, 0);
	/* The sched_process_fork of a task that starts later finds that this has begun. */
	smp_mb();
	WRITE_ONCE(started_ns, ktime_get_boottime_ns());
}

bool vmtrace_task_started(void)
{
	return READ_ONCE(started_ns) != U64_MAX;
}

bool vmtrace_task_is_younger(const struct task_struct *task)
{
	return task->start_boottime >= READ_ONCE(started_ns);
}

/*
 * The task may run meanwhile. If it takes a fault that the hook sees, it creates its record itself
 * before the kernel counts that fault, and the one that was created here is not used.
 */
static struct vmtrace_task *task_alloc(struct task_struct *task, struct vmtrace_process *p)
{
	struct vmtrace_task *k = kmem_cache_zalloc(cache, VMTRACE_GFP);
	u64 minor, major;

	if (!k)
		return NULL;
	minor = READ_ONCE(task->min_flt);
	major = READ_ONCE(task->maj_flt);
	k->task = task;
	k->process = p;
	seqcount_init(&k->seq);
	if (vmtrace_task_is_younger(task))
		k->dropped = minor + major; /* there was no memory for the record */
	else
		k->base = (struct vmtrace_kernel_counts){ .minor = minor, .major = major };
	return k;
}

struct vmtrace_task *vmtrace_task_create(struct task_struct *task, struct vmtrace_process *p)
{
	struct vmtrace_task *k, *other;
	unsigned long irq;

	rcu_read_lock();
	k = vmtrace_task_find(task);
	rcu_read_unlock();
	if (k)
		return k;
	k = task_alloc(task, p);
	if (!k)
		return NULL;

	spin_lock_irqsave(&p->lock, irq);
	spin_lock(&buckets_lock);
	other = vmtrace_task_find(task);
	if (!other) {
		hlist_add_head_rcu(&k->node, bucket_of(task));
		/* An iteration that has begun does not include it. */
		k->visited = p->round;
		list_add(&k->siblings, &p->tasks);
	}
	spin_unlock(&buckets_lock);
	spin_unlock_irqrestore(&p->lock, irq);
	if (!other)
		return k;
	kmem_cache_free(cache, k);
	return other;
}

static u64 kernel_count(const struct task_struct *task)
{
	return READ_ONCE(task->min_flt) + READ_ONCE(task->maj_flt);
}

void vmtrace_task_drop(struct vmtrace_task *k)
{
	u64 now = kernel_count(current);

	/* That attempt was not counted, and this one takes its place. */
	if (k && k->drop_pending && k->at_drop == now)
		return;
	this_cpu_inc(drops);
	if (!k)
		return;
	raw_write_seqcount_begin(&k->seq);
	WRITE_ONCE(k->dropped, k->dropped + k->drop_pending);
	WRITE_ONCE(k->at_drop, now);
	WRITE_ONCE(k->drop_pending, true);
	raw_write_seqcount_end(&k->seq);
}

void vmtrace_task_resolve_drop(struct vmtrace_task *k)
{
	bool counted = kernel_count(k->task) > k->at_drop;

	if (!k->drop_pending)
		return;
	if (!counted)
		this_cpu_dec(drops);
	raw_write_seqcount_begin(&k->seq);
	WRITE_ONCE(k->dropped, k->dropped + counted);
	WRITE_ONCE(k->drop_pending, false);
	raw_write_seqcount_end(&k->seq);
}

struct vmtrace_thread *vmtrace_task_fetch(void)
{
	struct vmtrace_task *k = vmtrace_task_find(current);

	if (!k || !k->thread)
		return NULL;
	vmtrace_thread_cache(k->thread);
	return k->thread;
}

struct vmtrace_thread *vmtrace_task_create_thread(struct vmtrace_task *k)
{
	struct vmtrace_thread *t = vmtrace_thread_create(k->process);

	if (!t)
		return NULL;
	vmtrace_task_resolve_drop(k);
	smp_store_release(&k->thread, t); /* pairs with vmtrace_task_sum() */
	return t;
}

void vmtrace_task_cancel_pending(void)
{
	struct vmtrace_task *k;
	unsigned long irq;

	local_irq_save(irq);
	k = vmtrace_task_find(current);
	if (k && k->thread && k->thread->state)
		vmtrace_thread_leave(k->thread);
	local_irq_restore(irq);
}

u64 vmtrace_dropped(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(drops, cpu));
	return sum;
}

/* The drops of a task, and the kernel's count at the same instant. */
static u64 read_drops(const struct vmtrace_task *k, struct vmtrace_kernel_counts *kernel)
{
	unsigned int seq;
	u64 dropped;

	do {
		seq = raw_read_seqcount_begin(&k->seq);
		kernel->minor = READ_ONCE(k->task->min_flt);
		kernel->major = READ_ONCE(k->task->maj_flt);
		dropped = READ_ONCE(k->dropped);
		if (READ_ONCE(k->drop_pending))
			dropped += kernel->minor + kernel->major > READ_ONCE(k->at_drop);
	} while (read_seqcount_retry(&k->seq, seq));
	return dropped;
}

void vmtrace_task_sum(const struct vmtrace_task *k, struct vmtrace_sum *sum)
{
	struct vmtrace_thread_snapshot s;
	const struct vmtrace_thread *t;
	u64 dropped;

	lockdep_assert_held(&k->process->lock);
	dropped = read_drops(k, &s.kernel);
	/* Without @thread now, the kernel had not counted the first fault of a later one then. */
	smp_rmb(); /* B, in vmtrace_thread_enter() */
	/* Pairs with vmtrace_task_create_thread(). */
	t = smp_load_acquire(&k->thread);
	if (t) {
		vmtrace_thread_read(t, &s);
		vmtrace_counts_add(&sum->counts, &s.counts);
		sum->in_flight += s.in_flight;
		dropped = READ_ONCE(k->dropped);
	}
	sum->kernel.minor += s.kernel.minor - k->base.minor;
	sum->kernel.major += s.kernel.major - k->base.major;
	sum->dropped += dropped;
	sum->threads_seen += t || dropped;
}

void vmtrace_task_read_current(struct vmtrace_sum *sum)
{
	struct vmtrace_task *k;
	unsigned long irq;

	memset(sum, 0, sizeof(*sum));
	rcu_read_lock();
	k = vmtrace_task_find(current);
	rcu_read_unlock();
	if (!k) {
		sum->kernel.minor = current->min_flt;
		sum->kernel.major = current->maj_flt;
		return;
	}
	/* The record lives as long as current. */
	spin_lock_irqsave(&k->process->lock, irq);
	vmtrace_task_sum(k, sum);
	spin_unlock_irqrestore(&k->process->lock, irq);
}

void vmtrace_task_unhash(struct vmtrace_task *k)
{
	unsigned long irq;

	spin_lock_irqsave(&buckets_lock, irq);
	hlist_del_rcu(&k->node);
	spin_unlock_irqrestore(&buckets_lock, irq);
	if (k->thread)
		vmtrace_thread_uncache(k->thread);
}

static void task_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct vmtrace_task, rcu));
}

void vmtrace_task_free(struct vmtrace_task *k)
{
	if (k->thread)
		vmtrace_thread_free(k->thread);
	call_rcu(&k->rcu, task_free_rcu);
}

int vmtrace_task_init(void)
{
	bucket_bits = clamp(ilog2(roundup_pow_of_two(vmtrace_max_threads)), MIN_BITS, MAX_BITS);
	buckets = kvcalloc(BIT(bucket_bits), sizeof(*buckets), GFP_KERNEL);
	cache = KMEM_CACHE(vmtrace_task, 0);
	if (buckets && cache)
		return 0;
	kmem_cache_destroy(cache);
	kvfree(buckets);
	return -ENOMEM;
}

void vmtrace_task_exit(void)
{
	struct vmtrace_task *k;
	struct hlist_node *next;
	unsigned long i;

	for (i = 0; i < BIT(bucket_bits); i++)
		hlist_for_each_entry_safe(k, next, &buckets[i], node) {
			if (k->thread)
				vmtrace_times_free(k->thread->times);
			vmtrace_task_free(k);
		}
	rcu_barrier();
	kmem_cache_destroy(cache);
	kvfree(buckets);
}
