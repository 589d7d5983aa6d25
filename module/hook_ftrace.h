/* SPDX-License-Identifier: GPL-2.0 */
/* hook_ftrace.h - ftrace at the entry of handle_mm_fault, for the hooks that stand on it */
#ifndef VMTRACE_HOOK_FTRACE_H
#define VMTRACE_HOOK_FTRACE_H

#include "compat.h"
#include "hook.h"

#ifdef vmtrace_ftrace_argument

/*
 * Call @on_entry from now on. No flag asks the kernel to guard it against recursion: no handler
 * enters handle_mm_fault. May sleep, as the next one. Returns 0 or the kernel's error.
 */
static inline int vmtrace_ftrace_start(struct ftrace_ops *ops, ftrace_func_t on_entry)
{
	unsigned char symbol[] = VMTRACE_HOOK_SYMBOL;
	int err;

	/* All of it: up to 6.12 it still points to what was freed (ftrace_free_filter()). */
	*ops = (struct ftrace_ops){ .func = on_entry };
	err = ftrace_set_filter(ops, symbol, sizeof(symbol) - 1, 1) ?:
								      register_ftrace_function(ops);
	if (err)
		ftrace_free_filter(ops);
	return err;
}

static inline void vmtrace_ftrace_stop(struct ftrace_ops *ops)
{
	unregister_ftrace_function(ops);
	ftrace_free_filter(ops);
}

#endif

#endif /* VMTRACE_HOOK_FTRACE_H */
