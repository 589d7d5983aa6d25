/* SPDX-License-Identifier: GPL-2.0 */
/*
 * format.h - the names and the version of everything vmtrace publishes
 *
 * Shared by the module (which prints) and user/ (which parses), so that a field
 * has one spelling in /proc, in JSON and in the manual. Plain C, no includes.
 *
 * Every file is a list of "key:\tvalue" lines, which a table may follow. The first
 * line is the format version. Fields are appended, never renamed, reordered or removed;
 * a change that an old reader would misread raises VMTRACE_FORMAT. A reader skips keys
 * and columns that it does not know, and shows classes that it does not know.
 */
#ifndef VMTRACE_FORMAT_H
#define VMTRACE_FORMAT_H

#define VMTRACE_VERSION "0.1.0"
#define VMTRACE_FORMAT	1

/* Below /proc. */
#define VMTRACE_DIR	"vmtrace"
#define VMTRACE_SELF	"self"
#define VMTRACE_SUMMARY "summary"
#define VMTRACE_TOTAL	"total"

/*
 * Why an access of user code failed, X(key, meaning): by the signal that the kernel
 * raised for it, whether that was handled, ignored, blocked or deadly. Those that the
 * process sent to itself with a forged si_code are not in it. A SIGBUS for which
 * handle_mm_fault was asked in vain is in "failed" and in the table, too.
 */
#define VMTRACE_REASONS(X)                                                  \
	X(segv_maperr, "SIGSEGV: nothing is mapped there (SEGV_MAPERR)")    \
	X(segv_accerr, "SIGSEGV: the mapping forbids it (SEGV_ACCERR)")     \
	X(segv_other, "SIGSEGV of another kind")                            \
	X(bus_adrerr, "SIGBUS: beyond the file's end, or I/O (BUS_ADRERR)") \
	X(bus_adraln, "SIGBUS: misaligned (BUS_ADRALN)")                    \
	X(bus_mceerr, "SIGBUS: page lost to a memory error (BUS_MCEERR_*)") \
	X(bus_other, "SIGBUS of another kind")

enum vmtrace_reason {
#define VMTRACE_REASON_KEY(key, meaning) VMTRACE_REASON_##key,
	VMTRACE_REASONS(VMTRACE_REASON_KEY)
#undef VMTRACE_REASON_KEY
	VMTRACE_REASON_COUNT,
};

/*
 * /proc/vmtrace/<pid> and /proc/vmtrace/self, in order of appearance.
 *
 * First three lines: "format" (number), "name" (text; a newline is written \012
 * and a backslash \134), "state" (text: VMTRACE_STATE_*), then these decimal
 * numbers, X(key, meaning).
 * Counts run since tracking of the process began: its creation, the loading of the
 * module, or the last reset, whatever came last. They always satisfy
 *   kernel_minor + kernel_major == minor + major + dropped + unobserved
 *   origin_user + origin_kernel + origin_gup + origin_remote == minor + major + failed
 * Only unobserved is signed: a negative value would be a defect of vmtrace.
 */
#define VMTRACE_STATE_LIVE   "live"
#define VMTRACE_STATE_EXITED "exited"

