/* SPDX-License-Identifier: GPL-2.0 */
/* vma.h - properties and name of a mapping */
#ifndef VMTRACE_MM_VMA_H
#define VMTRACE_MM_VMA_H

#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/userfaultfd_k.h>

#include "compat.h"
#include "core/classify.h"

/**
 * struct vmtrace_vma_snapshot - members of a vma that are needed after it may have been freed
 * @start: first address
 * @end: the first address after it
 * @pgoff: offset of @start in the file, in pages
 * @ino: inode number of the file; 0 if there is none
 * @dev: device of the file system
 */
struct vmtrace_vma_snapshot {
	unsigned long start;
	unsigned long end;
	unsigned long pgoff;
	unsigned long ino;
	dev_t dev;
};

/* Are mappings of @inode backed by its page cache? Not those of character devices and DAX. */
static inline bool vmtrace_has_page_cache(const struct inode *inode)
{
	return !IS_DAX(inode) && (S_ISREG(inode->i_mode) || S_ISBLK(inode->i_mode));
}

/**
 * vmtrace_vma_facts() - properties of a vma that the class of a fault depends on
 * @vma: the caller holds its lock or the mmap lock
 *
 * Context: any.
 * Return: VMTRACE_VMA_*
 */
static inline unsigned int vmtrace_vma_facts(const struct vm_area_struct *vma)
{
	/* Some kernels' functions take a pointer that is not const, though they only read. */
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
	/* vdso and vvar have no file. */
	if (!vma->vm_file || !vmtrace_has_page_cache(file_inode(vma->vm_file)))
		facts |= VMTRACE_VMA_SPECIAL;
	else if (file_inode(vma->vm_file)->i_sb->s_magic == TMPFS_MAGIC)
		facts |= VMTRACE_VMA_SHMEM;
	return facts;
}

/* Base pages in one page of a hugetlbfs mapping. */
static inline unsigned int vmtrace_hugetlb_pages(struct vm_area_struct *vma)
{
	return pages_per_huge_page(hstate_vma(vma));
}

static inline struct vmtrace_vma_snapshot vmtrace_vma_snapshot(const struct vm_area_struct *vma)
{
	const struct inode *inode = vma->vm_file ? file_inode(vma->vm_file) : NULL;

	return (struct vmtrace_vma_snapshot){
		.start = vma->vm_start,
		.end = vma->vm_end,
		.pgoff = vma->vm_pgoff,
		.ino = inode ? inode->i_ino : 0,
		.dev = inode ? inode->i_sb->s_dev : 0,
	};
}

/**
 * vmtrace_vma_name() - the name of a mapping, as in /proc/<pid>/maps
 * @vma: the caller holds the mmap lock
 * @buffer: for a path
 * @size: of @buffer, in bytes; PATH_MAX is enough for every path
 *
 * Names set by prctl(PR_SET_VMA) are not shown.
 *
 * Return: a constant string or one in @buffer, not escaped; "" for a mapping without a name.
 */
const char *vmtrace_vma_name(struct vm_area_struct *vma, char *buffer, int size);

/* VM_* flags as in /proc/<pid>/maps: rwx, and s or p. @text has 5 bytes, and is returned. */
const char *vmtrace_vma_perms(unsigned long flags, char *text);

#endif /* VMTRACE_MM_VMA_H */
