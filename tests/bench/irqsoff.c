// SPDX-License-Identifier: GPL-2.0
/*
 * irqsoff.c - a plugin for QEMU: how long the guest's kernel keeps interrupts off
 *
 * Counts in windows (window.h). A section is what a CPU executes from the block that finds
 * interrupts off to the one that finds them on; its length is the number of its instructions. Of
 * each block that was part of a section the plugin tells "ADDRESS LENGTH": where it is, in
 * hexadecimal, and the longest section that it was part of.
 *
 * A block has up to some dozen instructions, and a section may be wrong by one block at each end.
 * What the kernel executes on the way to a program and back into the kernel is one section, if
 * interrupts were not on meanwhile in the kernel. For guests with one CPU.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "window.h"

/* Interrupts of x86 are on if IF of EFLAGS is set; those of arm64 are off if I of PSTATE is. */
#define X86_IF	0x200
#define ARM64_I 0x80

/**
 * struct block - what QEMU translated as one
 * @next: older ones
 * @address: of its first instruction
 * @n: how many instructions it has
 * @longest: section that it was part of since the begin
 * @section: number of the last section that it was part of
 * @next_in_section: of @section
 */
struct block {
	struct block *next;
	uint64_t address;
	uint64_t n;
	uint64_t longest;
	uint64_t section;
	struct block *next_in_section;
};

static struct block *blocks;
static bool counting;
/* The section that is being executed: its number, its length, its blocks. */
static uint64_t section = 1;
static uint64_t length;
static struct block *in_section;

/* Is there a register of this name? Then it becomes *@handle. */
static bool find_register(const struct g_array *registers, const char *name,
			  struct qemu_plugin_register **handle)
{
	const struct qemu_plugin_reg_descriptor *r = (const void *)registers->data;
	unsigned int i;

	for (i = 0; i < registers->len; i++)
		if (!strcmp(r[i].name, name)) {
			*handle = r[i].handle;
			return true;
		}
	return false;
}

static bool interrupts_are_off(void)
{
	static struct qemu_plugin_register *flags;
	static struct g_byte_array *value;
	static bool is_x86;
	uint32_t bits;

	if (!flags) {
		struct g_array *registers = qemu_plugin_get_registers();

		is_x86 = find_register(registers, "eflags", &flags);
		if (!is_x86 && !find_register(registers, "cpsr", &flags))
			abort();
		value = g_byte_array_new();
	}
	g_byte_array_set_size(value, 0);
	if (qemu_plugin_read_register(flags, value) < (int)sizeof(bits))
		abort();
	memcpy(&bits, value->data, sizeof(bits));
	return is_x86 ? !(bits & X86_IF) : bits & ARM64_I;
}

static void end_section(void)
{
	struct block *b;

	for (b = in_section; b; b = b->next_in_section)
		if (b->longest < length)
			b->longest = length;
	in_section = NULL;
	length = 0;
	section++;
}

static void executed(unsigned int cpu, void *data)
{
	struct block *b = data;

	(void)cpu;
	if (!counting)
		return;
	if (!interrupts_are_off()) {
		end_section();
		return;
	}
	length += b->n;
	if (b->section != section) {
		b->section = section;
		b->next_in_section = in_section;
		in_section = b;
	}
}

void window_begin(void)
{
	struct block *b;

	for (b = blocks; b; b = b->next)
		b->longest = 0;
	end_section();
	counting = true;
}

void window_end(FILE *out)
{
	const struct block *b;

	end_section();
	counting = false;
	for (b = blocks; b; b = b->next)
		if (b->longest)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n", b->address, b->longest);
}

void window_translated(struct qemu_plugin_tb *tb)
{
	struct block *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	b->next = blocks;
	b->address = qemu_plugin_tb_vaddr(tb);
	b->n = qemu_plugin_tb_n_insns(tb);
	blocks = b;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, QEMU_PLUGIN_CB_R_REGS, b);
}