#define VMTRACE_PROCESS_NUMBERS(X)                                                        \
	X(pid, "process id, in the pid namespace of the proc mount")                      \
	X(uid, "real user id, in the reader's user namespace")                            \
	X(start_ns, "start of the process, ns since boot (CLOCK_BOOTTIME)")               \
	X(threads, "threads alive now")                                                   \
	X(pgtables_bytes, "memory of its page tables now; 0 if it has exited")            \
	X(threads_seen, "threads that took a fault, dead ones included")                  \
	X(in_flight, "threads inside a fault at this moment")                             \
	X(minor, "minor faults counted by vmtrace")                                       \
	X(major, "major faults counted by vmtrace")                                       \
	X(kernel_minor, "minor faults counted by the kernel itself")                      \
	X(kernel_major, "major faults counted by the kernel itself")                      \
	X(retried, "attempts that the kernel asked to be repeated")                       \
	X(failed, "faults that ended in an error (SIGSEGV, SIGBUS, OOM)")                 \
	X(unobserved, "faults that the kernel counted and the hook never saw")            \
	X(missed, "hook entries skipped by the kernel, system-wide")                      \
	X(dropped, "faults seen but not recorded: table full or no memory")               \
	X(untimed, "faults whose time and pages were not recorded: filter, or no memory") \
	X(origin_user, "faults by user code")                                             \
	X(origin_kernel, "faults by the kernel, touching user memory")                    \
	X(origin_gup, "faults by the kernel, pinning user memory")                        \
	X(origin_remote, "faults on memory of another process")                           \
	VMTRACE_REASONS(X)

/*
 * Then follows a table, tab-separated: a line with the names of the columns, "class" and
 * X(column, meaning), then a line for each class of which there were faults, in the order
 * of VMTRACE_CLASSES. It ends with the file, or at an empty line: nothing follows yet.
 *
 * The faults of the classes before sigsegv add up to minor + major, and the others to
 * failed; with hook=entry, faults that failed for a reason that is not known are of the class
 * other. Times are of whole faults, from the first attempt's entry into handle_mm_fault
 * to the last one's return, in ns; those that are untimed are not in them. Quantiles are
 * off by at most 6 %.
 */
#define VMTRACE_CLASS_COLUMNS(X)                                            \
	X(faults, "faults of this class")                                   \
	X(major, "those that the kernel counts as major")                   \
	X(pages, "pages that they mapped, or replaced by others")           \
	X(tables, "page tables that they took")                             \
	X(total_ns, "time in all of them together")                         \
	X(asleep_ns, "the part of it in which the thread was not on a CPU") \
	X(p50_ns, "half of them took no longer")                            \
	X(p90_ns, "nine of ten took no longer")                             \
	X(p99_ns, "99 of 100 took no longer")                               \
	X(max_ns, "the longest")

/* X(symbol, name, meaning); a name is lower-case letters, digits and '-'. */
#define VMTRACE_CLASSES(X)                                                                   \
	X(ANON, "anon", "first write of an anonymous page")                                  \
	X(ZERO, "zero", "first read of one: the shared zero page")                           \
	X(THP, "thp", "first touch that mapped a huge page")                                 \
	X(COW_COPY, "cow-copy", "write to a shared page of private memory: copied")          \
	X(COW_REUSE, "cow-reuse", "the same, but nobody else had it any more")               \
	X(FILE_COW, "file-cow", "first write of a private file page: copied")                \
	X(FILE_HIT, "file-hit", "file page that was in the page cache")                      \
	X(FILE_MISS, "file-miss", "file page that had to be read")                           \
	X(MKWRITE, "mkwrite", "first write of a shared page that is mapped")                 \
	X(SHMEM, "shmem", "page of tmpfs, memfd or shared anonymous memory")                 \
	X(SWAP_CACHE, "swap-cache", "swapped page that was still in memory")                 \
	X(SWAP_READ, "swap-read", "swapped page that had to be read")                        \
	X(HUGETLB, "hugetlb", "page of hugetlbfs")                                           \
	X(NUMA, "numa", "hint: which node uses the page?")                                   \
	X(MIGRATION, "migration", "wait for a page that was being moved")                    \
	X(USERFAULT, "userfault", "served through a userfaultfd")                            \
	X(SPURIOUS, "spurious", "the page was there: another thread, or access bits")        \
	X(SPECIAL, "special", "memory without struct page, DAX, devices")                    \
	X(OTHER, "other", "unknown to this version")                                         \
	X(UNCLASSIFIED, "unclassified", "counted only: the filter in debugfs leaves it out") \
	X(SIGSEGV, "sigsegv", "failed: SIGSEGV")                                             \
	X(SIGBUS, "sigbus", "failed: SIGBUS, beyond the end of a file or I/O")               \
	X(OOM, "oom", "failed: no memory")                                                   \
	X(HWPOISON, "hwpoison", "failed: the page was lost to a memory error")

