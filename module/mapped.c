// SPDX-License-Identifier: GPL-2.0
/* mapped.c - how many pages a fault mapped; see mapped.h */
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sizes.h>

#include "mapped.h"
#include "ptwalk.h"

/* The reach of a fault: its mapping and its table of the lowest level, whatever ends first. */
static unsigned long low_end(const struct vmtrace_fault *f)
{
	return max(f->area.start, f->address & PMD_MASK);
}

static unsigned long high_end(const struct vmtrace_fault *f)
{
	return min(f->area.end, (f->address & PMD_MASK) + PMD_SIZE);
}

static bool may_map_more(const struct vmtrace_facts *facts)
{
	if (facts->before.kind == VMTRACE_ENTRY_PRESENT || facts->vma & VMTRACE_VMA_HUGETLB)
		return false;
	/* All of a new folio is mapped where nothing was: that can be seen afterwards. */
	if (facts->vma & VMTRACE_VMA_ANON)
		return facts->before.kind == VMTRACE_ENTRY_SWAP;
	return !facts->write || facts->vma & VMTRACE_VMA_SHARED;
}

void vmtrace_mapped_begin(struct vmtrace_fault *f)
{
	struct vmtrace_window *w = &f->window;
	unsigned long low, high, start;

	w->pages = 0;
	if (likely(!may_map_more(&f->facts)))
		return;
	low = low_end(f);
	high = high_end(f);
	/* As far as do_fault_around() goes, and a page more on both sides. */
	start = max(ALIGN_DOWN(f->address, SZ_64K), low);
	high = min(high, start + SZ_64K + PAGE_SIZE);
	w->start = start > low ? start - PAGE_SIZE : start;
	w->pages = (high - w->start) >> PAGE_SHIFT;
	vmtrace_ptwalk_window(f->mm, w);
}

/*
 * The pages of the window that are new, and if those at its ends are, too, what is
 * mapped of their folios beyond: so far goes none but who maps a whole folio.
 */
static unsigned int new_in_window(const struct vmtrace_fault *f)
{
	struct vmtrace_window now = f->window;
	unsigned long end = now.start + now.pages * PAGE_SIZE;
	unsigned int sum;
	u32 came;

	vmtrace_ptwalk_window(f->mm, &now);
	came = now.present & ~f->window.present;
	sum = hweight32(came);
	if (came & BIT(0))
		sum += vmtrace_ptwalk_folio(f->mm, now.start, low_end(f), now.start + PAGE_SIZE) -
		       1;
	if (came & BIT(now.pages - 1))
		sum += vmtrace_ptwalk_folio(f->mm, end - PAGE_SIZE, end - PAGE_SIZE, high_end(f)) -
		       1;
	return sum;
}

/* May there be more of its folio around it? Spares most faults another walk. */
static bool is_large(const struct vmtrace_entry *e)
{
	return !(e->bits & VMTRACE_ENTRY_SPECIAL) && PageCompound(pfn_to_page(e->pfn));
}

static unsigned int pages(const struct vmtrace_fault *f)
{
	const struct vmtrace_entry *before = &f->facts.before, *after = &f->facts.after;
	bool was_there = before->kind == VMTRACE_ENTRY_PRESENT;

	if (after->kind != VMTRACE_ENTRY_PRESENT || (was_there && before->pfn == after->pfn))
		return 0;
	if (f->facts.vma & VMTRACE_VMA_HUGETLB)
		return f->unit;
	/* Who collapsed small pages meanwhile was not the fault. */
	if (was_there && after->level > before->level)
		return 0;
	if (after->level == 2)
		return PMD_SIZE / PAGE_SIZE;
	if (after->level > 2)
		return PUD_SIZE / PAGE_SIZE;
	if (was_there)
		return 1;
	if (f->window.pages)
		return new_in_window(f);
	if (likely(!is_large(after)))
		return 1;
	return vmtrace_ptwalk_folio(f->mm, f->address & PAGE_MASK, low_end(f), high_end(f));
}

static unsigned int tables(const struct vmtrace_facts *facts)
{
	const struct vmtrace_entry *before = &facts->before, *after = &facts->after;
	unsigned int sum = 0;

	if (before->kind != VMTRACE_ENTRY_NONE)
		return 0;
	if (after->level < before->level)
		sum = before->level - after->level;
	/* pgtable_trans_huge_deposit(), mm/pgtable-generic.c */
	if (facts->vma & VMTRACE_VMA_ANON && after->kind == VMTRACE_ENTRY_PRESENT &&
	    after->level > 1)
		sum++;
	return sum;
}

void vmtrace_mapped_end(const struct vmtrace_fault *f, struct vmtrace_measure *m)
{
	m->pages = pages(f);
	m->tables = tables(&f->facts);
}
