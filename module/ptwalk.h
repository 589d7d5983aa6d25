/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ptwalk.h - read page tables
 *
 * Interrupts off are what keeps a table from being freed while it is read, as in
 * gup_fast() (mm/gup.c): whoever frees one waits for an interrupt to be taken, or for
 * RCU, on every CPU that uses the mm. So the mm must be current's, or the caller
 * must hold its mmap lock or the lock of the vma.
 */
#ifndef VMTRACE_PTWALK_H
#define VMTRACE_PTWALK_H

#include <linux/jump_label.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "classify.h"
#include "fault.h"

/* As many as Linux has; a machine with fewer folds some into the level above. */
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
 * vmtrace_ptwalk() - the page-table entry of an address
 * @mm: whose tables; see above
 * @address: in user space
 * @e: filled in
 *
 * Context: interrupts off. Does not touch user memory and cannot fault.
 */
void vmtrace_ptwalk(struct mm_struct *mm, unsigned long address, struct vmtrace_entry *e);

/*
 * The same for the hook, inline. vmtrace_ptwalk_spot(): fills in what *@spot has of an address,
 * but for @pte, and *@pte with what the lowest table has there; false if the walk ends above it,
 * or is not possible this way. vmtrace_ptwalk_again(): *@pte as it is now; false if the table may
 * be another one. Who holds the lock of the vma may keep a spot until then: no table of pmds
 * that it uses goes before that.
 */
#ifdef CONFIG_X86_64
/* PTE_PFN_MASK, which takes two loads and an and. */
extern u64 vmtrace_ptwalk_mask;
/* There are five levels; or it is Xen, which has other numbers in its entries. */
DECLARE_STATIC_KEY_FALSE(vmtrace_ptwalk_is_other);
/* The same mask and _PAGE_PRESENT: what an entry of the shared zero page has of these. */
extern u64 vmtrace_ptwalk_zero_mask, vmtrace_ptwalk_zero;

/*
 * The kernel's macros ask for none, present and leaf one after the other, and of a hypervisor
 * what an entry says. One test does for all, unless it is Xen that has other numbers in it.
 */
static __always_inline bool vmtrace_is_table(u64 entry)
{
	/* Less one, it has none of the two if it had the lowest alone. */
	BUILD_BUG_ON(_PAGE_PRESENT != 1);
	return !((entry - _PAGE_PRESENT) & (_PAGE_PRESENT | _PAGE_PSE));
}

/* What the table that @entry points to has for an address of that @shift. */
static __always_inline const u64 *vmtrace_entry_of(u64 entry, unsigned long address,
						   unsigned int shift)
{
	return __va(entry & vmtrace_ptwalk_mask) +
	       (address >> (shift - 3) & (PTRS_PER_PTE - 1) * sizeof(u64));
}

/* READ_ONCE(), of which the compiler would not make an index of. */
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

	/* No leaf is above a pud. */
	if (static_branch_unlikely(&vmtrace_ptwalk_is_other)) {
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

/* A page that is one: no special one, and none that nobody may access. */
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

/* A page that is one: no special one, and none that nobody may access. */
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

static __always_inline bool vmtrace_ptwalk_spot(struct mm_struct *mm, unsigned long address,
						struct vmtrace_spot *spot, pte_t *pte)
{
	const pmd_t *pmdp;
	pmd_t pmd;

	if (unlikely(!vmtrace_ptwalk_pmd(mm, address, &pmdp)))
		return false;
	/* At once, and so that its register is free. */
	WRITE_ONCE(spot->pmdp, pmdp);
	pmd = READ_ONCE(*pmdp);
	if (unlikely(!vmtrace_ptwalk_table(pmd)))
		return false;
	spot->pmd = pmd;
	spot->ptep = vmtrace_ptwalk_ptep(pmd, address);
	*pte = READ_ONCE(*spot->ptep);
	return true;
}

static __always_inline bool vmtrace_ptwalk_again(const struct vmtrace_spot *spot, pte_t *pte)
{
	/* With interrupts off, a table that is there stays: see above. */
	if (unlikely(!vmtrace_is_same_pmd(READ_ONCE(*spot->pmdp), spot->pmd)))
		return false;
	*pte = READ_ONCE(*spot->ptep);
	return true;
}

/* What a pte says. Any context. */
void vmtrace_ptwalk_read(struct vmtrace_entry *e, pte_t pte);

/**
 * vmtrace_ptwalk_path() - the same walk, with what it met on its way
 * @mm: whose tables
 * @address: in user space
 * @path: filled in
 *
 * Context: as vmtrace_ptwalk().
 */
void vmtrace_ptwalk_path(struct mm_struct *mm, unsigned long address, struct vmtrace_path *path);

/**
 * vmtrace_ptwalk_window() - which pages of a range are mapped
 * @mm: whose tables
 * @w: start and pages say which range, all in one table of the lowest level; present
 *	is filled in
 *
 * Context: as vmtrace_ptwalk().
 */
void vmtrace_ptwalk_window(struct mm_struct *mm, struct vmtrace_window *w);

/**
 * vmtrace_ptwalk_folio() - how much of a folio is mapped around an address
 * @mm: whose tables
 * @address: where one of its pages is mapped
 * @low: from where on, in the same table of the lowest level
 * @high: up to where, likewise
 *
 * Context: as vmtrace_ptwalk().
 * Return: pages, that of @address among them, that are mapped side by side as in the
 *	folio; 1 if it is not a large one.
 */
unsigned int vmtrace_ptwalk_folio(struct mm_struct *mm, unsigned long address, unsigned long low,
				  unsigned long high);

/**
 * typedef vmtrace_visit - told what the page tables hold
 * @e: an entry
 * @pages: how many pages it says that of; empty entries of a table come together
 * @data: the caller's
 *
 * Context: interrupts off, a page-table lock held.
 */
typedef void vmtrace_visit(const struct vmtrace_entry *e, unsigned long pages, void *data);

/**
 * vmtrace_ptwalk_range() - the page-table entries of a range, a piece of it at a time
 * @mm: whose tables; the mmap lock is held
 * @start: of the range, in a mapping
 * @end: of the range, in the same mapping
 * @visit: called for the entries of the piece
 * @data: for @visit
 *
 * A piece is what one lock protects, or what one empty entry covers, however
 * large. Unlike vmtrace_ptwalk() it sees no entry that is only being changed.
 *
 * Context: any that may wait; does not sleep. Up to 512 entries with interrupts off.
 * Return: where to go on; @start if somebody else had the lock: then nothing was visited.
 */
unsigned long vmtrace_ptwalk_range(struct mm_struct *mm, unsigned long start, unsigned long end,
				   vmtrace_visit *visit, void *data);

/* Before the hook is there. */
void vmtrace_ptwalk_init(void);

#endif /* VMTRACE_PTWALK_H */
