/* SPDX-License-Identifier: GPL-2.0 */
/*
 * events.h - trace events, for perf, trace-cmd, bpftrace and BPF programs
 *
 * vmtrace:fault: a fault is over.
 * vmtrace:failure: an access of user code failed, and the kernel sends a signal. Most failures
 * never reach handle_mm_fault.
 * vmtrace:fork: a process was created and has not run yet, for tools that follow children.
 *
 * All are emitted with preemption disabled, by the task that took the fault, failed or forked: BPF
 * does not run a program while the CPU runs it, so a preempted program would lose events. Since 7.0
 * the kernel calls its own tracepoints with preemption enabled (include/linux/tracepoint.h).
 *
 * Fields keep their names, sizes and meanings; later ones are appended.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vmtrace

#if !defined(VMTRACE_EVENTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define VMTRACE_EVENTS_H

#include <linux/tracepoint.h>

#include "core/format.h"
#include "core/record.h"

/* Lists, laid out as in the kernel's own headers. */
/* clang-format off */

/* Export the values to the format files of tracefs. */
#define VMTRACE_EVENT_CLASS(symbol, name, meaning) TRACE_DEFINE_ENUM(VMTRACE_CLASS_##symbol);
VMTRACE_CLASSES(VMTRACE_EVENT_CLASS)
#define VMTRACE_EVENT_ORIGIN(symbol, name, meaning) TRACE_DEFINE_ENUM(VMTRACE_ORIGIN_##symbol);
VMTRACE_ORIGINS(VMTRACE_EVENT_ORIGIN)
#define VMTRACE_EVENT_KIND(symbol, name, meaning) TRACE_DEFINE_ENUM(VMTRACE_ENTRY_##symbol);
VMTRACE_ENTRY_KINDS(VMTRACE_EVENT_KIND)
#define VMTRACE_EVENT_REASON(key, meaning) TRACE_DEFINE_ENUM(VMTRACE_REASON_##key);
VMTRACE_REASONS(VMTRACE_EVENT_REASON)

/* __print_symbolic() adds a comma and a terminator, so the last element has no comma. */
#define VMTRACE_CLASS_NAME(symbol, name, meaning) { VMTRACE_CLASS_##symbol, name },
#define VMTRACE_CLASS_NAMES VMTRACE_CLASSES(VMTRACE_CLASS_NAME) { -1, "none" }
#define VMTRACE_ORIGIN_NAME(symbol, name, meaning) { VMTRACE_ORIGIN_##symbol, name },
#define VMTRACE_ORIGIN_NAMES VMTRACE_ORIGINS(VMTRACE_ORIGIN_NAME) { -1, "none" }
#define VMTRACE_KIND_NAME(symbol, name, meaning) { VMTRACE_ENTRY_##symbol, name },
#define VMTRACE_KIND_NAMES VMTRACE_ENTRY_KINDS(VMTRACE_KIND_NAME) { -1, "none" }
#define VMTRACE_BIT_NAME(symbol, bit, name, meaning) { bit, name },
#define VMTRACE_BIT_NAMES VMTRACE_ENTRY_BITS(VMTRACE_BIT_NAME) { 0x80, "none" }
#define VMTRACE_REASON_NAME(key, meaning) { VMTRACE_REASON_##key, #key },
#define VMTRACE_REASON_NAMES VMTRACE_REASONS(VMTRACE_REASON_NAME) { -1, "none" }

#define VMTRACE_EVENT_FIELD(type, name, meaning) __field(type, name)
#define VMTRACE_EVENT_ASSIGN(type, name, meaning) __entry->name = record->name;

TRACE_EVENT(fault,
	TP_PROTO(const struct vmtrace_record *record),
	TP_ARGS(record),
	TP_STRUCT__entry(
		VMTRACE_RECORD_FIELDS(VMTRACE_EVENT_FIELD)
	),
	TP_fast_assign(
		VMTRACE_RECORD_FIELDS(VMTRACE_EVENT_ASSIGN)
	),
	TP_printk("address=0x%llx ip=0x%llx class=%s origin=%s took_ns=%llu asleep_ns=%llu pages=%u tables=%u retries=%u flags=0x%x ret=0x%x before=%s/%u/%s after=%s/%u/%s vma=0x%llx-0x%llx offset=0x%llx device=%u:%u inode=%llu",
		__entry->address, __entry->ip,
		__print_symbolic(__entry->class, VMTRACE_CLASS_NAMES),
		__print_symbolic(__entry->origin, VMTRACE_ORIGIN_NAMES),
		__entry->took_ns, __entry->asleep_ns, __entry->pages, __entry->tables,
		__entry->retries, __entry->flags, __entry->ret,
		__print_symbolic(__entry->before_kind, VMTRACE_KIND_NAMES), __entry->before_level,
		__print_flags(__entry->before_bits, "|", VMTRACE_BIT_NAMES),
		__print_symbolic(__entry->after_kind, VMTRACE_KIND_NAMES), __entry->after_level,
		__print_flags(__entry->after_bits, "|", VMTRACE_BIT_NAMES),
		__entry->vma_start, __entry->vma_end, __entry->offset,
		__entry->device >> 20, __entry->device & 0xfffff, __entry->inode)
);

TRACE_EVENT(failure,
	TP_PROTO(unsigned long address, unsigned long ip, enum vmtrace_reason reason, int signal,
		 int code),
	TP_ARGS(address, ip, reason, signal, code),
	TP_STRUCT__entry(
		__field(u64, address)
		__field(u64, ip)
		__field(s32, signal)
		__field(s32, code)
		__field(u8, reason)
	),
	TP_fast_assign(
		__entry->address = address;
		__entry->ip = ip;
		__entry->signal = signal;
		__entry->code = code;
		__entry->reason = reason;
	),
	TP_printk("address=0x%llx ip=0x%llx reason=%s signal=%d code=%d",
		__entry->address, __entry->ip,
		__print_symbolic(__entry->reason, VMTRACE_REASON_NAMES),
		__entry->signal, __entry->code)
);

TRACE_EVENT(fork,
	TP_PROTO(pid_t parent, pid_t child),
	TP_ARGS(parent, child),
	TP_STRUCT__entry(
		__field(s32, parent)
		__field(s32, child)
	),
	TP_fast_assign(
		__entry->parent = parent;
		__entry->child = child;
	),
	TP_printk("parent=%d child=%d", __entry->parent, __entry->child)
);

/* clang-format on */

#endif /* VMTRACE_EVENTS_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE events
#include <trace/define_trace.h>
