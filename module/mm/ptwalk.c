// SPDX-License-Identifier: GPL-2.0
/* ptwalk.c - read page tables; see ptwalk.h */
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "compat.h"
#include "mm/ptwalk.h"

#ifdef CONFIG_X86_64
u64 vmtrace_ptwalk_mask __ro_after_init;
u64 vmtrace_ptwalk_zero_mask __ro_after_init;
u64 vmtrace_ptwalk_zero __ro_after_init;
DEFINE_STATIC_KEY_FALSE(vmtrace_ptwalk_l5_or_xen);
#endif

int vmtrace_ptwalk_init(void)
{
#ifdef CONFIG_X86_64
	vmtrace_ptwalk_mask = PTE_PFN_MASK;
	vmtrace_ptwalk_zero_mask = PTE_PFN_MASK | _PAGE_PRESENT;
	vmtrace_ptwalk_zero = PFN_PHYS(page_to_pfn(ZERO_PAGE(0))) | _PAGE_PRESENT;
	if (cpu_feature_enabled(X86_FEATURE_XENPV) || pgtable_l5_enabled())
		static_branch_enable(&vmtrace_ptwalk_l5_or_xen);
#endif
	return 0;
}

static void set_entry(struct vmtrace_entry *e, unsigned int level, enum vmtrace_entry_kind kind)
{
	e->pfn = 0;
	e->kind = kind;
	e->level = level;
	e->bits = 0;
}

/* A present leaf. On x86 and arm64 a huge entry has its bits where a pte has them. */
static void set_present(struct vmtrace_entry *e, unsigned int level, pte_t pte, unsigned long pfn)
{
	e->pfn = pfn;
	e->kind = VMTRACE_ENTRY_PRESENT;
	e->level = level;
	e->bits = (pte_write(pte) ? VMTRACE_ENTRY_WRITE : 0) |
		  (pte_young(pte) ? VMTRACE_ENTRY_YOUNG : 0) |
		  (pte_dirty(pte) ? VMTRACE_ENTRY_DIRTY : 0) |
		  (level == 1 && is_zero_pfn(pfn) ? VMTRACE_ENTRY_ZERO : 0) |
		  (pte_protnone(pte) ? VMTRACE_ENTRY_PROTNONE : 0) |
		  (vmtrace_pte_uffd(pte) ? VMTRACE_ENTRY_WP : 0) |
		  (pte_special(pte) ? VMTRACE_ENTRY_SPECIAL : 0);
}

/* For vmtrace_ptwalk_path(), keep each entry; for the other callers, @path is a constant NULL. */
static __always_inline void record(struct vmtrace_path *path, unsigned int level, u64 raw)
{
	if (path)
		path->steps[level - 1].raw = raw;
}

static __always_inline void set_from_pte(struct vmtrace_entry *e, pte_t pte)
{
	if (pte_none(pte))
		set_entry(e, 1, VMTRACE_ENTRY_NONE);
	else if (pte_present(pte))
		set_present(e, 1, pte, pte_pfn(pte));
	else
		set_entry(e, 1, vmtrace_entry_kind(pte));
}

void vmtrace_entry_from_pte(struct vmtrace_entry *e, pte_t pte)
{
	set_from_pte(e, pte);
}

static __always_inline void read_pmd(pmd_t pmd, unsigned long address, struct vmtrace_entry *e,
				     struct vmtrace_path *path)
{
	pte_t pte;

	record(path, 2, pmd_val(pmd));
	if (vmtrace_ptwalk_table(pmd)) {
		pte = READ_ONCE(*pte_offset_kernel(&pmd, address));
		record(path, 1, pte_val(pte));
		set_from_pte(e, pte);
	} else if (pmd_none(pmd)) {
		set_entry(e, 2, VMTRACE_ENTRY_NONE);
	} else if (!pmd_present(pmd)) {
		set_entry(e, 2, vmtrace_entry_kind_pmd(pmd));
	} else {
		set_present(e, 2, __pte(pmd_val(pmd)),
			    pmd_pfn(pmd) + ((address & ~PMD_MASK) >> PAGE_SHIFT));
	}
}

/* The pmd of @address; NULL if the walk ends above it, and then @e is the entry where it ends. */
static __always_inline pmd_t *find_pmd(struct mm_struct *mm, unsigned long address,
				       struct vmtrace_entry *e, struct vmtrace_path *path)
{
	pgd_t *pgdp, pgd;
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;

