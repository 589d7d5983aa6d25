// SPDX-License-Identifier: GPL-2.0
/* emit.c - the trace event of a fault; see emit.h */
#include <linux/mm.h>

#include "core/record.h"
#include "fault/emit.h"
#include "fault/events.h"

void vmtrace_emit_fault(const struct vmtrace_fault *f, const struct vmtrace_sample *m,
			enum vmtrace_class class, vm_fault_t ret)
{
	const struct vmtrace_vma_snapshot *vma = &f->snapshot;
	const struct vmtrace_record record = {
		.address = f->address,
		.ip = f->ip,
		.took_ns = m->took,
		.asleep_ns = m->asleep,
		.vma_start = vma->start,
		.vma_end = vma->end,
		.offset = vma->ino ? ((u64)vma->pgoff << PAGE_SHIFT) + f->address - vma->start : 0,
		.inode = vma->ino,
		.device = vma->dev,
		.flags = f->flags,
		.ret = (__force unsigned int)ret,
		.retries = f->retries,
		.pages = m->pages,
		.tables = m->tables,
		.class = class,
		.origin = f->origin,
		.before_kind = f->input.before.kind,
		.before_level = f->input.before.level,
		.before_bits = f->input.before.bits,
		.after_kind = f->input.after.kind,
		.after_level = f->input.after.level,
		.after_bits = f->input.after.bits,
	};

	trace_fault(&record);
}
