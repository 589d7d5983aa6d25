/* SPDX-License-Identifier: GPL-2.0 */
/*
 * format_walk.h - the format of the file walk of debugfs
 *
 * Shared by the module (which writes it) and the tool (which reads it); format.h has the rules.
 */
#ifndef VMTRACE_CORE_FORMAT_WALK_H
#define VMTRACE_CORE_FORMAT_WALK_H

#include "core/format.h"

/*
 * walk: the page-table walk of one address. Write "PID ADDRESS". First line "format", then these
 * lines: N(key, meaning) a decimal number, H(key, meaning) a hexadecimal one with 0x, T(key,
 * meaning) a text. Lists are words separated by commas, or "-". For a reader without CAP_SYS_ADMIN,
 * entry and pfn are 0, as in /proc/<pid>/pagemap.
 */
#define VMTRACE_WALK "walk"

#define VMTRACE_WALK_LINES(N, H, T)                                                        \
	N(pid, "process, as it was written")                                               \
	H(address, "as it was written")                                                    \
	N(page_size, "bytes of a small page")                                              \
	N(levels, "levels of page tables that this machine has, of Linux's five")          \
	T(vma, "mapped, none, or below-stack: the stack above grows down to here")         \
	H(vma_start, "first address of the mapping, or of the stack above")                \
	H(vma_end, "first address after the mapping")                                      \
	T(vma_perms, "rwx and s for shared or p for private, - where not")                 \
	T(vma_facts, "properties of the mapping")                                          \
	H(vma_offset, "of the mapping in the file, in bytes")                              \
	T(vma_name, "as in /proc/<pid>/maps; newline and backslash in octal")              \
	T(cache, "page cache of the file there: hit, miss, end (beyond it) or -")          \
	T(page, "what is mapped")                                                          \
	N(page_pages, "small pages of the folio that it is part of")                       \
	N(mapcount, "page-table entries that map the page, of all processes")              \
	N(refcount, "references to its folio, including those entries")                    \
	T(page_flags, "flags of the page")                                                 \
	N(swap_type, "swap entry: number of the swap area")                                \
	N(swap_offset, "swap entry: offset in the swap area, in pages")                    \
	N(hw_accessed, "1: the CPU sets the accessed bit; 0: the kernel does, in a fault") \
	N(hw_dirty, "1: the CPU sets the dirty bit; 0: the kernel does, in a fault")

#define VMTRACE_WALK_VMA_MAPPED "mapped"
#define VMTRACE_WALK_VMA_NONE	"none"
#define VMTRACE_WALK_VMA_BELOW	"below-stack" /* none, but the mapping above grows down to here */

/* X(symbol, name, meaning) */
#define VMTRACE_WALK_FACTS(X)                                                                     \
	X(ANON, "anon", "private anonymous memory")                                               \
	X(SHARED, "shared", "MAP_SHARED")                                                         \
	X(SHMEM, "shmem", "tmpfs, memfd or shared anonymous memory")                              \
	X(HUGETLB, "hugetlb", "hugetlbfs")                                                        \
	X(SPECIAL, "special", "page frames without struct page, or DAX")                          \
	X(UFFD_MISSING, "uffd-missing", "a userfaultfd handles missing pages")                    \
	X(UFFD_WP, "uffd-wp", "a userfaultfd handles writes to protected pages")                  \
	X(UFFD_MINOR, "uffd-minor", "a userfaultfd handles pages that are cached but not mapped") \
	X(GROWS_DOWN, "grows-down", "a stack")                                                    \
	X(LOCKED, "locked", "mlock")                                                              \
	X(HUGEPAGE, "hugepage", "madvise(MADV_HUGEPAGE)")                                         \
	X(NOHUGEPAGE, "nohugepage", "madvise(MADV_NOHUGEPAGE) or prctl(PR_SET_THP_DISABLE)")      \
	X(HUGE_FITS, "huge-fits", "the mapping covers the aligned huge page of the address")      \
	X(UFFD_RWP, "uffd-rwp", "a userfaultfd handles accesses to protected pages")

#define VMTRACE_WALK_PAGES(X)                                              \
	X(NONE, "none", "nothing")                                         \
	X(ANON, "anon", "anonymous memory")                                \
	X(ZERO, "zero", "the shared zero page, small or huge")             \
	X(KSM, "ksm", "anonymous memory that was merged with equal pages") \
	X(FILE, "file", "page cache of a file")                            \
	X(SHMEM, "shmem", "tmpfs, memfd or shared anonymous memory")       \
	X(HUGETLB, "hugetlb", "hugetlbfs")                                 \
	X(SPECIAL, "special", "memory of the kernel or of a device")       \
	X(UNKNOWN, "unknown", "changed while it was read, or unknown to this version")

#define VMTRACE_WALK_PAGE_FLAGS(X)                                           \
	X(EXCLUSIVE, "exclusive", "anonymous and exclusive to this process") \
	X(LOCKED, "locked", "the page lock is held")                         \
	X(DIRTY, "dirty", "differs from what is on disk")                    \
	X(LRU, "lru", "on an LRU list")                                      \
	X(ACTIVE, "active", "on the active list")                            \
	X(WRITEBACK, "writeback", "being written to disk")                   \
	X(SWAPCACHE, "swapcache", "in the swap cache")                       \
	X(SWAPBACKED, "swapbacked", "reclaim would swap it out")             \
	X(UNEVICTABLE, "unevictable", "not reclaimable")                     \
	X(MLOCKED, "mlocked", "mlock")