	lockdep_assert_irqs_disabled();
	pgdp = pgd_offset(mm, address);
	pgd = READ_ONCE(*pgdp);
	record(path, 5, pgd_val(pgd));
	if (pgd_none(pgd)) {
		set_entry(e, 5, VMTRACE_ENTRY_NONE);
		return NULL;
	}
	p4dp = p4d_offset_lockless(pgdp, pgd, address);
	p4d = READ_ONCE(*p4dp);
	record(path, 4, p4d_val(p4d));
	if (!p4d_present(p4d)) {
		set_entry(e, 4, VMTRACE_ENTRY_NONE);
		return NULL;
	}
	pudp = pud_offset_lockless(p4dp, p4d, address);
	pud = READ_ONCE(*pudp);
	record(path, 3, pud_val(pud));
	if (pud_none(pud)) {
		set_entry(e, 3, VMTRACE_ENTRY_NONE);
		return NULL;
	}
	if (!pud_present(pud)) {
		/* A swap entry of hugetlbfs has the format of a pte at every level. */
		set_entry(e, 3, vmtrace_entry_kind(__pte(pud_val(pud))));
		return NULL;
	}
	if (pud_leaf(pud)) {
		set_present(e, 3, __pte(pud_val(pud)),
			    pud_pfn(pud) + ((address & ~PUD_MASK) >> PAGE_SHIFT));
		return NULL;
	}
	return pmd_offset_lockless(pudp, pud, address);
}

static __always_inline void walk(struct mm_struct *mm, unsigned long address,
				 struct vmtrace_entry *e, struct vmtrace_path *path)
{
	pmd_t *pmdp = find_pmd(mm, address, e, path);

	if (pmdp)
		read_pmd(READ_ONCE(*pmdp), address, e, path);
}

/* Try the inline walk first. It fails above the lowest level, and in Xen PV guests. */
void vmtrace_ptwalk(struct mm_struct *mm, unsigned long address, struct vmtrace_entry *e)
{
	struct vmtrace_pte_pos pos;
	pte_t pte;

	lockdep_assert_irqs_disabled();
	if (likely(vmtrace_ptwalk_pos(mm, address, &pos, &pte)))
		set_from_pte(e, pte);
	else
		walk(mm, address, e, NULL);
}

/* The pte of @address; NULL if there is no table of the lowest level. */
static const pte_t *find_pte(struct mm_struct *mm, unsigned long address)
{
	struct vmtrace_entry e;
	const pmd_t *pmdp;
	pmd_t pmd;

	lockdep_assert_irqs_disabled();
	if (!vmtrace_ptwalk_pmd(mm, address, &pmdp))
		pmdp = find_pmd(mm, address, &e, NULL);
	if (!pmdp)
		return NULL;
	pmd = READ_ONCE(*pmdp);
	return vmtrace_ptwalk_table(pmd) ? pte_offset_kernel(&pmd, address) : NULL;
}

void vmtrace_ptwalk_window(struct mm_struct *mm, struct vmtrace_faultaround_window *w)
{
	const pte_t *ptep = find_pte(mm, w->start);
	unsigned int i;

	w->present = 0;
	for (i = 0; ptep && i < w->pages; i++)
		if (pte_present(READ_ONCE(ptep[i])))
			w->present |= BIT(i);
}

static bool maps(const pte_t *ptep, unsigned long pfn)
{
	pte_t pte = READ_ONCE(*ptep);

	return pte_present(pte) && pte_pfn(pte) == pfn;
}

unsigned int vmtrace_ptwalk_folio(struct mm_struct *mm, unsigned long address, unsigned long low,
				  unsigned long high)
{
	unsigned long first, last, below, above, pfn, n;
	const pte_t *ptep = find_pte(mm, address);
	struct folio *folio;
	pte_t pte;

	if (!ptep || address < low || address >= high)
		return 1;
	pte = READ_ONCE(*ptep);
	if (!pte_present(pte) || pte_special(pte))
		return 1;
	pfn = pte_pfn(pte);
	if (!PageCompound(pfn_to_page(pfn)))
		return 1;
	/* The folio may be freed or split: check first and last, and stop at @low and @high. */
	folio = page_folio(pfn_to_page(pfn));
	first = folio_pfn(folio);
	last = first + folio_nr_pages(folio) - 1;
	if (pfn < first || pfn > last)
		return 1;
	below = min(pfn - first, (address - low) >> PAGE_SHIFT);
	above = min(last - pfn, ((high - address) >> PAGE_SHIFT) - 1);
	for (n = 1; below && maps(ptep - n, pfn - n); n++, below--)
		;
	below = n - 1;
	for (n = 1; above && maps(ptep + n, pfn + n); n++, above--)
		;
	return below + n;
}

static bool is_folded(struct mm_struct *mm, unsigned int level)
{
	switch (level) {
	case 4:
		return mm_p4d_folded(mm);
	case 3:
		return mm_pud_folded(mm);
	case 2:
		return mm_pmd_folded(mm);
	default:
		return false;
	}
}

static unsigned int index_of(unsigned long address, unsigned int level)
{
	switch (level) {
	case 5:
		return pgd_index(address);
	case 4:
		return (address >> P4D_SHIFT) & (PTRS_PER_P4D - 1);
	case 3:
		return pud_index(address);
	case 2:
		return pmd_index(address);
	default:
		return pte_index(address);
	}
}

