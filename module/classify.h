/* SPDX-License-Identifier: GPL-2.0 */
/*
 * classify.h - what kind of fault it was; pure, also built in user space for tests
 *
 * The classes and their names are in format.h. Nothing here depends on the kernel:
 * fault.c and ptwalk.c translate its flags and entries.
 */
#ifndef VMTRACE_CLASSIFY_H
#define VMTRACE_CLASSIFY_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

#include "format.h"
#include "record.h"

/**
 * struct vmtrace_entry - the page-table entry of one address
 * @pfn: the page frame of the address itself, if present
 * @kind: enum vmtrace_entry_kind
 * @level: where the walk ended: 1 pte, 2 pmd, 3 pud, 4 p4d, 5 pgd. A present
 *	entry above 1 is a huge page.
 * @bits: enum vmtrace_entry_bit
 */
struct vmtrace_entry {
	__u64 pfn;
	__u8 kind;
	__u8 level;
	__u16 bits;
};

/* Of the vma. */
#define VMTRACE_VMA_ANON       0x01
#define VMTRACE_VMA_SHARED     0x02
#define VMTRACE_VMA_SHMEM      0x04 /* tmpfs, memfd, shared anonymous memory */
#define VMTRACE_VMA_HUGETLB    0x08
#define VMTRACE_VMA_SPECIAL    0x10 /* page frames without struct page, DAX, devices */
#define VMTRACE_VMA_UFFD       0x20 /* a userfaultfd is registered */
#define VMTRACE_VMA_ACCESSIBLE 0x40 /* not PROT_NONE */
#define VMTRACE_VMA_UFFD_RWP   0x80 /* it may protect pages against every access */

/* How all attempts of the fault ended. */
#define VMTRACE_RESULT_MAJOR	0x01 /* one of them had to wait for I/O */
#define VMTRACE_RESULT_RETRIED	0x02 /* there was more than one */
#define VMTRACE_RESULT_OOM	0x04
#define VMTRACE_RESULT_SIGBUS	0x08
#define VMTRACE_RESULT_SIGSEGV	0x10
#define VMTRACE_RESULT_HWPOISON 0x20

/**
 * struct vmtrace_facts - what is known of a fault when it is over
 * @vma: VMTRACE_VMA_*, when it began
 * @result: VMTRACE_RESULT_*
 * @write: a write, or what needs an exclusive page as a write does
 * @before: the entry when the fault began
 * @again: when its last attempt began; the same if there was only one
 * @after: when it was over
 */
struct vmtrace_facts {
	__u8 vma;
	__u8 result;
	bool write;
	struct vmtrace_entry before;
	struct vmtrace_entry again;
	struct vmtrace_entry after;
};

/* The only judge of a fault's class. Any context. */
enum vmtrace_class vmtrace_classify(const struct vmtrace_facts *f);
/* Of one that failed, with those VMTRACE_RESULT_*: other if nobody knows how. */
enum vmtrace_class vmtrace_class_of_failure(unsigned int result);

#endif /* VMTRACE_CLASSIFY_H */
