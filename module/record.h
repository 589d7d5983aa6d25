/* SPDX-License-Identifier: GPL-2.0 */
/*
 * record.h - one fault, as the trace event vmtrace:fault gives it
 *
 * Shared by the module (which fills it in) and BPF programs and tools (which read it):
 * a program of type raw_tracepoint has a pointer to it as its only argument; all others
 * have the same numbers as fields of the event. Plain C, no includes, no padding; the
 * same on every architecture. Members keep their places and meanings; later ones are
 * appended, and a program that asks for fewer bytes goes on working.
 */
#ifndef VMTRACE_RECORD_H
#define VMTRACE_RECORD_H

/* Who asked for the memory, X(SYMBOL, name, meaning). */
#define VMTRACE_ORIGINS(X)                                                                \
	X(USER, "user", "user code")                                                      \
	X(KERNEL, "kernel", "the kernel, copying to or from user memory")                 \
	X(GUP, "gup", "the kernel, pinning pages: mlock, MAP_POPULATE, exec's arguments") \
	X(REMOTE, "remote", "the same in another process's memory")

/* What a page-table entry holds, X(SYMBOL, name, meaning). */
#define VMTRACE_ENTRY_KINDS(X)                                                           \
	X(NONE, "none", "nothing: never touched, or given back")                         \
	X(PRESENT, "present", "a page")                                                  \
	X(SWAP, "swap", "a place in swap")                                               \
	X(MIGRATION, "migration", "the page is on its way to another place")             \
	X(DEVICE, "device", "the page is in a device's memory, or lent to it")           \
	X(HWPOISON, "hwpoison", "the page was lost to a memory error")                   \
	X(UFFD_WP, "uffd-wp", "no page; userfaultfd protects the place against writing") \
	X(GUARD, "guard", "no page; madvise(MADV_GUARD_INSTALL)")                        \
	X(UNKNOWN, "unknown", "could not be read, or a kind that came after this")

/* Of a present entry, X(SYMBOL, bit, name, meaning). */
#define VMTRACE_ENTRY_BITS(X)                                                     \
	X(WRITE, 0x01, "write", "may be written without another fault")           \
	X(YOUNG, 0x02, "young", "was accessed")                                   \
	X(DIRTY, 0x04, "dirty", "was written to")                                 \
	X(ZERO, 0x08, "zero", "the shared zero page; not known of huge ones")     \
	X(PROTNONE, 0x10, "protnone", "not accessible: PROT_NONE or a NUMA hint") \
	X(WP, 0x20, "uffd-wp", "userfaultfd protects it against writing")         \
	X(SPECIAL, 0x40, "special", "not to be taken for a page; the zero page too")

enum vmtrace_origin {
#define VMTRACE_ORIGIN_SYMBOL(symbol, name, meaning) VMTRACE_ORIGIN_##symbol,
	VMTRACE_ORIGINS(VMTRACE_ORIGIN_SYMBOL)
#undef VMTRACE_ORIGIN_SYMBOL
	VMTRACE_ORIGIN_COUNT,
};

enum vmtrace_entry_kind {
#define VMTRACE_ENTRY_SYMBOL(symbol, name, meaning) VMTRACE_ENTRY_##symbol,
	VMTRACE_ENTRY_KINDS(VMTRACE_ENTRY_SYMBOL)
#undef VMTRACE_ENTRY_SYMBOL
	VMTRACE_ENTRY_KIND_COUNT,
};

enum vmtrace_entry_bit {
#define VMTRACE_ENTRY_SYMBOL(symbol, bit, name, meaning) VMTRACE_ENTRY_##symbol = (bit),
	VMTRACE_ENTRY_BITS(VMTRACE_ENTRY_SYMBOL)
#undef VMTRACE_ENTRY_SYMBOL
};

/**
 * struct vmtrace_record - a fault that is over
 * @address: of the access
 * @ip: of the instruction, in user space or, for origin kernel, in the kernel; 0 if there is none
 * @took_ns: from the first attempt's entry to the last one's return, by CLOCK_MONOTONIC
 * @asleep_ns: of that, off the CPU
 * @vma_start: first address of the mapping, when the fault began
 * @vma_end: the first one behind it
 * @offset: of @address in the file, in bytes; 0 if there is none
 * @inode: of the file; 0 if there is none
 * @device: of the file's file system, major << 20 | minor
 * @flags: FAULT_FLAG_* of the last attempt, which differ from kernel to kernel
 * @ret: VM_FAULT_* of the last attempt, likewise
 * @retries: attempts but for the first
 * @pages: pages that it mapped
 * @tables: page tables that this took
 * @class: enum vmtrace_class
 * @origin: enum vmtrace_origin
 * @before_kind: enum vmtrace_entry_kind of the entry when the fault began
 * @before_level: where the walk to it ended, 1 pte to 5 pgd
 * @before_bits: enum vmtrace_entry_bit of it
 * @after_kind: the same when it was over
 * @after_level: likewise
 * @after_bits: likewise
 *
 * When it ends is the time of the event.
 */
struct vmtrace_record {
	unsigned long long address;
	unsigned long long ip;
	unsigned long long took_ns;
	unsigned long long asleep_ns;
	unsigned long long vma_start;
	unsigned long long vma_end;
	unsigned long long offset;
	unsigned long long inode;
	unsigned int device;
	unsigned int flags;
	unsigned int ret;
	unsigned int retries;
	unsigned int pages;
	unsigned int tables;
	unsigned char class;
	unsigned char origin;
	unsigned char before_kind;
	unsigned char before_level;
	unsigned char after_kind;
	unsigned char after_level;
	unsigned char before_bits;
	unsigned char after_bits;
};

#endif /* VMTRACE_RECORD_H */
