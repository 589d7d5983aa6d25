// SPDX-License-Identifier: GPL-2.0
/* pte_decode.c - decode page-table entries and struct page; see pte_decode.h */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pgtable.h>

#include "compat.h"
#include "mm/pte_decode.h"

static_assert(VMTRACE_WALK_KIND_NONE == (int)VMTRACE_ENTRY_NONE);
static_assert(VMTRACE_WALK_KIND_UNKNOWN == (int)VMTRACE_ENTRY_UNKNOWN);

#define FLAG(symbol, is) ((is) ? BIT(VMTRACE_WALK_FLAG_##symbol) : 0)

/*
 * Flags that no helper of both architectures returns. On x86 an entry that points to a table has
 * the bits of one that maps a page. On arm64 it has only UXN and AF: the leaf decides about access.
 */
#ifdef CONFIG_X86
static unsigned int hardware_flags(pte_t pte, bool table)
{
	pteval_t v = pte_flags(pte);
	bool valid = v & _PAGE_PRESENT;

	return FLAG(VALID, valid) | FLAG(USER, v & _PAGE_USER) | FLAG(NX, v & _PAGE_NX) |
	       FLAG(WRITE, table && v & _PAGE_RW) | FLAG(ACCESSED, table && v & _PAGE_ACCESSED) |
	       FLAG(GLOBAL, !table && valid && v & _PAGE_GLOBAL);
}

bool vmtrace_cpu_sets_dirty(void)
{
	return true;
}
#else
static unsigned int hardware_flags(pte_t pte, bool table)
{
	pteval_t v = pte_val(pte);
	bool valid = v & PTE_VALID;

	if (table)
		return FLAG(VALID, valid) | FLAG(NX, v & PMD_TABLE_UXN) |
		       FLAG(ACCESSED, v & PTE_AF);
	return FLAG(VALID, valid) | FLAG(USER, v & PTE_USER) | FLAG(NX, v & PTE_UXN) |
	       FLAG(GLOBAL, valid && !(v & PTE_NG)) | FLAG(CONTIGUOUS, v & PTE_CONT);
}

bool vmtrace_cpu_sets_dirty(void)
{
	return this_cpu_has_cap(ARM64_HW_DBM);
}
#endif

bool vmtrace_cpu_sets_accessed(void)
{
	return arch_has_hw_pte_young();
}

static unsigned int page_flags(pte_t pte, unsigned int level)
{
	return hardware_flags(pte, false) | FLAG(WRITE, pte_write(pte)) |
	       FLAG(ACCESSED, pte_young(pte)) | FLAG(DIRTY, pte_dirty(pte)) |
	       FLAG(SPECIAL, level == 1 && pte_special(pte)) | FLAG(PROTNONE, pte_protnone(pte)) |
	       FLAG(SOFT_DIRTY, pte_soft_dirty(pte)) | FLAG(UFFD_WP, vmtrace_pte_uffd(pte));
}

static void decode_end(const struct vmtrace_entry *e, pte_t pte, struct vmtrace_pte_decoded *d)
{
	d->kind = e->kind;
	if (e->kind == VMTRACE_ENTRY_PRESENT) {
		if (e->level > 1)
			d->kind = VMTRACE_WALK_KIND_HUGE;
		d->flags = page_flags(pte, e->level);
		d->pfn = e->pfn;
	} else if (e->kind == VMTRACE_ENTRY_SWAP && e->level == 1) {
		swp_entry_t entry = vmtrace_swap_entry(pte);

		d->flags = FLAG(SOFT_DIRTY, pte_swp_soft_dirty(pte)) |
			   FLAG(UFFD_WP, vmtrace_pte_swp_uffd(pte)) |
			   FLAG(EXCLUSIVE, pte_swp_exclusive(pte));
		d->swap_type = swp_type(entry);
		d->swap_offset = swp_offset(entry);
	}
}

void vmtrace_pte_decode(const struct vmtrace_path *path, unsigned int level,
			struct vmtrace_pte_decoded *d)
{
	const struct vmtrace_step *step = &path->steps[level - 1];
	pte_t pte = __pte(step->raw);

