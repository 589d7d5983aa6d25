/* SPDX-License-Identifier: GPL-2.0 */
/* maps.h - the file <pid>/maps of debugfs: the lazy ledger; what it holds is in format.h */
#ifndef VMTRACE_MAPS_H
#define VMTRACE_MAPS_H

#include <linux/fs.h>

/* i_private of the inode is the process's number in the initial pid namespace. */
extern const struct file_operations vmtrace_maps_fops;

#endif /* VMTRACE_MAPS_H */
