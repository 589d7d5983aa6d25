/* SPDX-License-Identifier: GPL-2.0 */
/*
 * blocks.h - map the memory of a lab, and touch it
 */
#ifndef VMTRACE_LABS_LIB_BLOCKS_H
#define VMTRACE_LABS_LIB_BLOCKS_H

#include <stddef.h>

#include "labs/lib/lab.h"

/* Keep the compiler from moving or removing accesses to memory. */
#define lab_keep(pointer) __asm__ __volatile__("" : : "r"(pointer) : "memory")

/*
 * Map so many private pages, none of them touched, on a boundary of alignment bytes (a power of
 * two, or 0). There is a PROT_NONE page on each side, so no other mapping is merged with it.
 * Returns NULL without memory. The mapping stays until the process ends.
 */
char *lab_block(struct lab *lab, size_t pages, size_t alignment);

/* --size in pages, rounded up. */
size_t lab_pages(const struct lab *lab);

/* Register memory that the lab mapped itself, which lab_settle() must not touch. */
void lab_own(struct lab *lab, void *address, size_t bytes);

/* Write to the first byte of each page, or read it; stride is in bytes. */
void lab_write(char *block, size_t pages, size_t stride);
void lab_read(const char *block, size_t pages, size_t stride);

/* The number of pages that hold what lab_write() wrote. */
size_t lab_intact(const char *block, size_t pages, size_t stride);

#endif /* VMTRACE_LABS_LIB_BLOCKS_H */
