/* SPDX-License-Identifier: GPL-2.0 */
/*
 * blocks.h - memory of a lab, and how it is touched
 */
#ifndef VMTRACE_LABS_LIB_BLOCKS_H
#define VMTRACE_LABS_LIB_BLOCKS_H

#include <stddef.h>

#include "labs/lib/lab.h"

/* Keep the compiler from moving or removing what was done to memory. */
#define lab_keep(pointer) __asm__ __volatile__("" : : "r"(pointer) : "memory")

/*
 * Private memory of so many pages, none of them touched, on a boundary of alignment bytes (a
 * power of two, or 0). It is a mapping of its own: beside it is a page without access. NULL
 * if there is no memory. It is unmapped with the process.
 */
char *lab_block(struct lab *lab, size_t pages, size_t alignment);

/* --size in pages, rounded up. */
size_t lab_pages(const struct lab *lab);

/* Memory that the lab mapped itself: lab_settle() is to keep away from it. */
void lab_own(struct lab *lab, void *address, size_t bytes);

/* Write to the first byte of each page, or read it; stride is in bytes. */
void lab_write(char *block, size_t pages, size_t stride);
void lab_read(const char *block, size_t pages, size_t stride);

/* How many of the pages have what lab_write() wrote? */
size_t lab_intact(const char *block, size_t pages, size_t stride);

#endif /* VMTRACE_LABS_LIB_BLOCKS_H */