enum vmtrace_class {
#define VMTRACE_CLASS_SYMBOL(symbol, name, meaning) VMTRACE_CLASS_##symbol,
	VMTRACE_CLASSES(VMTRACE_CLASS_SYMBOL)
#undef VMTRACE_CLASS_SYMBOL
	VMTRACE_CLASS_COUNT,
};

/* /sys/kernel/debug/vmtrace/enabled, filter and reset: see control.h. */
#define VMTRACE_RESET	"reset"
#define VMTRACE_ENABLED "enabled"
#define VMTRACE_FILTER	"filter"

/*
 * /sys/kernel/debug/vmtrace/<pid>/threads, latency and slowest: the first line is
 * the format version, then a table as above. <pid> and tid are those of the initial
 * pid namespace. Times are in ns.
 *
 * threads: a line for each thread alive that took a fault.
 */
#define VMTRACE_THREADS	     "threads"
#define VMTRACE_LATENCY	     "latency"
#define VMTRACE_SLOWEST_FILE "slowest"

#define VMTRACE_THREAD_COLUMNS(X)                                   \
	X(tid, "thread id")                                         \
	X(minor, "minor faults")                                    \
	X(major, "major faults")                                    \
	X(retried, "attempts that the kernel asked to be repeated") \
	X(failed, "faults that ended in an error")                  \
	X(in_flight, "1 while the thread is inside a fault")        \
	X(total_ns, "time in all of its faults together")           \
	X(asleep_ns, "the part of it in which it was not on a CPU") \
	X(max_ns, "its longest fault")                              \
	X(name, "of the thread; newline and backslash in octal")

/* latency: a line for each bucket of a class that is not empty, see hist.h. */
#define VMTRACE_LATENCY_COLUMNS(X)                 \
	X(class, "of the faults")                  \
	X(from_ns, "the least time of the bucket") \
	X(to_ns, "the first time beyond it")       \
	X(faults, "how many took so long")

/* slowest: the slowest faults of the process, the slowest first. */
#define VMTRACE_SLOW_COLUMNS(X)                                               \
	X(took_ns, "from its first attempt's entry to its last one's return") \
	X(asleep_ns, "the part of it in which the thread was not on a CPU")   \
	X(ended_ns, "when it was over, since boot (CLOCK_BOOTTIME)")          \
	X(tid, "thread id")                                                   \
	X(class, "of the fault")                                              \
	X(origin, "user, kernel, gup or remote: who asked for the memory")    \
	X(address, "of the access")                                           \
	X(ip, "of the instruction, in user space or the kernel; 0: none")     \
	X(start, "first address of the mapping, then")                        \
	X(end, "first address behind it")                                     \
	X(offset, "of the address in the file, in bytes")                     \
	X(device, "of the file, major:minor")                                 \
	X(inode, "of the file; 0: anonymous memory")                          \
	X(name, "of the mapping, if it is still there; as in /proc/<pid>/maps")

/*
 * hot: what faulted most, below VMTRACE_DIR in debugfs: <pid>/hot, for root alone. First line
 * "format" (number), then these decimal numbers, X(key, meaning), then a table as above: the
 * hottest instructions, then the hottest pages, VMTRACE_HOT_LINES of each at the most.
 *
 * Not all can be counted one by one: what a line says of an instruction or page is a
 * lower bound, and exact for those that were hot throughout. The others' faults are what is
 * left:
 *   ips == sum of the ip lines + ips_others
 *   pages == sum of the page lines + pages_others
 * Those for which there was no memory are among the others. Those that the filter
 * leaves out are in none of these numbers. A page is a small one, even if a huge one was
 * mapped. Addresses are those of all programs that the process executed.
 */