	*d = (struct vmtrace_pte_decoded){ .kind = VMTRACE_WALK_KIND_ABSENT };
	switch (step->kind) {
	case VMTRACE_STEP_ABSENT:
		break;
	case VMTRACE_STEP_FOLDED:
		d->kind = VMTRACE_WALK_KIND_FOLDED;
		break;
	case VMTRACE_STEP_TABLE:
		d->kind = VMTRACE_WALK_KIND_TABLE;
		d->flags = hardware_flags(pte, true);
		d->pfn = pte_pfn(pte);
		break;
	case VMTRACE_STEP_END:
		decode_end(&path->end, pte, d);
		break;
	}
}

/* Since 6.18 page->flags is a struct of one word. */
static unsigned long flags_of(const struct page *page)
{
	return READ_ONCE(*(const unsigned long *)&page->flags);
}

#define PAGE_FLAG(symbol, is) ((is) ? BIT(VMTRACE_WALK_PAGE_FLAG_##symbol) : 0)

static void read_folio(struct page *page, bool hugetlb, struct vmtrace_page *p)
{
	struct folio *folio = page_folio(page);
	unsigned long flags = flags_of(&folio->page);
	bool swapbacked = flags & BIT(PG_swapbacked);
	bool anon = folio_test_anon(folio);
	bool exclusive = flags_of(hugetlb ? &folio->page : page) & BIT(PG_anon_exclusive);

	p->pages = 1U << compound_order(&folio->page);
	p->mapcount = vmtrace_page_mapcount(page, folio, hugetlb);
	p->refcount = folio_ref_count(folio);
	p->flags = PAGE_FLAG(EXCLUSIVE, anon && exclusive) |
		   PAGE_FLAG(LOCKED, flags & BIT(PG_locked)) |
		   PAGE_FLAG(DIRTY, flags & BIT(PG_dirty)) | PAGE_FLAG(LRU, flags & BIT(PG_lru)) |
		   PAGE_FLAG(ACTIVE, flags & BIT(PG_active)) |
		   PAGE_FLAG(WRITEBACK, flags & BIT(PG_writeback)) |
		   PAGE_FLAG(SWAPCACHE, swapbacked && flags & BIT(PG_swapcache)) |
		   PAGE_FLAG(SWAPBACKED, swapbacked) |
		   PAGE_FLAG(UNEVICTABLE, flags & BIT(PG_unevictable)) |
		   PAGE_FLAG(MLOCKED, flags & BIT(PG_mlocked));
	if (hugetlb)
		p->kind = VMTRACE_WALK_PAGE_HUGETLB;
	else if (folio_test_ksm(folio))
		p->kind = VMTRACE_WALK_PAGE_KSM;
	else if (anon)
		p->kind = VMTRACE_WALK_PAGE_ANON;
	else if (!READ_ONCE(folio->mapping))
		p->kind = VMTRACE_WALK_PAGE_SPECIAL;
	else
		p->kind = swapbacked ? VMTRACE_WALK_PAGE_SHMEM : VMTRACE_WALK_PAGE_FILE;
}

void vmtrace_page_read(const struct vm_area_struct *vma, const struct vmtrace_path *path,
		       struct vmtrace_page *p)
{
	const struct vmtrace_entry *e = &path->end;

	lockdep_assert_irqs_disabled();
	*p = (struct vmtrace_page){ .kind = VMTRACE_WALK_PAGE_NONE };
	if (e->kind != VMTRACE_ENTRY_PRESENT)
		return;
	if (e->bits & VMTRACE_ENTRY_ZERO) {
		p->kind = VMTRACE_WALK_PAGE_ZERO;
		return;
	}
	p->kind = VMTRACE_WALK_PAGE_SPECIAL;
	if (vma->vm_flags & VM_PFNMAP || !pfn_valid(e->pfn) ||
	    (e->level == 1 && pte_special(__pte(path->steps[0].raw))))
		return;
	read_folio(pfn_to_page(e->pfn), is_vm_hugetlb_page((struct vm_area_struct *)vma), p);
	/* In an anonymous mapping, a huge page that is not anonymous is the huge zero page. */
	if (!vma->vm_ops && e->level > 1 && p->kind == VMTRACE_WALK_PAGE_SPECIAL)
		*p = (struct vmtrace_page){ .kind = VMTRACE_WALK_PAGE_ZERO };
}
