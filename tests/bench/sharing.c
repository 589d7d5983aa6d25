// SPDX-License-Identifier: GPL-2.0
/*
 * sharing.c - a plugin for QEMU: what the guest's kernel does to cache lines that its CPUs share
 *
 * Counts in windows (window.h), and tells of each line of 64 bytes of memory that several CPUs
 * accessed, and one of them wrote: "line ADDRESS", where one found it, and for each instruction
 * that accessed it, on each CPU, "ADDRESS CPU STORES LOADS". What loads and stores at once, as an
 * atomic operation does, is a store.
 *
 * In which order the CPUs accessed it is not told: with --icount one executes thousands of faults
 * while the others wait, which no real one does.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "window.h"

#define CPUS	4
#define LINE	64
#define BITS	21
#define ENTRIES ((size_t)1 << BITS)

/**
 * struct access - what one instruction did to one line
 * @insn: where it is; 0: the entry is free
 * @line: the number of the physical line: it may have several addresses
 * @address: of the data, where the instruction found it first
 * @stores: by CPU
 * @loads: by CPU
 */
struct access {
	uint64_t insn;
	uint64_t line;
	uint64_t address;
	uint32_t stores[CPUS];
	uint32_t loads[CPUS];
};

static struct access *table;
static size_t used;
static bool counting;

/*
 * Not what QEMU tells a plugin: CPUs that take turns share what it has translated, and in that is
 * the number of the one for which it was (gen_cpu_index(), accel/tcg/plugin-gen.c, from 9.1 on).
 */
static unsigned int this_cpu(void)
{
	return gdb_get_cpu_index(current_cpu) - 1;
}

static struct access *find(uint64_t insn, uint64_t line)
{
	size_t i = ((insn << 32 ^ line) * 0x9e3779b97f4a7c15ULL) >> (64 - BITS);

	while (table[i].insn && (table[i].insn != insn || table[i].line != line))
		i = (i + 1) % ENTRIES;
	return &table[i];
}

static void accessed(unsigned int unused, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
	const struct qemu_plugin_hwaddr *hwaddr;
	uint64_t insn = (uintptr_t)data, line;
	unsigned int cpu = this_cpu();
	struct access *a;

	(void)unused;
	if (!counting)
		return;
	hwaddr = qemu_plugin_get_hwaddr(info, address);
	if (!hwaddr || qemu_plugin_hwaddr_is_io(hwaddr))
		return;
	line = qemu_plugin_hwaddr_phys_addr(hwaddr) / LINE;
	a = find(insn, line);
	if (!a->insn) {
		/* Half of it is left free, so that they are found at once. */
		if (++used > ENTRIES / 2 || cpu >= CPUS)
			abort();
		*a = (struct access){ .insn = insn, .line = line, .address = address };
	}
	(qemu_plugin_mem_is_store(info) ? a->stores : a->loads)[cpu]++;
}

void window_translated(struct qemu_plugin_tb *tb)
{
	struct qemu_plugin_insn *insn;
	size_t i;

	for (i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		qemu_plugin_register_vcpu_mem_cb(insn, accessed, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW,
						 (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn));
	}
}

void window_begin(void)
{
	free(table);
	table = calloc(ENTRIES, sizeof(*table));
	if (!table)
		abort();
	used = 0;
	counting = true;
}

static int compare(const void *a, const void *b)
{
	const struct access *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->insn < y->insn ? -1 : x->insn > y->insn;
}

/* Of @n accesses to one line. */
static bool is_shared(const struct access *a, size_t n)
{
	unsigned int cpu, sharers = 0, i;
	bool there, written = false;

	for (cpu = 0; cpu < CPUS; cpu++) {
		there = false;
		for (i = 0; i < n; i++) {
			there |= a[i].stores[cpu] || a[i].loads[cpu];
			written |= a[i].stores[cpu];
		}
		sharers += there;
	}
	return sharers > 1 && written;
}

static void tell(FILE *out, const struct access *a)
{
	uint32_t stores, loads;
	unsigned int cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		stores = a->stores[cpu];
		loads = a->loads[cpu] > stores ? a->loads[cpu] - stores : 0;
		if (stores || loads)
			fprintf(out, "%" PRIx64 " %u %" PRIu32 " %" PRIu32 "\n", a->insn, cpu,
				stores, loads);
	}
}

void window_end(FILE *out)
{
	size_t i, n, all = 0;

	counting = false;
	for (i = 0; i < ENTRIES; i++)
		if (table[i].insn)
			table[all++] = table[i];
	qsort(table, all, sizeof(*table), compare);
	for (i = 0; i < all; i += n) {
		for (n = 1; i + n < all && table[i + n].line == table[i].line; n++)
			;
		if (!is_shared(&table[i], n))
			continue;
		fprintf(out, "line %" PRIx64 "\n", table[i].address);
		for (size_t k = i; k < i + n; k++)
			tell(out, &table[k]);
	}
}
