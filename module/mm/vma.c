// SPDX-License-Identifier: GPL-2.0
/* vma.c - the name of a mapping, as in get_vma_name() (fs/proc/task_mmu.c); see vma.h */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/mm.h>

#include "compat.h"
#include "mm/vma.h"

static const char *file_name(struct vm_area_struct *vma, char *buffer, int size)
{
	const char *path = d_path(vmtrace_file_path(vma->vm_file), buffer, size);

	return IS_ERR(path) ? "" : path;
}

static bool is_heap(const struct vm_area_struct *vma)
{
	return vma->vm_start < vma->vm_mm->brk && vma->vm_end > vma->vm_mm->start_brk;
}

static bool is_stack(const struct vm_area_struct *vma)
{
	return vma->vm_start <= vma->vm_mm->start_stack && vma->vm_end >= vma->vm_mm->start_stack;
}

const char *vmtrace_vma_name(struct vm_area_struct *vma, char *buffer, int size)
{
	const char *name = NULL;

	/* mmap_assert_locked() calls dump_mm(), which is not exported, with CONFIG_DEBUG_VM. */
	lockdep_assert_held(&vma->vm_mm->mmap_lock);
	if (vma->vm_file)
		return file_name(vma, buffer, size);
	if (vma->vm_ops && vma->vm_ops->name)
		name = vma->vm_ops->name(vma);
	if (name)
		return name;
	/* arch_vma_name() is not exported; on x86 and arm64 it has no other names. */
	return is_heap(vma) ? "[heap]" : is_stack(vma) ? "[stack]" : "";
}

const char *vmtrace_vma_perms(unsigned long flags, char *text)
{
	text[0] = flags & VM_READ ? 'r' : '-';
	text[1] = flags & VM_WRITE ? 'w' : '-';
	text[2] = flags & VM_EXEC ? 'x' : '-';
	text[3] = flags & VM_MAYSHARE ? 's' : 'p';
	text[4] = '\0';
	return text;
}
