/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pin.h - an open file of debugfs keeps the module loaded
 *
 * debugfs calls the release of an open file also after the file has been removed.
 */
#ifndef VMTRACE_FILES_PIN_H
#define VMTRACE_FILES_PIN_H

#include <linux/module.h>

/*
 * The files have no .owner: debugfs warns if a file that has an owner is opened when an unload has
 * dropped the last reference but the module is not MODULE_STATE_GOING yet (full_proxy_open(),
 * fs/debugfs/file.c). Instead, open begins with vmtrace_pin_module(), and release ends with
 * vmtrace_unpin_module().
 *
 * While the module is being loaded, no file can be opened: if the load fails, the kernel frees the
 * module without regard to references. After module_put(), code of this module and of debugfs still
 * runs. It cannot sleep, so synchronize_rcu_tasks() in vmtrace_task_work_exit() waits for it.
 */
static inline int vmtrace_pin_module(void)
{
	if (THIS_MODULE->state != MODULE_STATE_LIVE)
		return -EAGAIN;
	return try_module_get(THIS_MODULE) ? 0 : -ENXIO;
}

static inline void vmtrace_unpin_module(void)
{
	module_put(THIS_MODULE);
}

#endif /* VMTRACE_FILES_PIN_H */
