/* SPDX-License-Identifier: GPL-2.0 */
/*
 * classify.h - the class of a fault; format.h has the names
 *
 * No file of core/ depends on the kernel: all are built in user space, too. fault/slow.c, mm/vma.h
 * and mm/ptwalk.c translate the kernel's flags and page-table entries.
 */
#ifndef VMTRACE_CORE_CLASSIFY_H
#define VMTRACE_CORE_CLASSIFY_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

#include "core/format.h"
#include "core/record.h"

/**
 * struct vmtrace_entry - the page-table entry of one address
 * @pfn: the page frame of the address itself, if present
 * @kind: enum vmtrace_entry_kind
 * @level: where the walk ended: 1 pte, 2 pmd, 3 pud, 4 p4d, 5 pgd. A present entry above 1 is a
 *	huge page.
 * @bits: enum vmtrace_entry_bit
 */
struct vmtrace_entry {
	__u64 pfn;
	__u8 kind;
	__u8 level;
	__u16 bits;
};

/* Properties of the mapping: struct vmtrace_class_input.vma. */
#define VMTRACE_VMA_ANON       0x01
#define VMTRACE_VMA_SHARED     0x02
#define VMTRACE_VMA_SHMEM      0x04 /* tmpfs, memfd, shared anonymous memory */
#define VMTRACE_VMA_HUGETLB    0x08
#define VMTRACE_VMA_SPECIAL    0x10 /* page frames without struct page, DAX, devices */
#define VMTRACE_VMA_UFFD       0x20 /* a userfaultfd is registered */
#define VMTRACE_VMA_ACCESSIBLE 0x40 /* not PROT_NONE */
#define VMTRACE_VMA_UFFD_RWP   0x80 /* the userfaultfd may protect pages against every access */

/* Results of all attempts of the fault: struct vmtrace_class_input.result. */
#define VMTRACE_RESULT_MAJOR	0x01 /* an attempt returned VM_FAULT_MAJOR */
#define VMTRACE_RESULT_RETRIED	0x02 /* there was more than one attempt */
#define VMTRACE_RESULT_OOM	0x04
#define VMTRACE_RESULT_SIGBUS	0x08
#define VMTRACE_RESULT_SIGSEGV	0x10
#define VMTRACE_RESULT_HWPOISON 0x20

/**
 * struct vmtrace_class_input - what the class of a fault depends on
 * @vma: VMTRACE_VMA_*, when the fault began
 * @result: VMTRACE_RESULT_*
 * @write: the access is a write, or it needs an exclusive page as a write does (FAULT_FLAG_UNSHARE)
 * @before: the entry when the first attempt began
 * @again: the entry when the last attempt began; equal to @before if there was only one attempt
 * @after: the entry when the fault was over
 */
struct vmtrace_class_input {
	__u8 vma;
	__u8 result;
	bool write;
	struct vmtrace_entry before;
	struct vmtrace_entry again;
	struct vmtrace_entry after;
};

/* The class of a fault. Context: any. */
enum vmtrace_class vmtrace_classify(const struct vmtrace_class_input *f);

#endif /* VMTRACE_CORE_CLASSIFY_H */
