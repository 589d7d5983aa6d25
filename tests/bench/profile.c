// SPDX-License-Identifier: GPL-2.0
/*
 * profile.c - a plugin for QEMU: how often the guest executes each instruction of its kernel
 *
 * Counts in windows (window.h), and tells for each instruction that was executed "ADDRESS TIMES",
 * the first in hexadecimal. An address may come more than once: QEMU translates blocks, and an
 * instruction is part of several.
 *
 * What an exception leaves of a block is counted as if it were executed. That is rare in the
 * kernel, which may fault on a program's memory only; a program does that all the time, so its own
 * instructions are left out.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "window.h"

/**
 * struct block - what QEMU translated as one
 * @next: older ones; QEMU may forget a block, then this one is not executed again
 * @times: that it was executed since the begin
 * @n: how many instructions it has
 * @address: theirs
 */
struct block {
	struct block *next;
	uint64_t times;
	size_t n;
	uint64_t address[];
};

static struct block *blocks;

static void executed(unsigned int cpu, void *data)
{
	struct block *b = data;

	(void)cpu;
	b->times++;
}

void window_begin(void)
{
	struct block *b;

	for (b = blocks; b; b = b->next)
		b->times = 0;
}

void window_end(FILE *out)
{
	const struct block *b;
	size_t i;

	for (b = blocks; b; b = b->next)
		for (i = 0; b->times && i < b->n; i++)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n", b->address[i], b->times);
}

void window_translated(struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	struct block *b = malloc(sizeof(*b) + n * sizeof(b->address[0]));

	if (!b)
		abort();
	b->next = blocks;
	b->times = 0;
	b->n = n;
	for (i = 0; i < n; i++)
		b->address[i] = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, i));
	blocks = b;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, QEMU_PLUGIN_CB_NO_REGS, b);
}
