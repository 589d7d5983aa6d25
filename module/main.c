// SPDX-License-Identifier: GPL-2.0
/* main.c - parameters, and the order in which the parts come up and go down */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "birth.h"
#include "clock.h"
#include "control.h"
#include "debugfs.h"
#include "format.h"
#include "growth.h"
#include "history.h"
#include "hook.h"
#include "lifecycle.h"
#include "names.h"
#include "process.h"
#include "procfs.h"
#include "ptwalk.h"
#include "publish.h"
#include "resume.h"
#include "thread.h"

module_param_named(hook, vmtrace_hook_param, charp, 0444);
MODULE_PARM_DESC(hook, "returns, kretprobe, fprobe, entry or auto (default)");

module_param_named(maxactive, vmtrace_hook_maxactive, int, 0444);
MODULE_PARM_DESC(maxactive,
		 "faults that a kretprobe sees in flight at once, 1 to 65536 (default 4096)");

module_param_named(max_threads, vmtrace_max_threads, uint, 0444);
MODULE_PARM_DESC(max_threads,
		 "threads, and processes, with a record, 1 to 4194304 (default 65536)");

module_param_named(history, vmtrace_history, uint, 0444);
MODULE_PARM_DESC(history, "exited processes that stay readable, 0 to 65536 (default 128)");

static int check(const char *name, long value, long min, long max)
{
	if (value >= min && value <= max)
		return 0;
	pr_err("parameter %s=%ld is out of range: %ld to %ld\n", name, value, min, max);
	return -EINVAL;
}

static int __init vmtrace_init(void)
{
	int err;

	err = check("maxactive", vmtrace_hook_maxactive, 1, 65536)	    ?:
		      check("max_threads", vmtrace_max_threads, 1, 4194304) ?:
		      check("history", vmtrace_history, 0, 65536);
	if (err)
		return err;

	/* Before the files, which walk page tables. */
	vmtrace_ptwalk_init();
	vmtrace_clock_init();
	err = vmtrace_thread_init();
	if (err)
		return err;
	err = vmtrace_growth_init();
	if (err)
		goto thread;
	err = vmtrace_names_init();
	if (err)
		goto growth;
	err = vmtrace_publish_init();
	if (err)
		goto names;
	/* Before the names, which add to it. */
	vmtrace_debugfs_init();
	err = vmtrace_procfs_init();
	if (err)
		goto debugfs;
	err = vmtrace_lifecycle_init();
	if (err)
		goto procfs;
	/* Before the hook, so that what is born from then on is known when it is touched. */
	vmtrace_birth_init();
	err = vmtrace_hook_init();
	if (err)
		goto birth;
	vmtrace_lifecycle_scan();
	pr_info("version %s, hook %s on " VMTRACE_HOOK_SYMBOL " (%s)\n", VMTRACE_VERSION,
		vmtrace_hook()->name, vmtrace_hook_reason());
	return 0;

birth:
	/* The files go before the rest, as in vmtrace_exit(). */
	vmtrace_procfs_exit();
	vmtrace_debugfs_exit();
	vmtrace_birth_exit();
	vmtrace_lifecycle_exit();
	goto publish;
procfs:
	vmtrace_procfs_exit();
debugfs:
	vmtrace_debugfs_exit();
publish:
	vmtrace_resume_exit();
	vmtrace_publish_exit();
	vmtrace_history_exit();
	vmtrace_process_exit();
names:
	vmtrace_names_exit();
growth:
	vmtrace_growth_exit();
thread:
	vmtrace_thread_exit();
	return err;
}

static void __exit vmtrace_exit(void)
{
	/* The files go first: a reader follows pointers that lifecycle keeps true. */
	vmtrace_procfs_exit();
	vmtrace_debugfs_exit();
	vmtrace_hook_exit();
	vmtrace_birth_exit();
	vmtrace_control_exit();
	vmtrace_lifecycle_exit();
	vmtrace_resume_exit();
	vmtrace_publish_exit();
	vmtrace_history_exit();
	vmtrace_process_exit();
	vmtrace_names_exit();
	vmtrace_growth_exit();
	vmtrace_thread_exit();
}

module_init(vmtrace_init);
module_exit(vmtrace_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the vmtrace authors");
MODULE_DESCRIPTION("Exact page-fault statistics for each process, in /proc/vmtrace");
MODULE_VERSION(VMTRACE_VERSION);
