/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ptwalk.h - read page tables
 *
 * Disabled interrupts keep a table from being freed while it is read, as in gup_fast() (mm/gup.c):
 * the kernel frees a table only after every CPU that uses the mm has taken an interrupt, or after
 * an RCU grace period. So the mm must be that of current, or the caller holds its mmap lock or the
 * VMA lock.
 */
#ifndef VMTRACE_MM_PTWALK_H
#define VMTRACE_MM_PTWALK_H

#include <linux/jump_label.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "core/classify.h"

/* Levels of Linux's page tables. A machine with fewer folds some of them into the level above. */
#define VMTRACE_LEVELS 5

/* What the walk met at a level. */
enum vmtrace_step_kind {
	VMTRACE_STEP_ABSENT, /* the walk ended above */
	VMTRACE_STEP_FOLDED, /* this machine has no such level */
	VMTRACE_STEP_TABLE,  /* a pointer to the table of the next level */
	VMTRACE_STEP_END,    /* the entry where the walk ended */
};

/**
 * struct vmtrace_step - what the walk met at one level
 * @raw: the entry as the CPU sees it
 * @index: its place in its table
 * @kind: enum vmtrace_step_kind
 */
struct vmtrace_step {
	u64 raw;
	u16 index;
	u8 kind;
};

/**
 * struct vmtrace_path - all levels of one address
 * @end: the entry where the walk ended; never at a folded level
 * @levels: how many levels this machine has
 * @steps: [0] pte, [1] pmd, [2] pud, [3] p4d, [4] pgd
 */
struct vmtrace_path {
	struct vmtrace_entry end;
	u8 levels;
	struct vmtrace_step steps[VMTRACE_LEVELS];
};

/**
 * struct vmtrace_pte_pos - position of an address in the page tables
 * @pmdp: the pmd of the address
 * @pmd: value of *@pmdp when it was looked up
 * @ptep: the pte of the address
 */
struct vmtrace_pte_pos {
	const pmd_t *pmdp;
	pmd_t pmd;
	const pte_t *ptep;
};

/**
 * struct vmtrace_faultaround_window - which pages around a fault are mapped
 * @start: address of the first page
 * @pages: number of pages, at most 32; 0 if they have not been read
 * @present: bit n is set if page n is mapped
 */
struct vmtrace_faultaround_window {
	unsigned long start;
	unsigned int pages;
	u32 present;
};

/**
 * vmtrace_ptwalk() - read the page-table entry of an address
 * @mm: whose tables; see above
 * @address: in user space
 * @e: filled in
 *
 * Context: interrupts off. Does not touch user memory and cannot fault.
 */
void vmtrace_ptwalk(struct mm_struct *mm, unsigned long address, struct vmtrace_entry *e);

/*
 * The fast path has inline versions of this walk. vmtrace_ptwalk_pos() fills in *@pos, and *@pte
 * with the entry of the lowest level; false if the walk ends at a higher level, or if the machine
 * needs vmtrace_ptwalk(). vmtrace_ptwalk_reread() reads that entry again; false if the table has
 * been replaced. In between, the caller holds the VMA lock or the mmap lock, so that the table of
 * pmds is not freed.
 */
#ifdef CONFIG_X86_64
/* PTE_PFN_MASK in a variable: computing it takes two loads and an AND. */
extern u64 vmtrace_ptwalk_mask;
/* The machine has five levels, or is a Xen PV guest, whose entries hold machine frame numbers. */
DECLARE_STATIC_KEY_FALSE(vmtrace_ptwalk_l5_or_xen);
/* An entry maps the shared zero page if it equals vmtrace_ptwalk_zero in the bits of the mask. */
extern u64 vmtrace_ptwalk_zero_mask, vmtrace_ptwalk_zero;

/*
 * The kernel's helpers test for none, present and leaf one after the other, and make a paravirt
 * call for the value of an entry. One test is enough, except for Xen PV guests.
 */
static __always_inline bool vmtrace_is_table(u64 entry)
{
	/* Subtraction inverts bit 0: neither bit is set iff the entry is present and no leaf. */
	BUILD_BUG_ON(_PAGE_PRESENT != 1);
	return !((entry - _PAGE_PRESENT) & (_PAGE_PRESENT | _PAGE_PSE));
}

/* The entry for @address in the table that @entry points to; @shift of its level. */
static __always_inline const u64 *vmtrace_entry_of(u64 entry, unsigned long address,
						   unsigned int shift)
{
	return __va(entry & vmtrace_ptwalk_mask) +
	       (address >> (shift - 3) & (PTRS_PER_PTE - 1) * sizeof(u64));
}