#define VMTRACE_HOT	  "hot"
#define VMTRACE_HOT_LINES 16

#define VMTRACE_HOT_NUMBERS(X)                                                     \
	X(ips, "faults by an instruction: all but those of origin gup and remote") \
	X(ips_others, "those of instructions without a line")                      \
	X(pages, "faults on pages of its own: all but those of origin remote")     \
	X(pages_others, "those on pages without a line")

#define VMTRACE_HOT_COLUMNS(X)                                              \
	X(kind, "ip or page")                                               \
	X(faults, "at least so many, decimal")                              \
	X(address, "of the instruction, or the first one of the page")      \
	X(start, "first address of the mapping that is there now; 0: none") \
	X(offset, "of the address in the file, in bytes")                   \
	X(name, "of the mapping, as in /proc/<pid>/maps; or the function of the kernel")

/* X(symbol, name, meaning). Pages are first: where a table begins costs an instruction less. */
#define VMTRACE_HOT_KINDS(X)                          \
	X(PAGE, "page", "a page that was faulted on") \
	X(IP, "ip", "an instruction, in user space or the kernel")

enum vmtrace_hot_kind {
#define VMTRACE_HOT_SYMBOL(symbol, name, meaning) VMTRACE_HOT_##symbol,
	VMTRACE_HOT_KINDS(VMTRACE_HOT_SYMBOL)
#undef VMTRACE_HOT_SYMBOL
	VMTRACE_HOT_KIND_COUNT,
};

/*
 * The last failed accesses of a process, live or exited: <pid>/failures below
 * VMTRACE_DIR in debugfs, for root alone; <pid> and tid are numbers of the initial pid
 * namespace.
 *
 * First two lines: "format" (number), "name" (text, as above), then these decimal
 * numbers, then a table, tab-separated: a line with the names of the columns, and a
 * line for each failure, the oldest first. Addresses and offsets are hexadecimal.
 *
 * What was mapped is looked up a moment after the access, before its signal is handled
 * or deadly; another thread may have changed it. Paths are as the process saw them.
 */
#define VMTRACE_FAILURES_FILE "failures"

#define VMTRACE_FAILURES_NUMBERS(X)                              \
	X(pid, "process id, in the initial namespace")           \
	X(failures, "failed accesses of all reasons")            \
	X(unkept, "those not in the table, ever, for no memory") \
	X(kept, "lines of the table: the last ones")

#define VMTRACE_FAILURES_COLUMNS(X)                                                        \
	X(time_ns, "when, since boot (CLOCK_BOOTTIME)")                                    \
	X(tid, "thread id")                                                                \
	X(reason, "why: the key under which the process counts it")                        \
	X(signal, "its number")                                                            \
	X(code, "its si_code")                                                             \
	X(address, "of the access; 0 also if the kernel names none: code 128")             \
	X(ip, "of the instruction")                                                        \
	X(where, "inside a mapping, beyond or before the nearest one, nowhere or unknown") \
	X(distance, "from its start or end to there, bytes, decimal")                      \
	X(start, "first address of the mapping, or of the nearest one; then")              \
	X(end, "first address after it")                                                   \
	X(perms, "rwx and s or p: shared, private")                                        \
	X(offset, "of the address in the file, if the mapping went on so far")             \
	X(name, "as in /proc/<pid>/maps; tab, newline and backslash in octal")             \
	X(ip_offset, "of the instruction in the file, then")                               \
	X(ip_name, "that of its mapping; empty if it is in none")

/* X(symbol, name, meaning) */
#define VMTRACE_WHERES(X)                                                          \
	X(UNKNOWN, "unknown", "it could not be looked up: no memory, exit, lock")  \
	X(INSIDE, "inside", "in the mapping, distance bytes from its start")       \
	X(BEYOND, "beyond", "behind the nearest one, distance bytes from its end") \
	X(BEFORE, "before", "that much before the start of the nearest one")       \
	X(NOWHERE, "nowhere", "an address of the kernel, or none")

