// SPDX-License-Identifier: GPL-2.0
/* residency.c - how much of each mapping is present, zero or swapped; see residency.h */
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "mm/ptwalk.h"
#include "mm/residency.h"
#include "mm/vma.h"

/**
 * struct walk - a walk through one mm
 * @mm: the caller holds one of its mm_users
 * @address: everything below has been visited
 * @mapping: the one that is being visited; before the first, all 0
 * @vma_start: vm_start of its vma, to recognize it after the lock was released
 * @vma_file: vm_file of its vma; never dereferenced
 * @may_be_zero: a huge page in it may be the huge zero page
 * @path: its name, PATH_MAX bytes
 * @visit: called when a mapping has been visited
 * @data: its argument
 */
struct walk {
	struct mm_struct *mm;
	unsigned long address;
	struct vmtrace_mapping mapping;
	unsigned long vma_start;
	const struct file *vma_file;
	bool may_be_zero;
	char *path;
	bool (*visit)(const struct vmtrace_mapping *m, void *data);
	void *data;
};

/*
 * The huge zero page is not exported. In anonymous memory it is the only huge page without a
 * ->mapping.
 */
static bool is_huge_zero(const struct walk *w, const struct vmtrace_entry *e)
{
	return w->may_be_zero && !READ_ONCE(page_folio(pfn_to_page(e->pfn))->mapping);
}

static void count_present(struct walk *w, const struct vmtrace_entry *e, unsigned long pages)
{
	struct vmtrace_pages *sum = &w->mapping.pages;
	bool huge = e->level > 1;

	if (huge ? is_huge_zero(w, e) : e->bits & VMTRACE_ENTRY_ZERO) {
		sum->zero += pages;
	} else if (huge ? w->mapping.flags & VM_PFNMAP : e->bits & VMTRACE_ENTRY_SPECIAL) {
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
	struct walk *w = data;
	struct vmtrace_pages *sum = &w->mapping.pages;

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
		/* The kernel counts the page in rss. */
		sum->populated += pages;
		break;
	default:
		sum->other += pages;
	}
}

/* Is @vma, which may have grown, the rest of @w->mapping, inside of which the lock was released? */
static bool continues_mapping(const struct walk *w, const struct vm_area_struct *vma)
{
	return w->mapping.end && w->mapping.end == w->address && vma->vm_start == w->vma_start &&
	       vma->vm_start < w->address && vma->vm_flags == w->mapping.flags &&
	       vma->vm_file == w->vma_file;
}

static void begin_mapping(struct walk *w, struct vm_area_struct *vma)
{
	const char *name = vmtrace_vma_name(vma, w->path, PATH_MAX);

	memmove(w->path, name, strlen(name) + 1);
	w->address = max(w->address, vma->vm_start);
	w->vma_start = vma->vm_start;
	w->vma_file = vma->vm_file;
	w->may_be_zero = vma_is_anonymous(vma) && !(vma->vm_flags & VM_PFNMAP);
	w->mapping = (struct vmtrace_mapping){
		.start = w->address,
		.flags = vma->vm_flags,
		.name = w->path,
	};
	if (vma->vm_file)
		w->mapping.offset =
			((u64)vma->vm_pgoff << PAGE_SHIFT) + (w->address - vma->vm_start);
}

/* Only the walk uses the mm any more: stop, so that its memory is freed. */
static bool is_unused(const struct walk *w)
{
	return atomic_read(&w->mm->mm_users) == 1;
}

static bool should_unlock(const struct walk *w)
{
	return need_resched() || fatal_signal_pending(current) || mmap_lock_is_contended(w->mm) ||
	       is_unused(w);
}

static int relock(struct walk *w)
{
	mmap_read_unlock(w->mm);
	cond_resched();
	if (fatal_signal_pending(current))
		return -EINTR;
	return is_unused(w) ? -EAGAIN : mmap_read_lock_killable(w->mm);
}

static bool end_mapping(const struct walk *w)
{
	return !w->mapping.end || w->visit(&w->mapping, w->data);
}

/* Called with the mmap lock held. Returns 0 with the lock held, or an error without it. */
static int walk_mappings(struct walk *w)
{
	struct vmtrace_mapping *m = &w->mapping;
	struct vm_area_struct *vma;
	int err;

	while ((vma = find_vma(w->mm, w->address))) {
		if (!continues_mapping(w, vma)) {
			if (!end_mapping(w))
				return 0;
			begin_mapping(w, vma);
		}
		/* Visit a page before unlocking: continues_mapping() rejects an empty mapping. */
		do {
			w->address = vmtrace_ptwalk_range(w->mm, w->address, vma->vm_end, count, w);
		} while (w->address == m->start || (w->address < vma->vm_end && !should_unlock(w)));
		m->end = w->address;
		m->pages.reserved = (m->end - m->start) >> PAGE_SHIFT;
		if (!should_unlock(w))
			continue;
		err = relock(w);
		if (err)
			return err;
	}
	end_mapping(w);
	return 0;
}

int vmtrace_residency_read(struct mm_struct *mm,
			   bool (*visit)(const struct vmtrace_mapping *m, void *data), void *data)
{
	struct walk w = { .mm = mm, .visit = visit, .data = data };
	int err;

	w.path = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!w.path)
		return -ENOMEM;
	err = mmap_read_lock_killable(mm) ?: walk_mappings(&w);
	if (!err)
		mmap_read_unlock(mm);
	kfree(w.path);
	return err;
}

/* get_mm_counter() leaves out what threads (up to 6.1) or CPUs have not added yet. */
static unsigned long counter(struct pid *pid, struct mm_struct *mm, int member)
{
	long sum = vmtrace_mm_counter(mm, member);
	struct task_struct *leader, *t;

	rcu_read_lock();
	leader = pid_task(pid, PIDTYPE_TGID);
	if (leader)
		for_each_thread(leader, t)
			sum += vmtrace_thread_counter(t, mm, member);
	rcu_read_unlock();
	return max(sum, 0L);
}

void vmtrace_mm_counters_read(struct mm_struct *mm, struct pid *pid, struct vmtrace_mm_counters *k)
{
	k->total_vm = READ_ONCE(mm->total_vm);
	k->data_vm = READ_ONCE(mm->data_vm);
	k->stack_vm = READ_ONCE(mm->stack_vm);
	k->rss = counter(pid, mm, MM_FILEPAGES) + counter(pid, mm, MM_ANONPAGES) +
		 counter(pid, mm, MM_SHMEMPAGES);
	k->swap = counter(pid, mm, MM_SWAPENTS);
#ifdef CONFIG_HUGETLB_PAGE
	k->hugetlb = atomic_long_read(&mm->hugetlb_usage);
#endif
	k->pgtables_bytes = mm_pgtables_bytes(mm);
}