/* READ_ONCE() for which the compiler can use an indexed address. */
static __always_inline u64 vmtrace_read_entry(const u64 *at)
{
	u64 entry;

	asm volatile("mov %1, %0" : "=r"(entry) : "m"(*at));
	return entry;
}

static __always_inline bool vmtrace_ptwalk_pmd(struct mm_struct *mm, unsigned long address,
					       const pmd_t **pmdp)
{
	const u64 *top = (const u64 *)mm->pgd;
	u64 entry;

	/* Levels above the pud have no leaves. */
	if (static_branch_unlikely(&vmtrace_ptwalk_l5_or_xen)) {
		if (cpu_feature_enabled(X86_FEATURE_XENPV))
			return false;
		entry = vmtrace_read_entry(top + (address >> 48 & (PTRS_PER_PGD - 1)));
		if (unlikely(!(entry & _PAGE_PRESENT)))
			return false;
		top = __va(entry & vmtrace_ptwalk_mask);
	}
	entry = vmtrace_read_entry(top + (address >> P4D_SHIFT & (PTRS_PER_PGD - 1)));
	if (unlikely(!(entry & _PAGE_PRESENT)))
		return false;
	entry = vmtrace_read_entry(vmtrace_entry_of(entry, address, PUD_SHIFT));
	if (unlikely(!vmtrace_is_table(entry)))
		return false;
	*pmdp = (const pmd_t *)vmtrace_entry_of(entry, address, PMD_SHIFT);
	return true;
}

static __always_inline bool vmtrace_ptwalk_table(pmd_t pmd)
{
	return vmtrace_is_table(pmd.pmd);
}

static __always_inline const pte_t *vmtrace_ptwalk_ptep(pmd_t pmd, unsigned long address)
{
	return (const pte_t *)vmtrace_entry_of(pmd.pmd, address, PAGE_SHIFT);
}

/* A present page that is not special. PROT_NONE and NUMA hints do not have _PAGE_PRESENT. */
static __always_inline bool vmtrace_is_page(pte_t pte)
{
	return !((pte.pte - _PAGE_PRESENT) & (_PAGE_PRESENT | _PAGE_SPECIAL));
}

static __always_inline bool vmtrace_is_zero_page(pte_t pte)
{
	return (pte.pte & vmtrace_ptwalk_zero_mask) == vmtrace_ptwalk_zero;
}

static __always_inline struct page *vmtrace_page_of(pte_t pte)
{
	return pfn_to_page((pte.pte & vmtrace_ptwalk_mask) >> PAGE_SHIFT);
}

static __always_inline bool vmtrace_is_same_page(pte_t a, pte_t b)
{
	return !((a.pte ^ b.pte) & vmtrace_ptwalk_mask);
}

static __always_inline bool vmtrace_is_same_pmd(pmd_t a, pmd_t b)
{
	return a.pmd == b.pmd;
}
#else
static __always_inline bool vmtrace_ptwalk_pmd(struct mm_struct *mm, unsigned long address,
					       const pmd_t **pmdp)
{
	pgd_t *pgdp = pgd_offset(mm, address), pgd = READ_ONCE(*pgdp);
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;

	if (unlikely(pgd_none(pgd)))
		return false;
	p4dp = p4d_offset_lockless(pgdp, pgd, address);
	p4d = READ_ONCE(*p4dp);
	if (unlikely(!p4d_present(p4d)))
		return false;
	pudp = pud_offset_lockless(p4dp, p4d, address);
	pud = READ_ONCE(*pudp);
	if (unlikely(!pud_present(pud) || pud_leaf(pud)))
		return false;
	*pmdp = pmd_offset_lockless(pudp, pud, address);
	return true;
}

static __always_inline bool vmtrace_ptwalk_table(pmd_t pmd)
{
	return pmd_present(pmd) && !pmd_leaf(pmd);
}

static __always_inline const pte_t *vmtrace_ptwalk_ptep(pmd_t pmd, unsigned long address)
{
	return pte_offset_kernel(&pmd, address);
}

/* A present page that is not special. pte_present() is true of PROT_NONE and NUMA hints, too. */
static __always_inline bool vmtrace_is_page(pte_t pte)
{
	return pte_present(pte) && !pte_special(pte) && !pte_protnone(pte);
}