enum vmtrace_where {
#define VMTRACE_WHERE_SYMBOL(symbol, name, meaning) VMTRACE_WHERE_##symbol,
	VMTRACE_WHERES(VMTRACE_WHERE_SYMBOL)
#undef VMTRACE_WHERE_SYMBOL
};

/*
 * /proc/vmtrace/summary: the state of the module, in order of appearance. First four lines:
 * "format" (number), "version" (text), "hook" (text: what is on handle_mm_fault),
 * "hook_reason" (text: why this one), then these decimal numbers. Reading it takes the
 * same time however many threads and processes there are.
 */
#define VMTRACE_SUMMARY_NUMBERS(X)                                                            \
	X(processes, "live processes tracked")                                                \
	X(exited, "exited processes that can still be read")                                  \
	X(history, "how many exited processes are kept (parameter)")                          \
	X(threads, "thread records in use")                                                   \
	X(max_threads, "thread records allowed (parameter)")                                  \
	X(thread_bytes, "memory of one thread record")                                        \
	X(process_bytes, "memory of one process, without its threads")                        \
	X(hot_bytes, "memory of the hottest of one thread, beside that")                      \
	X(times_bytes, "memory of the times of one class of a thread's faults")               \
	X(maxactive, "faults that may be in flight at once; 0: no limit")                     \
	X(enabled, "0: switched off in debugfs, faults go unobserved; 1: not")                \
	X(filter_words, "words of the filter in debugfs; 0: none, all faults are classified") \
	X(reset_ns, "last reset, ns since boot (CLOCK_BOOTTIME); 0: never")                   \
	X(missed, "hook entries skipped by the kernel")                                       \
	X(dropped, "faults seen but not recorded: table full or no memory")                   \
	X(growth_bytes, "memory of one growth of a process")                                  \
	X(growth_probes, "functions probed to see growths, of 4")                             \
	X(growth_missed, "entries of these skipped by the kernel since load")

/*
 * /proc/vmtrace/total: the sums over all processes since load or reset, those that have
 * exited and cannot be read any more among them; of each of one moment, but not the same. First
 * line "format" (number), then these decimal numbers. Reading it visits every process and
 * thread, and takes time linear in their number.
 */
#define VMTRACE_TOTAL_NUMBERS(X)                                               \
	X(minor, "minor faults counted by vmtrace")                            \
	X(major, "major faults counted by vmtrace")                            \
	X(kernel_minor, "minor faults counted by the kernel for the same")     \
	X(kernel_major, "major faults counted by the kernel for the same")     \
	X(retried, "attempts that the kernel asked to be repeated")            \
	X(failed, "faults that ended in an error (SIGSEGV, SIGBUS, OOM)")      \
	X(unobserved, "faults that the kernel counted and the hook never saw") \
	X(missed, "hook entries skipped by the kernel")                        \
	X(dropped, "faults seen but not recorded: table full or no memory")

/*
 * debugfs vmtrace/walk: the page-table walk of one address. Write "PID ADDRESS", then
 * read. First line "format", then these lines: N(key, meaning) a decimal number,
 * H(key, meaning) a hexadecimal one with 0x, T(key, meaning) a text. Lists are
 * words with commas in between, "-" if there is none. All that identifies memory of
 * the machine is 0 for a reader without CAP_SYS_ADMIN: entry and pfn, as in
 * /proc/<pid>/pagemap.
 */
#define VMTRACE_WALK "walk"

