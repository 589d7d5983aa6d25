// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "labs/lib/blocks.h"
#include "labs/lib/lab.h"
#include "labs/lib/pages.h"

void lab_own(struct lab *lab, void *address, size_t bytes)
{
	uintptr_t start = (uintptr_t)address;

	if (lab->blocks == LAB_BLOCKS)
		abort();
	lab->block[lab->blocks++] = (struct range){ .start = start, .end = start + bytes };
}

char *lab_block(struct lab *lab, size_t pages, size_t alignment)
{
	size_t page_size = (size_t)lab->page_size, bytes = pages * page_size;
	size_t reserved = bytes + alignment + 2 * page_size;
	char *block =
		mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (block == MAP_FAILED)
		return NULL;
	lab_own(lab, block, reserved);
	block += page_size;
	if (alignment)
		block += -(uintptr_t)block & (alignment - 1);
	return mprotect(block, bytes, PROT_READ | PROT_WRITE) == 0 ? block : NULL;
}

size_t lab_pages(const struct lab *lab)
{
	return (lab->size + (size_t)lab->page_size - 1) / (size_t)lab->page_size;
}

void lab_write(char *block, size_t pages, size_t stride)
{
	for (size_t i = 0; i < pages; i++)
		((volatile char *)block)[i * stride] = (char)(i + 1);
}

void lab_read(const char *block, size_t pages, size_t stride)
{
	for (size_t i = 0; i < pages; i++)
		(void)((const volatile char *)block)[i * stride];
}

size_t lab_intact(const char *block, size_t pages, size_t stride)
{
	size_t intact = 0;

	for (size_t i = 0; i < pages; i++)
		intact += block[i * stride] == (char)(i + 1);
	return intact;
}
