/* SPDX-License-Identifier: GPL-2.0 */
/* vma.h - what a mapping is, and what people call it */
#ifndef VMTRACE_VMA_H
#define VMTRACE_VMA_H

#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/userfaultfd_k.h>

#include "classify.h"
#include "compat.h"
#include "fault.h"

/* A device that hands out pages of its own has none. */
static inline bool vmtrace_has_page_cache(const struct inode *inode)
{
	return !IS_DAX(inode) && (S_ISREG(inode->i_mode) || S_ISBLK(inode->i_mode));
}

/**
 * vmtrace_vma_facts() - what the class of a fault depends on
 * @vma: locked
 *
 * Context: any, the hook above all.
 * Return: VMTRACE_VMA_*
 */
static inline unsigned int vmtrace_vma_facts(const struct vm_area_struct *vma)
{
	/* Nobody who asks writes; some kernels' functions are not declared so. */
	struct vm_area_struct *v = (struct vm_area_struct *)vma;
	unsigned int facts = 0;

	if (vma->vm_flags & VM_SHARED)
		facts |= VMTRACE_VMA_SHARED;
	if (vma->vm_flags & VM_ACCESS_FLAGS)
		facts |= VMTRACE_VMA_ACCESSIBLE;
	if (userfaultfd_armed(v))
		facts |= VMTRACE_VMA_UFFD;
	if (vmtrace_vma_uffd_rwp(v))
		facts |= VMTRACE_VMA_UFFD_RWP;
	if (vma_is_anonymous(v))
		return facts | VMTRACE_VMA_ANON;
	if (is_vm_hugetlb_page(v))
		return facts | VMTRACE_VMA_HUGETLB;
	if (vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP))
		facts |= VMTRACE_VMA_SPECIAL;
	/* Without a file: vdso and the like. */
	if (!vma->vm_file || !vmtrace_has_page_cache(file_inode(vma->vm_file)))
		facts |= VMTRACE_VMA_SPECIAL;
	else if (file_inode(vma->vm_file)->i_sb->s_magic == TMPFS_MAGIC)
		facts |= VMTRACE_VMA_SHMEM;
	return facts;
}

/* Pages of a page of hugetlbfs. */
static inline unsigned int vmtrace_vma_unit(struct vm_area_struct *vma)
{
	return pages_per_huge_page(hstate_vma(vma));
}

static inline struct vmtrace_area vmtrace_area(const struct vm_area_struct *vma)
{
	const struct inode *inode = vma->vm_file ? file_inode(vma->vm_file) : NULL;

	return (struct vmtrace_area){
		.start = vma->vm_start,
		.end = vma->vm_end,
		.pgoff = vma->vm_pgoff,
		.ino = inode ? inode->i_ino : 0,
		.dev = inode ? inode->i_sb->s_dev : 0,
	};
}

/**
 * vmtrace_vma_name() - its name, as in /proc/<pid>/maps
 * @vma: the caller holds the mmap lock
 * @buffer: for a path
 * @size: of @buffer, in bytes; PATH_MAX holds every path
 *
 * Names given by prctl(PR_SET_VMA) are left out, as Debian's kernels have none.
 *
 * Return: a text in @buffer or constant, "" for a mapping without a name. May hold
 *	any byte but NUL: to be escaped.
 */
const char *vmtrace_vma_name(struct vm_area_struct *vma, char *buffer, int size);

#endif /* VMTRACE_VMA_H */
