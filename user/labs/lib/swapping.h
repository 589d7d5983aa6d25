/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swapping.h - a swap area for a lab, with a higher priority than any other
 *
 * It is compressed memory (zram), or a file if this kernel has no zram. vm.page-cluster is 0, so no
 * page is read ahead. The process is pinned to one CPU, since pages that wait in the folio batches
 * of another CPU are not on an LRU list and cannot be paged out.
 */
#ifndef VMTRACE_LABS_LIB_SWAPPING_H
#define VMTRACE_LABS_LIB_SWAPPING_H

#include "labs/lib/lab.h"

/*
 * Add swap for that many pages, and several times more, since kernels behave differently when swap
 * is half full. Call lab_hold_signals() before, and swapping_stop() after, whatever is returned: 0
 * or LAB_SKIPPED.
 */
int swapping_start(struct lab *lab, size_t pages);
void swapping_stop(void);

/* Like swapping_start(), but always a file: the kernel does not read ahead from zram. */
int swapping_start_file(struct lab *lab, size_t pages);

/* Set vm.page-cluster, until swapping_stop(). */
void swapping_cluster(long long order);

/*
 * swapping_out() pages out a block that was written, until nothing of it is in memory.
 * swapping_fetched() waits until all of a block is in the swap cache. Both return 0, or LAB_SKIPPED
 * if that took too long.
 */
int swapping_out(struct lab *lab, char *block, size_t pages);
int swapping_fetched(struct lab *lab, char *block, size_t pages);

#endif /* VMTRACE_LABS_LIB_SWAPPING_H */
