/* SPDX-License-Identifier: GPL-2.0 */
/*
 * format.h - the names and the version of everything vmtrace publishes
 *
 * Shared by the module (which prints) and user/ (which parses), so that a field has one spelling
 * in /proc, in JSON and in the manual. Plain C, no includes.
 *
 * Every file is a list of "key:\tvalue" lines, which a table may follow. The first line is the
 * format version. Fields are appended, never renamed, reordered or removed; a change that an old
 * reader would misread raises VMTRACE_FORMAT. A reader skips keys and columns that it does not
 * know, and shows classes that it does not know.
 */
#ifndef VMTRACE_CORE_FORMAT_H
#define VMTRACE_CORE_FORMAT_H

#define VMTRACE_VERSION "0.1.0"
#define VMTRACE_FORMAT	2

/* Below /proc. */
#define VMTRACE_DIR	"vmtrace"
#define VMTRACE_SELF	"self"
#define VMTRACE_SUMMARY "summary"
#define VMTRACE_TOTAL	"total"

/*
 * Why an access of user code failed, X(key, meaning): the signal that the kernel raised for it,
 * whether the signal was handled, ignored, blocked or fatal. A signal that the process sent to
 * itself with a forged si_code is not counted. A SIGBUS after handle_mm_fault has failed is also
 * counted in "failed" and in the table of classes.
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
 * First three lines: "format" (number), "name" (text; a newline is written \012 and a backslash
 * \134), "state" (text: VMTRACE_STATE_*), then these decimal numbers, X(key, meaning).
 *
 * Counts begin with the process, or with the loading of the module if the process is older. They
 * always satisfy
 *   kernel_minor + kernel_major == minor + major + dropped + unobserved
 *   origin_user + origin_kernel + origin_gup + origin_remote == minor + major + failed
 * Only unobserved is signed: a negative value would be a defect of vmtrace. The *_bytes are 0 once
 * the process has no memory.
 */
#define VMTRACE_STATE_LIVE   "live"
#define VMTRACE_STATE_EXITED "exited"

#define VMTRACE_PROCESS_NUMBERS(X)                                                           \
	X(pid, "process id, in the pid namespace of the proc mount")                         \
	X(uid, "real user id, in the reader's user namespace")                               \
	X(start_ns, "start of the process, ns since boot (CLOCK_BOOTTIME)")                  \
	X(threads, "threads alive now")                                                      \
	X(reserved_bytes, "memory that it asked for (VmSize)")                               \
	X(resident_bytes, "the part of it that is in memory (VmRSS)")                        \
	X(swapped_bytes, "the part of it that is in swap (VmSwap)")                          \
	X(pgtables_bytes, "memory of its page tables")                                       \
	X(first_touch_faults, "faults that mapped a page where the page table had no entry") \
	X(first_touch_pages, "pages mapped by these faults")                                 \
	X(threads_seen, "threads that have taken a fault, also exited ones")                 \
	X(in_flight, "threads inside a fault at this moment")                                \
	X(minor, "minor faults counted by vmtrace")                                          \
	X(major, "major faults counted by vmtrace")                                          \
	X(kernel_minor, "minor faults counted by the kernel itself")                         \
	X(kernel_major, "major faults counted by the kernel itself")                         \
	X(retried, "attempts that the kernel asked to be repeated")                          \
	X(failed, "faults that ended in an error (SIGSEGV, SIGBUS, OOM)")                    \
	X(unobserved, "faults that the kernel counted and the hook never saw")               \
	X(missed, "hook entries skipped by the kernel, system-wide")                         \
	X(dropped, "faults seen but not recorded: table full or no memory")                  \
	X(untimed, "faults whose time and pages were not recorded: no memory")               \
	X(origin_user, "faults by user code")                                                \
	X(origin_kernel, "faults by the kernel, copying to or from user memory")             \
	X(origin_gup, "faults by get_user_pages()")                                          \
	X(origin_remote, "faults on memory of another process")                              \
	VMTRACE_REASONS(X)

/*
 * A table follows, tab-separated: a line with the names of the columns, "class" and X(column,
 * meaning), then a line for each class that has faults, in the order of VMTRACE_CLASSES. It ends
 * with the file, or at an empty line, after which a later version may append something.
 *
 * The faults of the classes before sigsegv add up to minor + major, those of the other classes to
 * failed. The time of a fault runs from the entry of its first attempt into handle_mm_fault to
 * the return of its last attempt, in ns; untimed faults have none. The error of quantiles is at
 * most 6 %.
 */
