// SPDX-License-Identifier: GPL-2.0
/* lazy.c - what a process asked for, and what it has of it; see lazy.h */
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "growth.h"
#include "lazy.h"
#include "process.h"
#include "ptwalk.h"
#include "vma.h"

/**
 * struct walk - a walk through one mm
 * @ledger: what was found
 * @mm: whose; we hold a reference to its users
 * @address: everything below has been visited
 * @mapping: the one that is being visited; NULL before the first
 * @vma_start: with the next, what to recognise its vma by
 * @vma_file: never dereferenced
 * @may_be_zero: whether a huge page in it may be the huge zero page
 * @path: PATH_MAX bytes for its name
 */
struct walk {
	struct vmtrace_ledger *ledger;
	struct mm_struct *mm;
	unsigned long address;
	struct vmtrace_mapping *mapping;
	unsigned long vma_start;
	const struct file *vma_file;
	bool may_be_zero;
	char *path;
};

/* Nobody tells modules which page it is. In anonymous memory, all others are somebody's. */
static bool is_huge_zero(const struct walk *w, const struct vmtrace_entry *e)
{
	return w->may_be_zero && !READ_ONCE(page_folio(pfn_to_page(e->pfn))->mapping);
}

static void count_present(const struct walk *w, const struct vmtrace_entry *e, unsigned long pages)
{
	struct vmtrace_pages *sum = &w->mapping->pages;
	bool huge = e->level > 1;

	if (huge ? is_huge_zero(w, e) : e->bits & VMTRACE_ENTRY_ZERO) {
		sum->zero += pages;
	} else if (huge ? w->mapping->flags & VM_PFNMAP : e->bits & VMTRACE_ENTRY_SPECIAL) {
		sum->special += pages;
		huge = false;
	} else {
		sum->populated += pages;
	}
	if (huge)
		sum->huge += pages;
}

static void count(const struct vmtrace_entry *e, unsigned long pages, void *data)
{
	const struct walk *w = data;
	struct vmtrace_pages *sum = &w->mapping->pages;

	switch (e->kind) {
	case VMTRACE_ENTRY_NONE:
		sum->untouched += pages;
		break;
	case VMTRACE_ENTRY_PRESENT:
		count_present(w, e, pages);
		break;
	case VMTRACE_ENTRY_SWAP:
		sum->swapped += pages;
		break;
	case VMTRACE_ENTRY_MIGRATION:
	case VMTRACE_ENTRY_DEVICE:
		/* The page is there, if not here: the kernel has it in rss. */
		sum->populated += pages;
		break;
	default:
		sum->other += pages;
	}
}

/* Did the walk pause in this vma? It may have grown since. */
static bool is_same(const struct walk *w, const struct vm_area_struct *vma)
{
	return w->mapping && w->mapping->end == w->address && vma->vm_start == w->vma_start &&
	       vma->vm_start < w->address && vma->vm_flags == w->mapping->flags &&
	       vma->vm_file == w->vma_file;
}

static int begin_mapping(struct walk *w, struct vm_area_struct *vma)
{
	const char *name = vmtrace_vma_name(vma, w->path, PATH_MAX);
	size_t length = strlen(name) + 1;
	struct vmtrace_mapping *m;
	int err;

	m = kzalloc(struct_size(m, name, length), GFP_KERNEL_ACCOUNT);
	if (!m)
		return -ENOMEM;
	err = xa_err(xa_store(&w->ledger->mappings, w->ledger->count, m, GFP_KERNEL_ACCOUNT));
	if (err) {
		kfree(m);
		return err;
	}
	w->ledger->count++;
	w->address = max(w->address, vma->vm_start);
	w->mapping = m;
	w->vma_start = vma->vm_start;
	w->vma_file = vma->vm_file;
	w->may_be_zero = vma_is_anonymous(vma) && !(vma->vm_flags & VM_PFNMAP);
	m->start = w->address;
	m->flags = vma->vm_flags;
	if (vma->vm_file)
		m->offset = ((u64)vma->vm_pgoff << PAGE_SHIFT) + (m->start - vma->vm_start);
	memcpy(m->name, name, length);
	return 0;
}

/* Nobody but us needs this memory any more: it is held up by us. */
static bool is_left(const struct walk *w)
{
	return atomic_read(&w->mm->mm_users) == 1;
}

static bool should_pause(const struct walk *w)
{
	return need_resched() || fatal_signal_pending(current) || mmap_lock_is_contended(w->mm) ||
	       is_left(w);
}

static int pause(struct walk *w)
{
	mmap_read_unlock(w->mm);
	cond_resched();
	if (fatal_signal_pending(current))
		return -EINTR;
	return is_left(w) ? -EAGAIN : mmap_read_lock_killable(w->mm);
}

/* With the mmap lock held; 0 and still held, or an error and not. */
static int walk_mappings(struct walk *w)
{
	struct vm_area_struct *vma;
	struct vmtrace_mapping *m;
	int err;

	while ((vma = find_vma(w->mm, w->address))) {
		if (!is_same(w, vma)) {
			err = begin_mapping(w, vma);
			if (err) {
				mmap_read_unlock(w->mm);
				return err;
			}
		}
		m = w->mapping;
		/* No mapping is left empty, lest another is begun at its place. */
		do {
			w->address = vmtrace_ptwalk_range(w->mm, w->address, vma->vm_end, count, w);
		} while (w->address == m->start || (w->address < vma->vm_end && !should_pause(w)));
		m->end = w->address;
		m->pages.reserved = (m->end - m->start) >> PAGE_SHIFT;
		if (!should_pause(w))
			continue;
		err = pause(w);
		if (err)
			return err;
	}
	return 0;
}

