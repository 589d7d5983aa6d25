/* SPDX-License-Identifier: GPL-2.0 */
/*
 * record.h - one fault, as the trace event vmtrace:fault gives it
 *
 * Shared by the module (which fills it in) and BPF programs and tools (which read it):
 * a program of type raw_tracepoint has a pointer to it as its only argument; all others
 * have the same numbers as fields of the event. Without padding, and the same on every
 * architecture. Members keep their places and meanings; later ones are appended, and a
 * program that asks for fewer bytes goes on working.
 */
#ifndef VMTRACE_RECORD_H
#define VMTRACE_RECORD_H

#include <linux/types.h>

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
#define VMTRACE_ENTRY_BITS(X)                                                               \
	X(WRITE, 0x01, "write", "may be written without another fault")                     \
	X(YOUNG, 0x02, "young", "was accessed")                                             \
	X(DIRTY, 0x04, "dirty", "was written to")                                           \
	X(ZERO, 0x08, "zero", "the shared zero page; not known of huge ones")               \
	X(PROTNONE, 0x10, "protnone", "not accessible: PROT_NONE, a NUMA hint, or uffd-wp") \
	X(WP, 0x20, "uffd-wp", "userfaultfd protects it against writing, or any access")    \
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

/*
 * A fault that is over, X(type, name, meaning). When it ended is the time of the event.
 * Names of numbers are those above, and of classes those in format.h.
 */
/* clang-format off */
#define VMTRACE_RECORD_FIELDS(X)                                                                   \
	X(u64, address, "of the access")                                                           \
	X(u64, ip, "of the instruction, in the kernel if origin is kernel; 0: none")               \
	X(u64, took_ns, "from the first attempt to the end of the last; 0: not measured")          \
	X(u64, asleep_ns, "of that, off the CPU")                                                  \
	X(u64, vma_start, "first address of the mapping, when the fault began")                    \
	X(u64, vma_end, "first address after it")                                                  \
	X(u64, offset, "of the access in the file, in bytes; 0: there is none")                    \
	X(u64, inode, "of the file; 0: there is none")                                             \
	X(u32, device, "of the file's file system, major << 20 | minor")                           \
	X(u32, flags, "FAULT_FLAG_* of the last attempt; differs between kernels")                 \
	X(u32, ret, "VM_FAULT_* of the last attempt; differs between kernels")                     \
	X(u32, retries, "attempts but for the first")                                              \
	X(u32, pages, "pages that it mapped")                                                      \
	X(u32, tables, "page tables that it took")                                                 \
	X(u8, class, "its class")                                                                  \
	X(u8, origin, "who asked for the memory")                                                  \
	X(u8, before_kind, "what the page-table entry held when the fault began")                  \
	X(u8, before_level, "where the walk to it ended: 1 pte, 2 pmd, 3 pud, 4 p4d, 5 pgd")       \
	X(u8, after_kind, "what it held when the fault was over")                                  \
	X(u8, after_level, "where the walk to it ended then")                                      \
	X(u8, before_bits, "bits of a present entry when the fault began")                         \
	X(u8, after_bits, "bits of a present entry when the fault was over")
/* clang-format on */

struct vmtrace_record {
#define VMTRACE_RECORD_MEMBER(type, name, meaning) __##type name;
	VMTRACE_RECORD_FIELDS(VMTRACE_RECORD_MEMBER)
#undef VMTRACE_RECORD_MEMBER
};

#endif /* VMTRACE_RECORD_H */