#define VMTRACE_CLASS_COLUMNS(X)                                                 \
	X(faults, "faults of this class")                                        \
	X(major, "major faults of this class")                                   \
	X(pages, "pages mapped, including pages that replaced another one")      \
	X(tables, "page tables allocated")                                       \
	X(total_ns, "total time")                                                \
	X(asleep_ns, "the part of total_ns in which the thread was off the CPU") \
	X(p50_ns, "median")                                                      \
	X(p90_ns, "90th percentile")                                             \
	X(p99_ns, "99th percentile")                                             \
	X(max_ns, "longest time")

/* X(symbol, name, meaning); a name is lower-case letters, digits and '-'. */
#define VMTRACE_CLASSES(X)                                                                    \
	X(ANON, "anon", "first write of an anonymous page")                                   \
	X(ZERO, "zero", "first read of an anonymous page; maps the shared zero page")         \
	X(THP, "thp", "first touch that mapped a huge page")                                  \
	X(COW_COPY, "cow-copy", "write to a shared page of private memory: copied")           \
	X(COW_REUSE, "cow-reuse", "write to an unshared page of private memory: reused")      \
	X(FILE_COW, "file-cow", "first write of a private file page: copied")                 \
	X(FILE_HIT, "file-hit", "file page that was in the page cache")                       \
	X(FILE_MISS, "file-miss", "file page that had to be read")                            \
	X(MKWRITE, "mkwrite", "first write to a shared page that is mapped read-only")        \
	X(SHMEM, "shmem", "page of tmpfs, memfd or shared anonymous memory")                  \
	X(SWAP_CACHE, "swap-cache", "swapped page that was still in memory")                  \
	X(SWAP_READ, "swap-read", "swapped page that had to be read")                         \
	X(HUGETLB, "hugetlb", "page of hugetlbfs")                                            \
	X(NUMA, "numa", "NUMA hinting fault")                                                 \
	X(MIGRATION, "migration", "wait for a page that was being migrated")                  \
	X(USERFAULT, "userfault", "resolved through a userfaultfd")                           \
	X(SPURIOUS, "spurious", "page mapped by another thread, or only lacking access bits") \
	X(SPECIAL, "special", "memory without struct page, DAX, devices")                     \
	X(OTHER, "other", "unknown to this version")                                          \
	X(SIGSEGV, "sigsegv", "failed: SIGSEGV")                                              \
	X(SIGBUS, "sigbus", "failed: SIGBUS, beyond the end of a file or I/O")                \
	X(OOM, "oom", "failed: no memory")                                                    \
	X(HWPOISON, "hwpoison", "failed: the page was lost to a memory error")

enum vmtrace_class {
#define VMTRACE_CLASS_SYMBOL(symbol, name, meaning) VMTRACE_CLASS_##symbol,
	VMTRACE_CLASSES(VMTRACE_CLASS_SYMBOL)
#undef VMTRACE_CLASS_SYMBOL
	VMTRACE_CLASS_COUNT,
};

/* /sys/kernel/debug/vmtrace/enabled: see files/enabled.h. */
#define VMTRACE_ENABLED "enabled"

/*
 * /sys/kernel/debug/vmtrace/threads, latency, slowest, failures, maps and walk, for root alone:
 * write a PID (walk: a PID and an address), then read the answer; see files/query.h. The first
 * line is the format version. tid is a number of the initial pid namespace. Times are in ns.
 *
 * threads: a table in the layout of the class table, with a line for each live thread that has
 * taken a fault.
 */
#define VMTRACE_THREADS	     "threads"
#define VMTRACE_LATENCY	     "latency"
#define VMTRACE_SLOWEST_FILE "slowest"

#define VMTRACE_THREAD_COLUMNS(X)                                                \
	X(tid, "thread id")                                                      \
	X(minor, "minor faults")                                                 \
	X(major, "major faults")                                                 \
	X(retried, "attempts that the kernel asked to be repeated")              \
	X(failed, "faults that ended in an error")                               \
	X(in_flight, "1 while the thread is inside a fault")                     \
	X(total_ns, "total time of its faults")                                  \
	X(asleep_ns, "the part of total_ns in which the thread was off the CPU") \
	X(max_ns, "longest time")                                                \
	X(name, "of the thread; newline and backslash in octal")

