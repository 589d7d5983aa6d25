// SPDX-License-Identifier: GPL-2.0
/* pages_mapped.c - how many pages a fault mapped; see pages_mapped.h */
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sizes.h>

#include "fault/pages_mapped.h"
#include "mm/ptwalk.h"

/* A fault maps pages of one mapping and one page table only: the range of these. */
static unsigned long range_start(const struct vmtrace_fault *f)
{
	return max(f->snapshot.start, f->address & PMD_MASK);
}

static unsigned long range_end(const struct vmtrace_fault *f)
{
	return min(f->snapshot.end, (f->address & PMD_MASK) + PMD_SIZE);
}

static bool may_map_more(const struct vmtrace_class_input *facts)
{
	if (facts->before.kind == VMTRACE_ENTRY_PRESENT || facts->vma & VMTRACE_VMA_HUGETLB)
		return false;
	/* On an empty entry a new folio is mapped whole: vmtrace_ptwalk_folio() counts it later. */
	if (facts->vma & VMTRACE_VMA_ANON)
		return facts->before.kind == VMTRACE_ENTRY_SWAP;
	return !facts->write || facts->vma & VMTRACE_VMA_SHARED;
}

void vmtrace_pages_mapped_begin(struct vmtrace_fault *f)
{
	struct vmtrace_faultaround_window *w = &f->window;
	unsigned long low, high, start;

	w->pages = 0;
	if (likely(!may_map_more(&f->input)))
		return;
	low = range_start(f);
	high = range_end(f);
	/* The 64 KiB of do_fault_around(), and one more page on both sides. */
	start = max(ALIGN_DOWN(f->address, SZ_64K), low);
	high = min(high, start + SZ_64K + PAGE_SIZE);
	w->start = start > low ? start - PAGE_SIZE : start;
	w->pages = (high - w->start) >> PAGE_SHIFT;
	vmtrace_ptwalk_window(f->mm, w);
}

/*
 * The new pages of the window. If a page at one end is new, the fault mapped a whole folio, so what
 * is mapped of that folio beyond the window is counted, too. The window was chosen at the first
 * attempt; the mapping may have become smaller than it since.
 */
static unsigned int new_in_window(const struct vmtrace_fault *f)
{
	struct vmtrace_faultaround_window now = f->window;
	unsigned long first = now.start, last = first + (now.pages - 1) * PAGE_SIZE;
	unsigned int sum;
	u32 added;

	vmtrace_ptwalk_window(f->mm, &now);
	added = now.present & ~f->window.present;
	sum = hweight32(added);
	if (added & BIT(0))
		sum += vmtrace_ptwalk_folio(f->mm, first, range_start(f), first + PAGE_SIZE) - 1;
	if (added & BIT(now.pages - 1))
		sum += vmtrace_ptwalk_folio(f->mm, last, last, range_end(f)) - 1;
	return sum;
}

/* Is the page part of a large folio? If not, the fault mapped one page. */
static bool is_large(const struct vmtrace_entry *e)
{
	return !(e->bits & VMTRACE_ENTRY_SPECIAL) && PageCompound(pfn_to_page(e->pfn));
}

static unsigned int pages(const struct vmtrace_fault *f)
{
	const struct vmtrace_entry *before = &f->input.before, *after = &f->input.after;
	bool was_present = before->kind == VMTRACE_ENTRY_PRESENT;

	if (after->kind != VMTRACE_ENTRY_PRESENT || (was_present && before->pfn == after->pfn))
		return 0;
	if (f->input.vma & VMTRACE_VMA_HUGETLB)
		return f->hugetlb_pages;
	/* khugepaged has collapsed base pages meanwhile. */
	if (was_present && after->level > before->level)
		return 0;
	if (after->level == 2)
		return PMD_SIZE / PAGE_SIZE;
	if (after->level > 2)
		return PUD_SIZE / PAGE_SIZE;
	if (was_present)
		return 1;
	if (f->window.pages)
		return new_in_window(f);
	if (likely(!is_large(after)))
		return 1;
	return vmtrace_ptwalk_folio(f->mm, f->address & PAGE_MASK, range_start(f), range_end(f));
}

static unsigned int tables(const struct vmtrace_class_input *facts)
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

void vmtrace_pages_mapped_end(const struct vmtrace_fault *f, struct vmtrace_sample *m)
{
	m->pages = pages(f);
	m->tables = tables(&f->input);
}