static __always_inline bool vmtrace_is_zero_page(pte_t pte)
{
	return pte_present(pte) && is_zero_pfn(pte_pfn(pte));
}

static __always_inline struct page *vmtrace_page_of(pte_t pte)
{
	return pte_page(pte);
}

static __always_inline bool vmtrace_is_same_page(pte_t a, pte_t b)
{
	return pte_pfn(a) == pte_pfn(b);
}

static __always_inline bool vmtrace_is_same_pmd(pmd_t a, pmd_t b)
{
	return pmd_val(a) == pmd_val(b);
}
#endif

static __always_inline bool vmtrace_ptwalk_pos(struct mm_struct *mm, unsigned long address,
					       struct vmtrace_pte_pos *pos, pte_t *pte)
{
	const pmd_t *pmdp;
	pmd_t pmd;

	if (unlikely(!vmtrace_ptwalk_pmd(mm, address, &pmdp)))
		return false;
	/* Stored at once, so that the compiler does not keep it in a register. */
	WRITE_ONCE(pos->pmdp, pmdp);
	pmd = READ_ONCE(*pmdp);
	if (unlikely(!vmtrace_ptwalk_table(pmd)))
		return false;
	pos->pmd = pmd;
	pos->ptep = vmtrace_ptwalk_ptep(pmd, address);
	*pte = READ_ONCE(*pos->ptep);
	return true;
}

static __always_inline bool vmtrace_ptwalk_reread(const struct vmtrace_pte_pos *pos, pte_t *pte)
{
	/* With interrupts off, a table that is still in place is not freed. */
	if (unlikely(!vmtrace_is_same_pmd(READ_ONCE(*pos->pmdp), pos->pmd)))
		return false;
	*pte = READ_ONCE(*pos->ptep);
	return true;
}

/* Decode a pte. Any context. */
void vmtrace_entry_from_pte(struct vmtrace_entry *e, pte_t pte);

/**
 * vmtrace_ptwalk_path() - read the entries of all levels for an address
 * @mm: whose tables
 * @address: in user space
 * @path: filled in
 *
 * Context: interrupts off.
 */
void vmtrace_ptwalk_path(struct mm_struct *mm, unsigned long address, struct vmtrace_path *path);

/**
 * vmtrace_ptwalk_window() - find which pages of a range are mapped
 * @mm: whose tables
 * @w: @start and @pages give the range, which is in one table of the lowest level; @present is
 *	filled in
 *
 * Context: interrupts off.
 */
void vmtrace_ptwalk_window(struct mm_struct *mm, struct vmtrace_faultaround_window *w);

/**
 * vmtrace_ptwalk_folio() - count the pages of a folio that are mapped around an address
 * @mm: whose tables
 * @address: of one of its pages, which is mapped
 * @low: first address of the range to read, in the same table of the lowest level
 * @high: the first address after the range, in the same table or at its end
 *
 * Context: interrupts off.
 * Return: number of pages around @address, that one included, that are mapped in the order of the
 *	folio; 1 if the folio is not large or @address is not in the range.
 */
unsigned int vmtrace_ptwalk_folio(struct mm_struct *mm, unsigned long address, unsigned long low,
				  unsigned long high);

/**
 * typedef vmtrace_visit - callback for page-table entries
 * @e: an entry
 * @pages: pages that it covers; all empty entries of a table are reported in one call
 * @data: of the caller
 *
 * Context: interrupts off.
 */
typedef void vmtrace_visit(const struct vmtrace_entry *e, unsigned long pages, void *data);

/**
 * vmtrace_ptwalk_range() - visit the page-table entries at the start of a range
 * @mm: whose tables; the mmap lock is held
 * @start: of the range, in a mapping
 * @end: of the range, in the same mapping
 * @visit: called for the entries
 * @data: its argument
 *
 * Visits up to 512 entries of one table, or one entry of a higher level, with interrupts off.
 * Unlike vmtrace_ptwalk() this does not see entries that the kernel clears to replace them.
 *
 * Context: any; does not sleep.
 * Return: the address at which to continue; @start if nothing was visited, since the page-table
 *	lock was taken or the pmd changed.
 */
unsigned long vmtrace_ptwalk_range(struct mm_struct *mm, unsigned long start, unsigned long end,
				   vmtrace_visit *visit, void *data);

/* Call before any other function of this file. */
int vmtrace_ptwalk_init(void);

#endif /* VMTRACE_MM_PTWALK_H */