/* latency: a table with a line for each bucket that is not empty, see core/histogram.h. */
#define VMTRACE_LATENCY_COLUMNS(X)                  \
	X(class, "of the faults")                   \
	X(from_ns, "the least time of the bucket")  \
	X(to_ns, "the first time after the bucket") \
	X(faults, "faults in the bucket")

/* slowest: a table of the slowest faults of the process, the slowest first. */
#define VMTRACE_SLOW_COLUMNS(X)                                                     \
	X(took_ns, "from the entry of the first attempt to the return of the last") \
	X(asleep_ns, "the part of took_ns in which the thread was off the CPU")     \
	X(ended_ns, "end of the fault, since boot (CLOCK_BOOTTIME)")                \
	X(tid, "thread id")                                                         \
	X(class, "of the fault")                                                    \
	X(origin, "user, kernel, gup or remote")                                    \
	X(address, "of the access")                                                 \
	X(ip, "of the instruction, in user space or the kernel; 0: none")           \
	X(start, "first address of the mapping")                                    \
	X(end, "first address after the mapping")                                   \
	X(offset, "of the address in the file, in bytes")                           \
	X(device, "of the file, major:minor")                                       \
	X(inode, "of the file; 0: no file")                                         \
	X(name, "of the mapping, if it is still there; as in /proc/<pid>/maps")

/*
 * failures: the last failed accesses of a process, live or exited. First two lines: "format"
 * (number), "name" (text, as above), then these decimal numbers, then a table, tab-separated: a
 * line with the names of the columns, and a line for each failure, the oldest first. Addresses
 * and offsets are hexadecimal.
 *
 * The mapping is looked up after the access, before its signal is delivered; another thread may
 * have changed it meanwhile. Paths are relative to the root directory of the process.
 */
#define VMTRACE_FAILURES_FILE "failures"

#define VMTRACE_FAILURES_NUMBERS(X)                                           \
	X(pid, "process id, in the initial namespace")                        \
	X(failures, "failed accesses of all reasons")                         \
	X(lost, "failures that never got into the table, for lack of memory") \
	X(kept, "lines of the table below")

#define VMTRACE_FAILURES_COLUMNS(X)                                                           \
	X(time_ns, "of the access, since boot (CLOCK_BOOTTIME)")                              \
	X(tid, "thread id")                                                                   \
	X(reason, "the key that counts it in /proc/vmtrace/<pid>")                            \
	X(signal, "signal number")                                                            \
	X(code, "code of the signal (si_code)")                                               \
	X(address, "of the access; 0 if the kernel gives none (code 128, SI_KERNEL)")         \
	X(ip, "of the instruction")                                                           \
	X(where, "inside a mapping, beyond or before the nearest one, nowhere or unknown")    \
	X(distance, "bytes between the address and the start or end of the mapping, decimal") \
	X(start, "first address of the mapping, or of the nearest one")                       \
	X(end, "first address after the mapping")                                             \
	X(perms, "rwx and s or p: shared, private")                                           \
	X(offset, "of the address in the file, extrapolated if it is outside the mapping")    \
	X(name, "as in /proc/<pid>/maps; tab, newline and backslash in octal")                \
	X(ip_offset, "of the instruction in the file")                                        \
	X(ip_name, "name of the mapping that holds ip; empty if none does")

/* X(symbol, name, meaning) */
#define VMTRACE_WHERES(X)                                                            \
	X(UNKNOWN, "unknown", "not looked up: no memory, exit, or mmap lock held")   \
	X(INSIDE, "inside", "in the mapping, distance bytes from its start")         \
	X(BEYOND, "beyond", "after the nearest one, distance bytes from its end")    \
	X(BEFORE, "before", "before the nearest one, distance bytes from its start") \
	X(NOWHERE, "nowhere", "an address of the kernel, or none")

enum vmtrace_where {
#define VMTRACE_WHERE_SYMBOL(symbol, name, meaning) VMTRACE_WHERE_##symbol,
	VMTRACE_WHERES(VMTRACE_WHERE_SYMBOL)
#undef VMTRACE_WHERE_SYMBOL
};

/*
 * /proc/vmtrace/summary: the state of the module, in order of appearance. First four lines:
 * "format" (number), "version" (text), "hook" (text: the hook in use), "hook_reason" (text: why
 * it was chosen), then these decimal numbers. Reading it takes constant time.
 */