/*
 * A folded level has no table: its entry is that of the level above. The index into that table is
 * the one of the upper level on x86, and the one of the folded level on arm64, where folding is
 * decided at boot; the other index is 0.
 */
static void fold(struct vmtrace_path *path, unsigned int level, unsigned int above)
{
	struct vmtrace_step *step = &path->steps[level - 1];
	struct vmtrace_step *to = &path->steps[above - 1];

	to->index |= step->index;
	if (level >= path->end.level)
		to->raw = step->raw;
	if (level == path->end.level)
		path->end.level = above;
	*step = (struct vmtrace_step){ .kind = VMTRACE_STEP_FOLDED };
}

void vmtrace_ptwalk_path(struct mm_struct *mm, unsigned long address, struct vmtrace_path *path)
{
	unsigned int level, above = VMTRACE_LEVELS;

	memset(path, 0, sizeof(*path));
	walk(mm, address, &path->end, path);
	path->levels = VMTRACE_LEVELS;
	for (level = VMTRACE_LEVELS; level; level--) {
		path->steps[level - 1].index = index_of(address, level);
		if (is_folded(mm, level)) {
			fold(path, level, above);
			path->levels--;
		} else {
			above = level;
		}
	}
	for (level = VMTRACE_LEVELS; level >= path->end.level; level--)
		if (path->steps[level - 1].kind != VMTRACE_STEP_FOLDED)
			path->steps[level - 1].kind = level > path->end.level ? VMTRACE_STEP_TABLE :
										VMTRACE_STEP_END;
}

/* The end of what an entry of this level covers, but at most @end. */
static unsigned long entry_end(unsigned int level, unsigned long address, unsigned long end)
{
	switch (level) {
	case 5:
		return pgd_addr_end(address, end);
	case 4:
		return p4d_addr_end(address, end);
	case 3:
		return pud_addr_end(address, end);
	default:
		return pmd_addr_end(address, end);
	}
}

/* Entries that are read with interrupts off: as many as a table of 4 KiB has. */
#define PTES_AT_ONCE 512

static unsigned long visit_ptes(pmd_t pmd, unsigned long address, unsigned long stop,
				vmtrace_visit *visit, void *data)
{
	pte_t *ptep = pte_offset_kernel(&pmd, address);
	struct vmtrace_entry e;
	unsigned long none = 0;

	stop = min(pmd_addr_end(address, stop), address + PTES_AT_ONCE * PAGE_SIZE);
	for (; address != stop; address += PAGE_SIZE, ptep++) {
		pte_t pte = READ_ONCE(*ptep);

		if (pte_none(pte)) {
			none++;
		} else {
			set_from_pte(&e, pte);
			visit(&e, 1, data);
		}
	}
	if (none) {
		set_entry(&e, 1, VMTRACE_ENTRY_NONE);
		visit(&e, none, data);
	}
	return stop;
}

static unsigned long visit_pmd(pmd_t pmd, unsigned long start, unsigned long end,
			       vmtrace_visit *visit, void *data)
{
	struct vmtrace_entry e;
	unsigned long next;

	if (vmtrace_ptwalk_table(pmd))
		return visit_ptes(pmd, start, end, visit, data);
	read_pmd(pmd, start, &e, NULL);
	next = pmd_addr_end(start, end);
	visit(&e, (next - start) >> PAGE_SHIFT, data);
	return next;
}

/*
 * The kernel may clear an entry, sleep or wait for other CPUs, and set the entry again, all under
 * the lock of the table. So read the entries under that lock. Its holder may wait for this CPU to
 * take an interrupt, so do not wait for the lock.
 */
static unsigned long try_pmd(spinlock_t *lock, pmd_t *pmdp, pmd_t pmd, unsigned long start,
			     unsigned long end, vmtrace_visit *visit, void *data)
{
	unsigned long next = start;

	if (!spin_trylock(lock))
		return start;
	if (pmd_val(READ_ONCE(*pmdp)) == pmd_val(pmd))
		next = visit_pmd(pmd, start, end, visit, data);
	spin_unlock(lock);
	return next;
}

unsigned long vmtrace_ptwalk_range(struct mm_struct *mm, unsigned long start, unsigned long end,
				   vmtrace_visit *visit, void *data)
{
	unsigned long irq, next = start;
	struct vmtrace_entry e;
	spinlock_t *lock; /* of the table that is read */
	pmd_t *pmdp, pmd;

	local_irq_save(irq);
	pmdp = find_pmd(mm, start, &e, NULL);
	if (!pmdp) {
		next = entry_end(e.level, start, end);
		visit(&e, (next - start) >> PAGE_SHIFT, data);
		goto out;
	}
	pmd = READ_ONCE(*pmdp);
	lock = vmtrace_ptwalk_table(pmd) ? pte_lockptr(mm, &pmd) : pmd_lockptr(mm, pmdp);
	next = try_pmd(lock, pmdp, pmd, start, end, visit, data);
out:
	local_irq_restore(irq);
	return next;
}
