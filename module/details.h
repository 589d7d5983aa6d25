/* SPDX-License-Identifier: GPL-2.0 */
/* details.h - threads, latency, slowest and hot in debugfs; what they hold is in format.h */
#ifndef VMTRACE_DETAILS_H
#define VMTRACE_DETAILS_H

struct dentry;

/**
 * vmtrace_details_add() - make the files of a process
 * @dir: its directory in debugfs
 * @nr: its number in the initial pid namespace
 *
 * Context: may sleep.
 */
void vmtrace_details_add(struct dentry *dir, long nr);

#endif /* VMTRACE_DETAILS_H */
