// SPDX-License-Identifier: GPL-2.0
/* classify.c - what kind of fault it was; pure, see classify.h */
#include "classify.h"

static bool is_present(const struct vmtrace_entry *e)
{
	return e->kind == VMTRACE_ENTRY_PRESENT;
}

static bool is_huge(const struct vmtrace_entry *e)
{
	return is_present(e) && e->level > 1;
}

enum vmtrace_class vmtrace_class_of_failure(unsigned int result)
{
	if (result & VMTRACE_RESULT_OOM)
		return VMTRACE_CLASS_OOM;
	if (result & VMTRACE_RESULT_HWPOISON)
		return VMTRACE_CLASS_HWPOISON;
	if (result & VMTRACE_RESULT_SIGBUS)
		return VMTRACE_CLASS_SIGBUS;
	if (result & VMTRACE_RESULT_SIGSEGV)
		return VMTRACE_CLASS_SIGSEGV;
	return VMTRACE_CLASS_OTHER;
}

/* Somebody with a userfaultfd did the work while the thread waited: handle_userfault(). */
static bool was_served(const struct vmtrace_facts *f)
{
	if (!(f->vma & VMTRACE_VMA_UFFD) || !(f->result & VMTRACE_RESULT_RETRIED))
		return 0;
	if (is_present(&f->before))
		return f->before.bits & VMTRACE_ENTRY_WP && !(f->again.bits & VMTRACE_ENTRY_WP);
	return is_present(&f->again);
}

/*
 * A page that a userfaultfd protects against every access: do_uffd_rwp(), do_huge_pmd_uffd_rwp(),
 * hugetlb_fault(). Its entry is that of a NUMA hint, but for the bit. The thread waits until the
 * page may be accessed again, or, if the userfaultfd is asynchronous, the kernel allows it at once
 * and the fault has a single attempt.
 */
static bool was_protected(const struct vmtrace_facts *f)
{
	const unsigned int vma = VMTRACE_VMA_UFFD_RWP | VMTRACE_VMA_ACCESSIBLE;
	const unsigned int bits = VMTRACE_ENTRY_PROTNONE | VMTRACE_ENTRY_WP;

	return (f->vma & vma) == vma && is_present(&f->before) && (f->before.bits & bits) == bits;
}

/* do_pte_missing(), mm/memory.c; before 6.4 in handle_pte_fault(). */
static enum vmtrace_class of_missing(const struct vmtrace_facts *f)
{
	if (is_huge(&f->after))
		return VMTRACE_CLASS_THP;
	if (f->vma & VMTRACE_VMA_ANON) {
		if (f->write)
			return VMTRACE_CLASS_ANON;
		/* If the page is gone again, it was the zero page, which a read gets. */
		return !is_present(&f->after) || f->after.bits & VMTRACE_ENTRY_ZERO ?
			       VMTRACE_CLASS_ZERO :
			       VMTRACE_CLASS_ANON;
	}
	if (f->write && !(f->vma & VMTRACE_VMA_SHARED))
		return VMTRACE_CLASS_FILE_COW;
	if (f->vma & VMTRACE_VMA_SHMEM)
		return VMTRACE_CLASS_SHMEM;
	return f->result & VMTRACE_RESULT_MAJOR ? VMTRACE_CLASS_FILE_MISS : VMTRACE_CLASS_FILE_HIT;
}

/* do_wp_page(), do_huge_pmd_wp_page(). */
static enum vmtrace_class of_protected(const struct vmtrace_facts *f)
{
	if (f->vma & VMTRACE_VMA_SHARED)
		return VMTRACE_CLASS_MKWRITE;
	if (is_present(&f->after) && f->after.pfn == f->before.pfn)
		return VMTRACE_CLASS_COW_REUSE;
	return VMTRACE_CLASS_COW_COPY;
}

enum vmtrace_class vmtrace_classify(const struct vmtrace_facts *f)
{
	const unsigned int failed = VMTRACE_RESULT_OOM | VMTRACE_RESULT_SIGBUS |
				    VMTRACE_RESULT_SIGSEGV | VMTRACE_RESULT_HWPOISON;

	if (f->result & failed)
		return vmtrace_class_of_failure(f->result);
	if (was_served(f) || was_protected(f))
		return VMTRACE_CLASS_USERFAULT;
	if (f->vma & VMTRACE_VMA_HUGETLB)
		return VMTRACE_CLASS_HUGETLB;
	if (f->vma & VMTRACE_VMA_SPECIAL && !is_present(&f->before))
		return VMTRACE_CLASS_SPECIAL;

	switch (f->before.kind) {
	case VMTRACE_ENTRY_NONE:
	case VMTRACE_ENTRY_UFFD_WP:
	/* These two fail, unless they went when the fault had begun. */
	case VMTRACE_ENTRY_GUARD:
	case VMTRACE_ENTRY_HWPOISON:
		return of_missing(f);
	case VMTRACE_ENTRY_SWAP:
		return f->result & VMTRACE_RESULT_MAJOR ? VMTRACE_CLASS_SWAP_READ :
							  VMTRACE_CLASS_SWAP_CACHE;
	case VMTRACE_ENTRY_MIGRATION:
		return VMTRACE_CLASS_MIGRATION;
	case VMTRACE_ENTRY_DEVICE:
		return VMTRACE_CLASS_SPECIAL;
	case VMTRACE_ENTRY_PRESENT:
		if (f->before.bits & VMTRACE_ENTRY_PROTNONE && f->vma & VMTRACE_VMA_ACCESSIBLE)
			return VMTRACE_CLASS_NUMA;
		if (f->write && !(f->before.bits & VMTRACE_ENTRY_WRITE))
			return of_protected(f);
		return VMTRACE_CLASS_SPURIOUS;
	default:
		return VMTRACE_CLASS_OTHER;
	}
}