static void add(unsigned long *sum, unsigned long pages)
{
	*sum += pages;
}

static void sum_up(struct vmtrace_ledger *l)
{
	struct vmtrace_mapping *m;
	unsigned long i;

	xa_for_each(&l->mappings, i, m) {
#define ADD(key, meaning) add(&l->total.key, m->pages.key);
		VMTRACE_MAPS_KINDS(ADD)
#undef ADD
	}
}

/* What get_mm_counter() leaves out is what threads (6.1) or CPUs hold for themselves. */
static unsigned long counter(struct vmtrace_process *p, struct mm_struct *mm, int member)
{
	long sum = vmtrace_mm_counter(mm, member);
	struct task_struct *leader, *t;

	rcu_read_lock();
	leader = pid_task(p->pid, PIDTYPE_TGID);
	if (leader)
		for_each_thread(leader, t)
			sum += vmtrace_thread_counter(t, mm, member);
	rcu_read_unlock();
	return max(sum, 0L);
}

static void ask_kernel(struct vmtrace_mm_counters *k, struct vmtrace_process *p,
		       struct mm_struct *mm)
{
	k->total_vm = mm->total_vm;
	k->data_vm = mm->data_vm;
	k->stack_vm = mm->stack_vm;
	k->rss = counter(p, mm, MM_FILEPAGES) + counter(p, mm, MM_ANONPAGES) +
		 counter(p, mm, MM_SHMEMPAGES);
	k->swap = counter(p, mm, MM_SWAPENTS);
#ifdef CONFIG_HUGETLB_PAGE
	k->hugetlb = atomic_long_read(&mm->hugetlb_usage);
#endif
	k->pgtables_bytes = mm_pgtables_bytes(mm);
}

/* What is known of the newest one that is in the mapping, at least in part. */
static void set_age(struct vmtrace_mapping *m, const struct vmtrace_growth *g, u64 now)
{
	s64 age = now - g->born_ns;

	if (!g->born_ns || g->fresh >= m->end || (m->age_ns >= 0 && m->age_ns <= age))
		return;
	/* Clocks of two CPUs may differ a little where there is no better one. */
	m->age_ns = max_t(s64, age, 0);
	m->delay_ns = g->touched_ns ? max_t(s64, g->touched_ns - g->born_ns, 0) : -1;
}

/* The growths in the mapping, of which those before @i are below it; their touches are taken. */
static void add_growths(struct vmtrace_mapping *m, struct vmtrace_growths_copy *copy,
			unsigned int i)
{
	m->age_ns = -1;
	m->delay_ns = -1;
	for (; i < copy->count && copy->growth[i].start < m->end; i++) {
		struct vmtrace_growth *g = &copy->growth[i];

		/* Of a growth in two mappings the lower one has them all: growth.h. */
		m->first_touch += g->touches;
		g->touches = 0;
		set_age(m, g, copy->now);
	}
}

static int ask_growths(struct vmtrace_ledger *l, struct vmtrace_process *p,
		       const struct mm_struct *mm)
{
	struct vmtrace_growths_copy copy;
	unsigned int first = 0, g;
	struct vmtrace_mapping *m;
	unsigned long i;
	int err;

	err = vmtrace_growths_read(p, mm, &copy);
	if (err)
		return err;
	l->growth.first_touch = copy.gone;
	for (g = 0; g < copy.count; g++)
		l->growth.first_touch += copy.growth[g].touches;
	l->growth.first_touch_gone = l->growth.first_touch;
	xa_for_each(&l->mappings, i, m) {
		while (first < copy.count && copy.growth[first].end <= m->start)
			first++;
		add_growths(m, &copy, first);
		l->growth.first_touch_gone -= m->first_touch;
	}
	l->growth.growths = copy.count;
	l->growth.growths_unrecorded = copy.unrecorded;
	vmtrace_growths_free_copy(&copy);
	return 0;
}

/* -EAGAIN: it has exited meanwhile, or executes another program. */
static int try_take(struct vmtrace_ledger *l, struct vmtrace_process *p, char *path)
{
	struct walk w = { .ledger = l, .mm = vmtrace_process_mm(p), .path = path };
	int err;

	if (!w.mm)
		return -ESRCH;
	err = mmap_read_lock_killable(w.mm) ?: walk_mappings(&w);
	if (!err) {
		ask_kernel(&l->kernel, p, w.mm);
		err = ask_growths(l, p, w.mm);
		mmap_read_unlock(w.mm);
		sum_up(l);
	}
	mmput(w.mm);
	return err;
}

int vmtrace_ledger_take(struct vmtrace_ledger *l, struct vmtrace_process *p)
{
	char *path = kmalloc(PATH_MAX, GFP_KERNEL);
	int err;

	memset(l, 0, sizeof(*l));
	xa_init_flags(&l->mappings, XA_FLAGS_ACCOUNT);
	if (!path)
		return -ENOMEM;
	for (;;) {
		err = try_take(l, p, path);
		if (err != -EAGAIN)
			break;
		vmtrace_ledger_free(l);
	}
	kfree(path);
	return err;
}

void vmtrace_ledger_free(struct vmtrace_ledger *l)
{
	struct vmtrace_mapping *m;
	unsigned long i;

	xa_for_each(&l->mappings, i, m) {
		kfree(m);
		cond_resched();
	}
	xa_destroy(&l->mappings);
	l->count = 0;
}
