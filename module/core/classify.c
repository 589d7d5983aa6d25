// SPDX-License-Identifier: GPL-2.0
/* classify.c - the class of a fault; see classify.h */
#include "core/classify.h"

static bool is_present(const struct vmtrace_entry *e)
{
	return e->kind == VMTRACE_ENTRY_PRESENT;
}

static bool is_huge(const struct vmtrace_entry *e)
{
	return is_present(e) && e->level > 1;
}

static enum vmtrace_class classify_failure(unsigned int result)
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

/* The thread waited in handle_userfault() until the page was mapped or its protection removed. */
static bool is_userfault(const struct vmtrace_class_input *f)
{
	if (!(f->vma & VMTRACE_VMA_UFFD) || !(f->result & VMTRACE_RESULT_RETRIED))
		return false;
	if (is_present(&f->before))
		return f->before.bits & VMTRACE_ENTRY_WP && !(f->again.bits & VMTRACE_ENTRY_WP);
	return is_present(&f->again);
}

/*
 * A userfaultfd protects the page against every access: do_uffd_rwp(), mm/memory.c,
 * do_huge_pmd_uffd_rwp(), mm/huge_memory.c, hugetlb_fault(), mm/hugetlb.c. The entry differs from
 * that of a NUMA hint only in VMTRACE_ENTRY_WP. The thread waits until the protection is removed;
 * if the userfaultfd is asynchronous, the kernel removes it at once and the fault has one attempt.
 */
static bool is_uffd_rwp(const struct vmtrace_class_input *f)
{
	const unsigned int vma = VMTRACE_VMA_UFFD_RWP | VMTRACE_VMA_ACCESSIBLE;
	const unsigned int bits = VMTRACE_ENTRY_PROTNONE | VMTRACE_ENTRY_WP;

	return (f->vma & vma) == vma && is_present(&f->before) && (f->before.bits & bits) == bits;
}

/* No page was mapped: do_pte_missing(), mm/memory.c; before 6.4 in handle_pte_fault(). */
static enum vmtrace_class classify_missing(const struct vmtrace_class_input *f)
{
	if (is_huge(&f->after))
		return VMTRACE_CLASS_THP;
	if (f->vma & VMTRACE_VMA_ANON) {
		/* A read maps the zero page, which may have been unmapped again since. */
		if (!f->write && (!is_present(&f->after) || f->after.bits & VMTRACE_ENTRY_ZERO))
			return VMTRACE_CLASS_ZERO;
		return VMTRACE_CLASS_ANON;
	}
	if (f->write && !(f->vma & VMTRACE_VMA_SHARED))
		return VMTRACE_CLASS_FILE_COW;
	if (f->vma & VMTRACE_VMA_SHMEM)
		return VMTRACE_CLASS_SHMEM;
	return f->result & VMTRACE_RESULT_MAJOR ? VMTRACE_CLASS_FILE_MISS : VMTRACE_CLASS_FILE_HIT;
}

/* A write to a read-only entry: do_wp_page(), mm/memory.c, do_huge_pmd_wp_page(). */
static enum vmtrace_class classify_write_protected(const struct vmtrace_class_input *f)
{
	if (f->vma & VMTRACE_VMA_SHARED)
		return VMTRACE_CLASS_MKWRITE;
	if (is_present(&f->after) && f->after.pfn == f->before.pfn)
		return VMTRACE_CLASS_COW_REUSE;
	return VMTRACE_CLASS_COW_COPY;
}

enum vmtrace_class vmtrace_classify(const struct vmtrace_class_input *f)
{
	const unsigned int failed = VMTRACE_RESULT_OOM | VMTRACE_RESULT_SIGBUS |
				    VMTRACE_RESULT_SIGSEGV | VMTRACE_RESULT_HWPOISON;

	if (f->result & failed)
		return classify_failure(f->result);
	if (is_userfault(f) || is_uffd_rwp(f))
		return VMTRACE_CLASS_USERFAULT;
	if (f->vma & VMTRACE_VMA_HUGETLB)
		return VMTRACE_CLASS_HUGETLB;
	if (f->vma & VMTRACE_VMA_SPECIAL && !is_present(&f->before))
		return VMTRACE_CLASS_SPECIAL;

	switch (f->before.kind) {
	case VMTRACE_ENTRY_NONE:
	case VMTRACE_ENTRY_UFFD_WP:
	/* An access to these two fails, unless another thread removed the entry meanwhile. */
	case VMTRACE_ENTRY_GUARD:
	case VMTRACE_ENTRY_HWPOISON:
		return classify_missing(f);
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
			return classify_write_protected(f);
		return VMTRACE_CLASS_SPURIOUS;
	default:
		return VMTRACE_CLASS_OTHER;
	}
}
