// SPDX-License-Identifier: GPL-2.0
/*
 * trace_print.c - what "vmtrace trace" would print of these events; see trace.sh
 *
 * trace_print PID: of a process with that pid, whose /proc/<pid>/maps is looked at
 * below $VMTRACE_ROOT.
 * trace_print code FILE main: the name of this program's main(), or of what is there in FILE.
 * trace_print other FILE main: the same, if another FILE was mapped.
 */
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <signal.h>

#include "core/format.h"
#include "core/record.h"
#include "report/trace.h"
#include "sources/event.h"
#include "sources/resolve.h"
#include "sources/symbols.h"

#define START 1000000000ULL

static struct event next;
static unsigned int pid;

static struct event *event(enum event_type type, unsigned long long ns)
{
	memset(&next, 0, sizeof(next));
	next.type = type;
	next.pid = next.tid = pid;
	next.time_ns = START + ns;
	return &next;
}

static void print_event(void)
{
	static struct resolved_event resolved;

	if (resolve_event(&next, &resolved))
		trace_print_event(&resolved);
}

static void map(unsigned long long start, unsigned long long end, unsigned long long offset,
		unsigned long long inode, char *name)
{
	struct event_mapping mapping = { start, end, offset, inode, 8 << 20 | 1, name };

	event(EVENT_MAPPING, 0)->mapping = mapping;
	print_event();
}

static struct vmtrace_record *fault(unsigned long long ns, enum vmtrace_class class,
				    unsigned long long address, unsigned long long ip)
{
	struct vmtrace_record *record = &event(EVENT_FAULT, ns)->fault;

	record->class = class;
	record->address = address;
	record->ip = ip;
	record->vma_start = address & ~0xffffULL;
	record->vma_end = record->vma_start + 0x10000;
	record->took_ns = 1234;
	record->pages = 1;
	record->before_level = record->after_level = 1;
	record->after_kind = VMTRACE_ENTRY_PRESENT;
	record->after_bits = VMTRACE_ENTRY_WRITE | VMTRACE_ENTRY_YOUNG | VMTRACE_ENTRY_DIRTY;
	return record;
}

static void fork_and_exec(unsigned int child)
{
	event(EVENT_FORK, 0)->parent = pid;
	next.pid = next.tid = child;
	print_event();
	fault(900000, VMTRACE_CLASS_COW_COPY, 0x55550010, 0x401000);
	next.pid = next.tid = child;
	print_event();
	event(EVENT_NAME, 0)->name.exec = true;
	strcpy(next.name.text, "other");
	next.pid = next.tid = child;
	print_event();
	fault(950000, VMTRACE_CLASS_ANON, 0x55550010, 0x401000);
	next.pid = next.tid = child;
	print_event();
	event(EVENT_EXIT, 0);
	next.pid = next.tid = child;
	print_event();
}

/* Of a segment of this program: the offset in the file of an address in it. */
static int find_offset(struct dl_phdr_info *info, size_t size, void *data)
{
	unsigned long long *address = data, at = *address;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		ElfW(Phdr) p = info->dlpi_phdr[i];
		unsigned long long start = info->dlpi_addr + p.p_vaddr;

		if (p.p_type == PT_LOAD && at >= start && at - start < p.p_filesz) {
			*address = at - start + p.p_offset;
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv);

static int print_code(const char *file, bool other)
{
	unsigned long long address = (unsigned long long)(size_t)&main;
	struct stat status;
	const char *name;

	if (!dl_iterate_phdr(find_offset, &address))
		return 1;
	if (stat(file, &status) != 0)
		return 1;
	name = symbols_code(file, status.st_ino + other, address);
	puts(name ? name : "nothing");
	symbols_free();
	return 0;
}

int main(int argc, char **argv)
{
	static char program[] = "/bin/program", library[] = "/lib/lib\033[31m.so",
		    heap[] = "[heap]", anon[] = "//anon";
	struct vmtrace_record *record;

	if (argc == 4)
		return print_code(argv[2], strcmp(argv[1], "other") == 0);
	pid = argc > 1 ? atoi(argv[1]) : 4242;
	trace_print_head(START);
	map(0x400000, 0x404000, 0x1000, 11, program);
	map(0x55550000, 0x55560000, 0, 0, heap);
	map(0x70000000, 0x70010000, 0x2000, 12, library);
	map(0x80000000, 0x80010000, 0, 0, anon);

	fault(12345, VMTRACE_CLASS_ANON, 0x55550010, 0x401000);
	print_event();
	/* A thread, a file, asleep, a major fault. */
	record = fault(23456, VMTRACE_CLASS_FILE_MISS, 0x70000123, 0x70000123);
	record->inode = 12;
	record->device = 8 << 20 | 1;
	record->offset = 0x2123;
	record->took_ns = 5000000;
	record->asleep_ns = 4900000;
	record->pages = 16;
	record->after_bits = VMTRACE_ENTRY_YOUNG;
	next.tid = pid + 1;
	print_event();
	/* A file that nobody has heard of; the kernel asks for pages without an instruction. */
	record = fault(34567, VMTRACE_CLASS_FILE_HIT, 0x90000123, 0);
	record->inode = 99;
	record->device = 254 << 20 | 3;
	record->offset = 0x123;
	record->origin = VMTRACE_ORIGIN_GUP;
	print_event();
	/* The kernel's own code. */
	record = fault(45678, VMTRACE_CLASS_ANON, 0x80000040, 0xffffffff81000040);
	record->origin = VMTRACE_ORIGIN_KERNEL;
	print_event();
	record = fault(56789, VMTRACE_CLASS_ANON, 0x80000040, 0xffffffff00000000);
	record->origin = VMTRACE_ORIGIN_KERNEL;
	print_event();
	/* A huge page; swap; the stack, which only /proc/<pid>/maps knows. */
	record = fault(67890, VMTRACE_CLASS_THP, 0x80200000, 0x402000);
	record->after_level = 2;
	record->pages = 512;
	print_event();
	record = fault(78901, VMTRACE_CLASS_SWAP_READ, 0x7fff0000, 0x402000);
	record->before_kind = VMTRACE_ENTRY_SWAP;
	print_event();
	/* A part of the program is replaced by memory without a name. */
	map(0x402000, 0x403000, 0, 0, anon);
	fault(89012, VMTRACE_CLASS_ANON, 0x402010, 0x403010);
	print_event();
	fault(90123, VMTRACE_CLASS_ANON, 0x402010, 0x402020);
	print_event();
	/* A class, an origin, an entry of a newer module. */
	record = fault(91234, (enum vmtrace_class)60, 0x80000000, 0x123);
	record->origin = 200;
	record->before_kind = 200;
	record->after_level = 99;
	print_event();
	event(EVENT_FAILURE, 99999)->failure =
		(struct event_failure){ 0x10, 0x401000, SIGSEGV, 1, VMTRACE_REASON_segv_maperr };
	print_event();
	fork_and_exec(pid + 7);
	trace_print_sum();
	resolve_free();
	return 0;
}
