/* SPDX-License-Identifier: GPL-2.0 */
/*
 * thp.h - which sizes of transparent huge pages this machine may use
 */
#ifndef VMTRACE_THP_H
#define VMTRACE_THP_H

#include <stddef.h>

#define THP_DIR "/sys/kernel/mm/transparent_hugepage"

/*
 * The orders (bit n: 1 << n pages) that a fault in memory with MADV_HUGEPAGE may
 * bring, 0 if huge pages are off or unknown to this kernel. dir is THP_DIR.
 */
unsigned long thp_orders(const char *dir, size_t page_size);

#endif /* VMTRACE_THP_H */
