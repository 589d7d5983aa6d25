/* SPDX-License-Identifier: GPL-2.0 */
/*
 * format.h - the names and the version of everything vmtrace publishes
 *
 * Shared by the module (which prints) and user/ (which parses), so that a field
 * has one spelling in /proc, in JSON and in the manual. Plain C, no includes.
 *
 * Every file is a list of "key:\tvalue" lines. The first line is the format
 * version. Fields are appended, never renamed, reordered or removed; a change
 * that an old reader would misread raises VMTRACE_FORMAT.
 */
#ifndef VMTRACE_FORMAT_H
#define VMTRACE_FORMAT_H

#define VMTRACE_VERSION "0.1.0"
#define VMTRACE_FORMAT	1

/* Below /proc. */
#define VMTRACE_DIR	"vmtrace"
#define VMTRACE_SELF	"self"
#define VMTRACE_SUMMARY "summary"

/*
 * /proc/vmtrace/<pid> and /proc/vmtrace/self, in order of appearance.
 *
 * First three lines: "format" (number), "name" (text; a newline is written \012
 * and a backslash \134), "state" (text: VMTRACE_STATE_*), then these decimal
 * numbers, X(key, meaning).
 * Counts run since tracking of the process began: its creation, or the loading
 * of the module for a process that is older. They always satisfy
 *   kernel_minor + kernel_major == minor + major + dropped + unobserved
 * Only unobserved is signed: a negative value would be a defect of vmtrace.
 */
#define VMTRACE_STATE_LIVE   "live"
#define VMTRACE_STATE_EXITED "exited"

#define VMTRACE_PROCESS_NUMBERS(X)                                              \
	X(pid, "process id, in the pid namespace of the proc mount")            \
	X(uid, "real user id, in the reader's user namespace")                  \
	X(start_ns, "start of the process, ns since boot (CLOCK_BOOTTIME)")     \
	X(threads, "threads alive now")                                         \
	X(threads_seen, "threads that took a fault, dead ones included")        \
	X(in_flight, "threads inside a fault at this moment")                   \
	X(minor, "minor faults counted by vmtrace")                             \
	X(major, "major faults counted by vmtrace")                             \
	X(kernel_minor, "minor faults counted by the kernel itself")            \
	X(kernel_major, "major faults counted by the kernel itself")            \
	X(retried, "attempts that the kernel asked to be repeated")             \
	X(failed, "faults that ended in an error (SIGSEGV, SIGBUS, OOM)")       \
	X(unobserved, "faults that the kernel counted and the hook never saw")  \
	X(missed, "hook entries skipped by the kernel since load, system-wide") \
	X(dropped, "faults seen but not recorded: table full or no memory")

/*
 * /proc/vmtrace/summary, in order of appearance. First four lines: "format"
 * (number), "version" (text), "hook" (text: what is on handle_mm_fault),
 * "hook_reason" (text: why this one), then these decimal numbers.
 */
#define VMTRACE_SUMMARY_NUMBERS(X)                                             \
	X(processes, "live processes tracked")                                 \
	X(exited, "exited processes that can still be read")                   \
	X(history, "how many exited processes are kept (parameter)")           \
	X(threads, "thread records in use")                                    \
	X(max_threads, "thread records allowed (parameter)")                   \
	X(thread_bytes, "memory of one thread record")                         \
	X(process_bytes, "memory of one process, without its threads")         \
	X(maxactive, "faults that may be in flight at once; 0: no limit")      \
	X(minor, "minor faults counted by vmtrace, all processes since load")  \
	X(major, "major faults counted by vmtrace, all processes since load")  \
	X(kernel_minor, "minor faults counted by the kernel for the same")     \
	X(kernel_major, "major faults counted by the kernel for the same")     \
	X(retried, "attempts that the kernel asked to be repeated")            \
	X(failed, "faults that ended in an error (SIGSEGV, SIGBUS, OOM)")      \
	X(unobserved, "faults that the kernel counted and the hook never saw") \
	X(missed, "hook entries skipped by the kernel since load")             \
	X(dropped, "faults seen but not recorded: table full or no memory")

#endif /* VMTRACE_FORMAT_H */
