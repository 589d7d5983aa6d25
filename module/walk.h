/* SPDX-License-Identifier: GPL-2.0 */
/* walk.h - debugfs vmtrace/walk: the page-table walk of one address; format.h has its format */
#ifndef VMTRACE_WALK_H
#define VMTRACE_WALK_H

#include <linux/fs.h>

/*
 * Write "PID ADDRESS", then read from the start. The walk is done by the write and
 * belongs to the open file, so readers do not disturb each other, and one who takes
 * small bites reads one instant. White space around the words is skipped; PID is
 * decimal, of a process or thread in the writer's pid namespace; ADDRESS is decimal,
 * or hexadecimal with 0x. The write fails, and changes nothing, with
 *   EPERM   the file was opened without CAP_SYS_PTRACE, or the kernel is locked down
 *   EINVAL  it is not "PID ADDRESS"
 *   EFAULT  ADDRESS is beyond what the process can have
 *   ESRCH   there is no such process, or it has given back its memory on its way out
 *   ENXIO   it is a kernel thread, which has no memory of its own
 *   EINTR   killed while waiting for the process's mmap lock
 * A read before the first such write fails with ENODATA. An open file keeps the
 * module loaded.
 */
extern const struct file_operations vmtrace_walk_fops;

#endif /* VMTRACE_WALK_H */