#define VMTRACE_WALK_LINES(N, H, T)                                                \
	N(pid, "process, as it was written")                                       \
	H(address, "as it was written")                                            \
	N(page_size, "of the machine's small page, in bytes")                      \
	N(levels, "levels of page tables that this machine has, of Linux's five")  \
	T(vma, "mapped, none, or below-stack: the stack above grows down to here") \
	H(vma_start, "first address of the mapping, or of the stack above")        \
	H(vma_end, "the one after its last")                                       \
	T(vma_perms, "rwx and s for shared or p for private, - where not")         \
	T(vma_facts, "what sort of mapping it is")                                 \
	H(vma_offset, "where in its file the mapping begins, in bytes")            \
	T(vma_name, "as in /proc/<pid>/maps; newline and backslash in octal")      \
	T(cache, "page cache of the file there: hit, miss, end (beyond it) or -")  \
	T(page, "what is mapped")                                                  \
	N(page_pages, "small pages of the folio that it is part of")               \
	N(mapcount, "page-table entries that map the page, of all processes")      \
	N(refcount, "references to its folio, those entries among them")           \
	T(page_flags, "what is known of the page")                                 \
	N(swap_type, "of a swap entry: the area")                                  \
	N(swap_offset, "of a swap entry: the page in it")                          \
	N(hw_accessed, "1: the CPU sets accessed itself, 0: by a fault")           \
	N(hw_dirty, "1: the CPU sets dirty itself, 0: by a fault")

#define VMTRACE_WALK_VMA_MAPPED "mapped"
#define VMTRACE_WALK_VMA_NONE	"none"
#define VMTRACE_WALK_VMA_BELOW	"below-stack" /* none, but the mapping above grows down to here */

/* X(symbol, name, meaning) */
#define VMTRACE_WALK_FACTS(X)                                                           \
	X(ANON, "anon", "private anonymous memory")                                     \
	X(SHARED, "shared", "writes are seen by others")                                \
	X(SHMEM, "shmem", "tmpfs, memfd or shared anonymous memory")                    \
	X(HUGETLB, "hugetlb", "hugetlbfs")                                              \
	X(SPECIAL, "special", "page frames without struct page, or DAX")                \
	X(UFFD_MISSING, "uffd-missing", "a userfaultfd serves missing pages")           \
	X(UFFD_WP, "uffd-wp", "a userfaultfd serves writes to protected pages")         \
	X(UFFD_MINOR, "uffd-minor", "a userfaultfd serves pages that are not mapped")   \
	X(GROWS_DOWN, "grows-down", "a stack")                                          \
	X(LOCKED, "locked", "mlock")                                                    \
	X(HUGEPAGE, "hugepage", "madvise(MADV_HUGEPAGE)")                               \
	X(NOHUGEPAGE, "nohugepage", "madvise(MADV_NOHUGEPAGE), or the process said so") \
	X(HUGE_FITS, "huge-fits", "a huge page around the address would fit in")        \
	X(UFFD_RWP, "uffd-rwp", "a userfaultfd serves accesses to protected pages")

#define VMTRACE_WALK_PAGES(X)                                              \
	X(NONE, "none", "nothing")                                         \
	X(ANON, "anon", "anonymous memory")                                \
	X(ZERO, "zero", "the shared zero page, small or huge")             \
	X(KSM, "ksm", "anonymous memory that was merged with equal pages") \
	X(FILE, "file", "page cache of a file")                            \
	X(SHMEM, "shmem", "tmpfs, memfd or shared anonymous memory")       \
	X(HUGETLB, "hugetlb", "hugetlbfs")                                 \
	X(SPECIAL, "special", "memory of the kernel or of a device")       \
	X(UNKNOWN, "unknown", "it changed while it was looked at, or came after this version")

