/* SPDX-License-Identifier: GPL-2.0 */
/* emit.h - the trace event of a fault: core/record.h */
#ifndef VMTRACE_FAULT_EMIT_H
#define VMTRACE_FAULT_EMIT_H

#include "stats/counts.h"
#include "stats/fault.h"

/**
 * vmtrace_emit_fault() - emit vmtrace:fault
 * @f: the fault, which is over; all of its members are set
 * @m: its time, pages and tables
 * @class: of the fault
 * @ret: what its last attempt returned
 *
 * Called if trace_fault_enabled(). Context: current, interrupts off.
 */
void vmtrace_emit_fault(const struct vmtrace_fault *f, const struct vmtrace_sample *m,
			enum vmtrace_class class, vm_fault_t ret);

#endif /* VMTRACE_FAULT_EMIT_H */
