/* SPDX-License-Identifier: GPL-2.0 */
/* postmortem.h - the file <pid>/failures of debugfs; what it holds is in format.h */
#ifndef VMTRACE_POSTMORTEM_H
#define VMTRACE_POSTMORTEM_H

#include <linux/fs.h>

/* i_private of the inode is the process's number in the initial pid namespace. */
extern const struct file_operations vmtrace_postmortem_fops;

#endif /* VMTRACE_POSTMORTEM_H */
