/* SPDX-License-Identifier: GPL-2.0 */
/*
 * enabled.h - the file enabled of debugfs
 *
 * Reads 0 or 1. Writing 0 removes the probes: faults then cost what they cost without the module,
 * and are unobserved. Writing 1 places the probes again, or fails with the kernel's error.
 */
#ifndef VMTRACE_FILES_ENABLED_H
#define VMTRACE_FILES_ENABLED_H

#include <linux/fs.h>

bool vmtrace_is_enabled(void);

extern const struct file_operations vmtrace_enabled_fops;

#endif /* VMTRACE_FILES_ENABLED_H */
