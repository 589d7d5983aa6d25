/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swapping.h - swap of a lab's own, above all that the machine has
 *
 * It is compressed memory (zram), or a file if this kernel has none. No page is read before it
 * is asked for: vm.page-cluster is 0. The process keeps to one CPU, since pages that another
 * CPU has yet to put on a list cannot be paged out.
 */
#ifndef VMTRACE_LABS_LIB_SWAPPING_H
#define VMTRACE_LABS_LIB_SWAPPING_H

#include "labs/lib/lab.h"

/*
 * Swap for that many pages, and much room beside them, as kernels do other things when it is
 * half full. 0 or LAB_SKIPPED; swapping_stop() undoes it in both cases. lab_hold_signals()
 * first.
 */
int swapping_start(struct lab *lab, size_t pages);
void swapping_stop(void);

/* As swapping_start(), but always a file: the kernel reads ahead of that, not of zram. */
int swapping_start_file(struct lab *lab, size_t pages);

/* Another vm.page-cluster, until swapping_stop(). */
void swapping_cluster(long long order);

/*
 * Page out a block that was written, until nothing of it is in memory, or bring it back, but
 * to the swap cache only. 0, or LAB_SKIPPED if that took too long.
 */
int swapping_out(struct lab *lab, char *block, size_t pages);
int swapping_fetched(struct lab *lab, char *block, size_t pages);

#endif /* VMTRACE_LABS_LIB_SWAPPING_H */
