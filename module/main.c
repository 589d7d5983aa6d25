// SPDX-License-Identifier: GPL-2.0
/* main.c - parameters, and the order in which the parts are started and stopped */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "core/format.h"
#include "fault/clock.h"
#include "files/debugfs.h"
#include "files/proc.h"
#include "files/proc_entries.h"
#include "hook/hook.h"
#include "hook/tracepoints.h"
#include "mm/ptwalk.h"
#include "stats/exited.h"
#include "stats/process.h"
#include "stats/share.h"
#include "stats/task.h"
#include "stats/task_work.h"
#include "stats/thread.h"

module_param_named(hook, vmtrace_hook_param, charp, 0444);
MODULE_PARM_DESC(hook, "returns, kretprobe or auto (default)");

module_param_named(maxactive, vmtrace_hook_maxactive, int, 0444);
MODULE_PARM_DESC(maxactive, "pending faults that a kretprobe can track, 1 to 65536 (default 4096)");

module_param_named(max_threads, vmtrace_max_threads, uint, 0444);
MODULE_PARM_DESC(max_threads, "threads whose faults are counted, 1 to 4194304 (default 65536)");

module_param_named(history, vmtrace_history, uint, 0444);
MODULE_PARM_DESC(history, "exited processes that stay readable, 0 to 65536 (default 128)");

/* Functions of files/ that stats/ and hook/ call. */
const struct vmtrace_process_callbacks vmtrace_process_callbacks = {
	.created = vmtrace_proc_entries_created,
	.evicted = vmtrace_proc_entries_evicted,
};

static int check(const char *name, long value, long min, long max)
{
	if (value >= min && value <= max)
		return 0;
	pr_err("parameter %s=%ld is out of range: %ld to %ld\n", name, value, min, max);
	return -EINVAL;
}

static int check_parameters(void)
{
	int err = check("maxactive", vmtrace_hook_maxactive, 1, 65536);

	if (!err)
		err = check("max_threads", vmtrace_max_threads, 1, 4194304);
	if (!err)
		err = check("history", vmtrace_history, 0, 65536);
	return err;
}

static int start_tracking(void)
{
	vmtrace_task_start();
	return 0;
}

/*
 * Started from top to bottom, stopped from bottom to top, also after an init function that failed.
 * Readers of the files use the parts above. A record is freed by sched_process_free, so the hook,
 * which makes records, comes after the tracepoints; from then on, new tasks get a record, and those
 * that are older are found by vmtrace_proc_init(). The entries of /proc/vmtrace outlive the
 * processes, whose eviction removes entries. Both functions may sleep; either may be NULL.
 */
static const struct {
	int (*init)(void);
	void (*exit)(void);
} parts[] = {
	{ check_parameters, NULL },
	{ vmtrace_ptwalk_init, NULL },
	{ vmtrace_clock_init, NULL },
	{ vmtrace_thread_init, vmtrace_thread_exit },
	{ vmtrace_task_init, vmtrace_task_exit },
	{ vmtrace_proc_entries_init, vmtrace_proc_entries_exit },
	{ NULL, vmtrace_process_exit },
	{ NULL, vmtrace_exited_exit },
	{ NULL, vmtrace_task_work_exit },
	{ vmtrace_tracepoints_init, vmtrace_tracepoints_exit },
	{ vmtrace_hook_init, vmtrace_hook_exit },
	{ start_tracking, NULL },
	{ vmtrace_debugfs_init, vmtrace_debugfs_exit },
	{ vmtrace_proc_init, vmtrace_proc_exit },
};

static void exit_parts(unsigned int n)
{
	while (n--)
		if (parts[n].exit)
			parts[n].exit();
}

static int __init vmtrace_init(void)
{
	unsigned int n;
	int err;

	for (n = 0; n < ARRAY_SIZE(parts); n++) {
		err = parts[n].init ? parts[n].init() : 0;
		if (err) {
			exit_parts(n);
			return err;
		}
	}
	pr_info("version %s, hook %s on " VMTRACE_HOOK_SYMBOL " (%s)\n", VMTRACE_VERSION,
		vmtrace_hook()->name, vmtrace_hook_reason());
	return 0;
}

static void __exit vmtrace_exit(void)
{
	exit_parts(ARRAY_SIZE(parts));
}

module_init(vmtrace_init);
module_exit(vmtrace_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the vmtrace authors");
MODULE_DESCRIPTION("Exact page-fault statistics for each process, in /proc/vmtrace");
MODULE_VERSION(VMTRACE_VERSION);