/* Then a table, tab-separated: a line with these names, and one for each level, pgd first. */
#define VMTRACE_WALK_COLUMNS(X)                                       \
	X(level, "pgd, p4d, pud, pmd or pte")                         \
	X(index, "of the entry in its table; - without a table")      \
	X(entry, "the entry as the CPU sees it, hexadecimal with 0x") \
	X(kind, "of the entry")                                       \
	X(flags, "of the entry")                                      \
	X(pfn, "the frame of the next table, or of the page at the address; decimal")

/* The lowest first. */
#define VMTRACE_WALK_LEVELS(X) \
	X(pte)                 \
	X(pmd)                 \
	X(pud)                 \
	X(p4d)                 \
	X(pgd)

/* The first nine are those of enum vmtrace_entry_kind, in its order. */
#define VMTRACE_WALK_KINDS(X)                                                   \
	X(NONE, "none", "never touched, or freed since")                        \
	X(PRESENT, "page", "a page")                                            \
	X(SWAP, "swap", "a swap entry")                                         \
	X(MIGRATION, "migration", "a migration entry: the page is being moved") \
	X(DEVICE, "device", "a device-private or device-exclusive entry")       \
	X(HWPOISON, "hwpoison", "the page was lost to a memory error")          \
	X(UFFD_WP, "uffd-wp", "no page; marked as protected by a userfaultfd")  \
	X(GUARD, "guard", "no page; madvise(MADV_GUARD_INSTALL)")               \
	X(UNKNOWN, "unknown", "unknown to this version")                        \
	X(HUGE, "huge", "a huge page")                                          \
	X(TABLE, "table", "the table of the next level")                        \
	X(FOLDED, "folded", "this machine has no such level")                   \
	X(ABSENT, "absent", "no table here: the walk ended above")

#define VMTRACE_WALK_FLAGS(X)                                                                   \
	X(VALID, "present", "the CPU uses the entry")                                           \
	X(WRITE, "write", "writes need no fault")                                               \
	X(USER, "user", "accessible in user mode")                                              \
	X(ACCESSED, "accessed", "was used")                                                     \
	X(DIRTY, "dirty", "was written to")                                                     \
	X(NX, "nx", "not executable in user mode")                                              \
	X(GLOBAL, "global", "kept in the TLB across context switches")                          \
	X(CONTIGUOUS, "contiguous", "one TLB entry may cover this entry and its neighbours")    \
	X(SPECIAL, "special", "no struct page may be used")                                     \
	X(PROTNONE, "protnone", "inaccessible: PROT_NONE, a NUMA hint, or userfaultfd RWP")     \
	X(SOFT_DIRTY, "soft-dirty", "written to since /proc/<pid>/clear_refs")                  \
	X(UFFD_WP, "uffd-wp", "a userfaultfd protects it against writes or (RWP) every access") \
	X(EXCLUSIVE, "exclusive", "swap entry: the page was exclusive to this process")

/* A set of facts or flags has bit n for the value n. */
enum vmtrace_walk_fact {
#define VMTRACE_WALK_SYMBOL(symbol, name, meaning) VMTRACE_WALK_FACT_##symbol,
	VMTRACE_WALK_FACTS(VMTRACE_WALK_SYMBOL)
#undef VMTRACE_WALK_SYMBOL
	VMTRACE_WALK_FACT_COUNT,
};

enum vmtrace_walk_page {
#define VMTRACE_WALK_SYMBOL(symbol, name, meaning) VMTRACE_WALK_PAGE_##symbol,
	VMTRACE_WALK_PAGES(VMTRACE_WALK_SYMBOL)
#undef VMTRACE_WALK_SYMBOL
	VMTRACE_WALK_PAGE_COUNT,
};

enum vmtrace_walk_page_flag {
#define VMTRACE_WALK_SYMBOL(symbol, name, meaning) VMTRACE_WALK_PAGE_FLAG_##symbol,
	VMTRACE_WALK_PAGE_FLAGS(VMTRACE_WALK_SYMBOL)
#undef VMTRACE_WALK_SYMBOL
	VMTRACE_WALK_PAGE_FLAG_COUNT,
};

enum vmtrace_walk_kind {
#define VMTRACE_WALK_SYMBOL(symbol, name, meaning) VMTRACE_WALK_KIND_##symbol,
	VMTRACE_WALK_KINDS(VMTRACE_WALK_SYMBOL)
#undef VMTRACE_WALK_SYMBOL
	VMTRACE_WALK_KIND_COUNT,
};

enum vmtrace_walk_flag {
#define VMTRACE_WALK_SYMBOL(symbol, name, meaning) VMTRACE_WALK_FLAG_##symbol,
	VMTRACE_WALK_FLAGS(VMTRACE_WALK_SYMBOL)
#undef VMTRACE_WALK_SYMBOL
	VMTRACE_WALK_FLAG_COUNT,
};

#endif /* VMTRACE_CORE_FORMAT_WALK_H */