#define VMTRACE_WALK_PAGE_FLAGS(X)                                                 \
	X(EXCLUSIVE, "exclusive", "anonymous, and of this process alone for sure") \
	X(LOCKED, "locked", "somebody works on it")                                \
	X(DIRTY, "dirty", "differs from what is on disk")                          \
	X(LRU, "lru", "on a list that reclaim looks at")                           \
	X(ACTIVE, "active", "on the one it looks at last")                         \
	X(WRITEBACK, "writeback", "being written to disk")                         \
	X(SWAPCACHE, "swapcache", "also has a place in swap")                      \
	X(SWAPBACKED, "swapbacked", "reclaim would swap it out")                   \
	X(UNEVICTABLE, "unevictable", "reclaim must not take it")                  \
	X(MLOCKED, "mlocked", "because of mlock")

/* Then a table, tab-separated: a line with these names, and one for each level, pgd first. */
#define VMTRACE_WALK_COLUMNS(X)                                       \
	X(level, "pgd, p4d, pud, pmd or pte")                         \
	X(index, "of the entry in its table; - without a table")      \
	X(entry, "the entry as the CPU sees it, hexadecimal with 0x") \
	X(kind, "what sort of entry it is")                           \
	X(flags, "what its bits say")                                 \
	X(pfn, "the frame of the next table, or of the page at the address; decimal")

/* The lowest first. */
#define VMTRACE_WALK_LEVELS(X) \
	X(pte)                 \
	X(pmd)                 \
	X(pud)                 \
	X(p4d)                 \
	X(pgd)

/* The first nine are those of enum vmtrace_entry_kind, in its order. */
#define VMTRACE_WALK_KINDS(X)                                                  \
	X(NONE, "none", "never touched, or given back")                        \
	X(PRESENT, "page", "a page")                                           \
	X(SWAP, "swap", "a place in swap")                                     \
	X(MIGRATION, "migration", "the page is on its way to another place")   \
	X(DEVICE, "device", "the page is in a device's memory, or lent to it") \
	X(HWPOISON, "hwpoison", "the page was lost to a memory error")         \
	X(UFFD_WP, "uffd-wp", "no page; userfaultfd protects the place")       \
	X(GUARD, "guard", "no page; madvise(MADV_GUARD_INSTALL)")              \
	X(UNKNOWN, "unknown", "came after this version")                       \
	X(HUGE, "huge", "a huge page")                                         \
	X(TABLE, "table", "the table of the next level")                       \
	X(FOLDED, "folded", "this machine has no such level")                  \
	X(ABSENT, "absent", "no table here: the walk ended above")

#define VMTRACE_WALK_FLAGS(X)                                                                 \
	X(VALID, "present", "the CPU uses the entry")                                         \
	X(WRITE, "write", "writes need no fault")                                             \
	X(USER, "user", "programs may use it")                                                \
	X(ACCESSED, "accessed", "was used")                                                   \
	X(DIRTY, "dirty", "was written to")                                                   \
	X(NX, "nx", "programs may not execute it")                                            \
	X(GLOBAL, "global", "the TLB keeps it over a change of process")                      \
	X(CONTIGUOUS, "contiguous", "one TLB entry may do for its neighbours, too")           \
	X(SPECIAL, "special", "no struct page to be used")                                    \
	X(PROTNONE, "protnone", "a page, but for nobody: PROT_NONE, a NUMA hint, or uffd-wp") \
	X(SOFT_DIRTY, "soft-dirty", "written to since /proc/<pid>/clear_refs")                \
	X(UFFD_WP, "uffd-wp", "userfaultfd protects it against writing, or any access")       \
	X(EXCLUSIVE, "exclusive", "in swap: of this process alone for sure")

/* Sets are bits, of which these are the numbers. */
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

