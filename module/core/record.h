/* SPDX-License-Identifier: GPL-2.0 */
/*
 * record.h - the record of one fault, as the trace event vmtrace:fault carries it
 *
 * A raw_tracepoint BPF program gets a pointer to it as its only argument; perf, trace-cmd and other
 * BPF programs see the members as fields of the event. It has no padding and the same layout on
 * every architecture. Members are only ever appended, so a program that reads fewer bytes goes on
 * working.
 */
#ifndef VMTRACE_CORE_RECORD_H
#define VMTRACE_CORE_RECORD_H

#include <linux/types.h>

/* What needed the page, X(SYMBOL, name, meaning). */
#define VMTRACE_ORIGINS(X)                                                                      \
	X(USER, "user", "user code")                                                            \
	X(KERNEL, "kernel", "the kernel, copying to or from user memory")                       \
	X(GUP, "gup", "the kernel, by get_user_pages(): mlock, MAP_POPULATE, exec's arguments") \
	X(REMOTE, "remote", "the kernel, by get_user_pages() on another process's memory: ptrace")

/* Kinds of page-table entries, X(SYMBOL, name, meaning). */
#define VMTRACE_ENTRY_KINDS(X)                                                  \
	X(NONE, "none", "nothing: never touched, or freed since")               \
	X(PRESENT, "present", "a page")                                         \
	X(SWAP, "swap", "a swap entry")                                         \
	X(MIGRATION, "migration", "a migration entry: the page is being moved") \
	X(DEVICE, "device", "a device-private or device-exclusive entry")       \
	X(HWPOISON, "hwpoison", "the page was lost to a memory error")          \
	X(UFFD_WP, "uffd-wp", "no page; marked as protected by a userfaultfd")  \
	X(GUARD, "guard", "no page; madvise(MADV_GUARD_INSTALL)")               \
	X(UNKNOWN, "unknown", "could not be read, or unknown to this version")

/* Bits of a present entry, X(SYMBOL, bit, name, meaning). */
#define VMTRACE_ENTRY_BITS(X)                                                                     \
	X(WRITE, 0x01, "write", "may be written without another fault")                           \
	X(YOUNG, 0x02, "young", "was accessed")                                                   \
	X(DIRTY, 0x04, "dirty", "was written to")                                                 \
	X(ZERO, 0x08, "zero", "the shared zero page; never set for a huge page")                  \
	X(PROTNONE, 0x10, "protnone", "inaccessible: PROT_NONE, a NUMA hint, or userfaultfd RWP") \
	X(WP, 0x20, "uffd-wp", "a userfaultfd protects it against writes or (RWP) every access")  \
	X(SPECIAL, 0x40, "special", "no struct page may be used; set for the zero page, too")

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

/*
 * The fields of the event, X(type, name, meaning). The time of the event is the end of the fault.
 * The values of class are in format.h, those of the other enums above.
 */
/* clang-format off */
#define VMTRACE_RECORD_FIELDS(X)                                                                   \
	X(u64, address, "of the access")                                                           \
	X(u64, ip, "of the instruction, in the kernel if origin is kernel; 0: none")               \
	X(u64, took_ns, "from the entry of the first attempt to the return of the last")           \
	X(u64, asleep_ns, "the part of took_ns in which the thread was off the CPU")               \
	X(u64, vma_start, "first address of the mapping, when the fault began")                    \
	X(u64, vma_end, "first address after the mapping")                                         \
	X(u64, offset, "of the access in the file, in bytes; 0: no file")                          \
	X(u64, inode, "of the file; 0: no file")                                                   \
	X(u32, device, "of the file's file system, major << 20 | minor")                           \
	X(u32, flags, "FAULT_FLAG_* of the last attempt; differs between kernels")                 \
	X(u32, ret, "VM_FAULT_* of the last attempt; differs between kernels")                     \
	X(u32, retries, "attempts after the first")                                                \
	X(u32, pages, "pages that it mapped")                                                      \
	X(u32, tables, "page tables that it allocated")                                            \
	X(u8, class, "of the fault")                                                               \
	X(u8, origin, "user, kernel, gup or remote")                                               \
	X(u8, before_kind, "of the page-table entry when the fault began")                         \
	X(u8, before_level, "of that entry: 1 pte, 2 pmd, 3 pud, 4 p4d, 5 pgd")                    \
	X(u8, after_kind, "of the page-table entry when the fault was over")                       \
	X(u8, after_level, "of that entry: 1 pte, 2 pmd, 3 pud, 4 p4d, 5 pgd")                     \
	X(u8, before_bits, "of a present entry when the fault began")                              \
	X(u8, after_bits, "of a present entry when the fault was over")
/* clang-format on */

struct vmtrace_record {
#define VMTRACE_RECORD_MEMBER(type, name, meaning) __##type name;
	VMTRACE_RECORD_FIELDS(VMTRACE_RECORD_MEMBER)
#undef VMTRACE_RECORD_MEMBER
};

#endif /* VMTRACE_CORE_RECORD_H */