#define VMTRACE_SUMMARY_NUMBERS(X)                                              \
	X(processes, "live processes tracked")                                  \
	X(exited, "exited processes that can still be read")                    \
	X(history, "how many exited processes are kept (parameter)")            \
	X(threads, "threads whose faults are counted")                          \
	X(max_threads, "how many threads that may be (parameter)")              \
	X(thread_bytes, "memory of the counts of one thread")                   \
	X(process_bytes, "memory of one process record")                        \
	X(times_bytes, "memory of the times of one class of a thread's faults") \
	X(maxactive, "attempts that may be pending at once; 0: no limit")       \
	X(enabled, "1: the hook is on; 0: switched off in debugfs")             \
	X(missed, "hook entries skipped by the kernel")                         \
	X(dropped, "faults seen but not recorded: table full or no memory")     \
	X(task_bytes, "memory that is kept for every thread")                   \
	X(clock_unstable, "1: the kernel found the clock unstable: no time is to be trusted")

/*
 * /proc/vmtrace/total: the sums over all processes since the module was loaded, also over those
 * that have exited. Each process is read at one instant, different processes at different instants.
 * First line "format" (number), then these decimal numbers. Reading it takes time linear in the
 * number of processes and threads.
 */
#define VMTRACE_TOTAL_NUMBERS(X)                                                  \
	X(minor, "minor faults counted by vmtrace")                               \
	X(major, "major faults counted by vmtrace")                               \
	X(kernel_minor, "minor faults counted by the kernel for these processes") \
	X(kernel_major, "major faults counted by the kernel for these processes") \
	X(retried, "attempts that the kernel asked to be repeated")               \
	X(failed, "faults that ended in an error (SIGSEGV, SIGBUS, OOM)")         \
	X(unobserved, "faults that the kernel counted and the hook never saw")    \
	X(missed, "hook entries skipped by the kernel")                           \
	X(dropped, "faults seen but not recorded: table full or no memory")

/*
 * maps: for each mapping, what the process reserved and what its page tables hold, when the PID is
 * written. A process that has exited, or has no memory of its own, is refused with ESRCH.
 *
 * First two lines: "format" (number), "name" (text, as above), then these decimal numbers:
 * VMTRACE_MAPS_NUMBERS, the totals VMTRACE_MAPS_KINDS, and VMTRACE_MAPS_KERNEL, the kernel's own
 * counters. The totals and all of the kernel's but pgtables_bytes are in pages of page_bytes. While
 * the process does not run,
 *   reserved == populated + zero + swapped + special + other + untouched
 *   reserved == total_vm, populated == rss + hugetlb, swapped == swap
 * The first equation holds for the totals and for each line of the table at any time.
 */
#define VMTRACE_MAPS "maps"

#define VMTRACE_MAPS_NUMBERS(X)                        \
	X(pid, "process id, in the initial namespace") \
	X(page_bytes, "size of a page")                \
	X(mappings, "lines of the table below")

#define VMTRACE_MAPS_KINDS(X)                                                             \
	X(reserved, "what the process asked for")                                         \
	X(populated, "pages of memory or files, also those being migrated")               \
	X(zero, "only read so far: the shared zero page, small or huge")                  \
	X(swapped, "in swap (private memory only)")                                       \
	X(untouched, "no page-table entry; contents may be in the page cache or in swap") \
	X(huge, "the part of populated and zero that is mapped by huge entries")          \
	X(special, "memory without struct page: devices, vvar")                           \
	X(other, "poisoned, guarded or marked by userfaultfd: no page")

#define VMTRACE_MAPS_KERNEL(X)                           \
	X(total_vm, "VmSize of /proc/<pid>/status")      \
	X(data_vm, "VmData")                             \
	X(stack_vm, "VmStk")                             \
	X(rss, "VmRSS, without rounding")                \
	X(swap, "VmSwap, without rounding")              \
	X(hugetlb, "HugetlbPages, which are not in rss") \
	X(pgtables_bytes, "memory of the page tables, bytes")

/*
 * A table follows, tab-separated: a line with the names of the columns, these and
 * VMTRACE_MAPS_KINDS, then a line for each mapping. If the process changes its mappings
 * meanwhile, a line may be a part of a mapping; lines do not overlap.
 */
#define VMTRACE_MAPS_COLUMNS(X)                                   \
	X(start, "first address of the mapping, hexadecimal")     \
	X(end, "first address after the mapping, hexadecimal")    \
	X(perms, "rwx and s or p: shared, private")               \
	X(offset, "of the start in the file, bytes, hexadecimal") \
	X(name, "as in /proc/<pid>/maps; tab, newline and backslash in octal")

#endif /* VMTRACE_CORE_FORMAT_H */