/*
 * The lazy ledger: <pid>/maps below VMTRACE_DIR in debugfs, for root alone; <pid> is
 * the number in the initial pid namespace. What the process asked for, and what it
 * has of it, looked up in its page tables when the file is opened. A process that
 * has exited, or has no memory of its own, is refused with ESRCH.
 *
 * First two lines: "format" (number), "name" (text, as above), then these decimal
 * numbers: VMTRACE_MAPS_NUMBERS, the totals VMTRACE_MAPS_KINDS, VMTRACE_MAPS_KERNEL, the
 * kernel's own, and VMTRACE_MAPS_GROWTH. The second and, but for the last of them, the
 * third are in pages of page_bytes.
 * Of a process that stands still,
 *   reserved == populated + zero + swapped + special + other + untouched
 *   reserved == total_vm, populated == rss + hugetlb, swapped == swap
 * The first holds of every line always; the others compare two moments.
 */
#define VMTRACE_MAPS "maps"

#define VMTRACE_MAPS_NUMBERS(X)                        \
	X(pid, "process id, in the initial namespace") \
	X(page_bytes, "size of a page")                \
	X(mappings, "lines of the table below")

#define VMTRACE_MAPS_KINDS(X)                                                                 \
	X(reserved, "what the process asked for")                                             \
	X(populated, "has a page of its own or of a file; one being migrated is there")       \
	X(zero, "was only read: the shared zero page, small or huge")                         \
	X(swapped, "its page is in swap; of private memory")                                  \
	X(untouched, "nothing in the page table; what was there may be in the page cache")    \
	X(huge, "populated and zero ones that an entry of a higher level maps, many at once") \
	X(special, "memory without struct page: devices, vvar")                               \
	X(other, "poisoned, guarded or marked by userfaultfd: no page")

#define VMTRACE_MAPS_KERNEL(X)                           \
	X(total_vm, "VmSize of /proc/<pid>/status")      \
	X(data_vm, "VmData")                             \
	X(stack_vm, "VmStk")                             \
	X(rss, "VmRSS, but to the page on every kernel") \
	X(swap, "VmSwap, likewise")                      \
	X(hugetlb, "HugetlbPages, which are not in rss") \
	X(pgtables_bytes, "memory of the page tables, bytes")

/*
 * A first touch is a fault that found nothing in the page table and left a page there,
 * or many; of the process's own memory, since tracking began, but for faults that
 * "filter" leaves out. Of the mappings' and first_touch_gone it is the sum.
 */
#define VMTRACE_MAPS_GROWTH(X)                                                  \
	X(first_touch, "first touches, faults that found nothing there, ever")  \
	X(first_touch_gone, "those of what is unmapped since, or not recorded") \
	X(growths, "pieces in which its memory came, as far as is recorded")    \
	X(growths_unrecorded, "those that came and were not: too many, or no memory")

/*
 * Then follows a table, tab-separated, a line with the names of the columns first:
 * these, VMTRACE_MAPS_KINDS, and VMTRACE_MAPS_TOUCHES. A line is a mapping, or, if the
 * mappings were changed meanwhile, what was found of it; lines do not overlap.
 */
#define VMTRACE_MAPS_COLUMNS(X)                                   \
	X(start, "first address, hexadecimal")                    \
	X(end, "first address after it, hexadecimal")             \
	X(perms, "rwx and s or p: shared, private")               \
	X(offset, "of the start in the file, bytes, hexadecimal") \
	X(name, "as in /proc/<pid>/maps; tab, newline and backslash in octal")

/*
 * A mapping may be made of several growths: one for each mmap, brk or moving mremap that
 * went into it. The newest of them counts. Their ages are not known if they are older
 * than the module or came by fork, nor of the stack and the vdso, nor of what mremap
 * extends in its place, nor of any if the probes were silenced meanwhile, or missed.
 *
 * Of a growth that was cut into two mappings after it was touched, nobody knows where:
 * its first touches until then are those of the lower one.
 */
#define VMTRACE_MAPS_TOUCHES(X)                                     \
	X(first_touch, "first touches in what is mapped there now") \
	X(age_ns, "since its newest growth; -1: not known")         \
	X(delay_ns, "from then to its first touch; -1: none yet, or age not known")

#endif /* VMTRACE_FORMAT_H */
