// SPDX-License-Identifier: GPL-2.0
/* ptwalk.c - read page tables without a lock; see ptwalk.h */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "compat.h"
#include "ptwalk.h"

static void end(struct vmtrace_entry *e, unsigned int level, enum vmtrace_entry_kind kind)
{
	e->pfn = 0;
	e->kind = kind;
	e->level = level;
	e->bits = 0;
}

/* A present leaf. x86 and arm64 have the bits of huge ones where a pte has them. */
static void end_present(struct vmtrace_entry *e, unsigned int level, pte_t pte, unsigned long pfn)
{
	e->pfn = pfn;
	e->kind = VMTRACE_ENTRY_PRESENT;
	e->level = level;
	e->bits = (pte_write(pte) ? VMTRACE_ENTRY_WRITE : 0) |
		  (pte_young(pte) ? VMTRACE_ENTRY_YOUNG : 0) |
		  (pte_dirty(pte) ? VMTRACE_ENTRY_DIRTY : 0) |
		  (level == 1 && is_zero_pfn(pfn) ? VMTRACE_ENTRY_ZERO : 0) |
		  (pte_protnone(pte) ? VMTRACE_ENTRY_PROTNONE : 0) |
		  (pte_uffd_wp(pte) ? VMTRACE_ENTRY_WP : 0);
}

static void read_pte(pmd_t pmd, unsigned long address, struct vmtrace_entry *e)
{
	pte_t pte = READ_ONCE(*pte_offset_kernel(&pmd, address));

	if (pte_none(pte))
		end(e, 1, VMTRACE_ENTRY_NONE);
	else if (pte_present(pte))
		end_present(e, 1, pte, pte_pfn(pte));
	else
		end(e, 1, vmtrace_entry_kind(pte));
}

static void read_pmd(pmd_t pmd, unsigned long address, struct vmtrace_entry *e)
{
	if (pmd_none(pmd))
		end(e, 2, VMTRACE_ENTRY_NONE);
	else if (!pmd_present(pmd))
		end(e, 2, vmtrace_entry_kind_pmd(pmd));
	else if (pmd_leaf(pmd))
		end_present(e, 2, __pte(pmd_val(pmd)),
			    pmd_pfn(pmd) + ((address & ~PMD_MASK) >> PAGE_SHIFT));
	else
		read_pte(pmd, address, e);
}

void vmtrace_ptwalk(struct mm_struct *mm, unsigned long address, struct vmtrace_entry *e)
{
	pgd_t *pgdp, pgd;
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;

	lockdep_assert_irqs_disabled();
	pgdp = pgd_offset(mm, address);
	pgd = READ_ONCE(*pgdp);
	if (pgd_none(pgd))
		return end(e, 5, VMTRACE_ENTRY_NONE);
	p4dp = p4d_offset_lockless(pgdp, pgd, address);
	p4d = READ_ONCE(*p4dp);
	if (!p4d_present(p4d))
		return end(e, 4, VMTRACE_ENTRY_NONE);
	pudp = pud_offset_lockless(p4dp, p4d, address);
	pud = READ_ONCE(*pudp);
	if (!pud_present(pud))
		return end(e, 3, VMTRACE_ENTRY_NONE);
	if (pud_leaf(pud))
		return end_present(e, 3, __pte(pud_val(pud)),
				   pud_pfn(pud) + ((address & ~PUD_MASK) >> PAGE_SHIFT));
	read_pmd(READ_ONCE(*pmd_offset_lockless(pudp, pud, address)), address, e);
}
