// SPDX-License-Identifier: GPL-2.0
/* return_sites.c - where handle_mm_fault returns; see return_sites.h */
#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "hook/hook.h"
#include "hook/return_sites.h"

#ifdef CONFIG_X86_64
#include <asm/text-patching.h>

/* Find the first byte of a function, and its size. -ENOENT if there is no such function. */
static int find_function(const char *name, const u8 **code, unsigned long *size)
{
	struct kprobe probe = { .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };
	char text[KSYM_SYMBOL_LEN], *plus;
	unsigned long offset;
	int err = register_kprobe(&probe);

	if (err)
		return err;
	*code = (const u8 *)probe.addr;
	unregister_kprobe(&probe);
	/* "name+0x4/0x2d0": kprobes skip the ENDBR at the beginning of a function. */
	sprint_symbol(text, (unsigned long)*code);
	plus = strrchr(text, '+');
	if (!plus || sscanf(plus, "+0x%lx/0x%lx", &offset, size) != 2)
		return -EINVAL;
	*code -= offset;
	return 0;
}

/* The target of a jump whose 32-bit displacement is at @code. */
static const u8 *target_of(const u8 *code)
{
	s32 distance;

	memcpy(&distance, code, sizeof(distance));
	return code + sizeof(distance) + distance;
}

/*
 * A return is a jump of 5 bytes to the kernel's return thunk, or what apply_returns()
 * (arch/x86/kernel/alternative.c) replaces it with on CPUs that need no thunk.
 */
static bool is_return(const u8 *code)
{
	static const u8 ret_int3[VMTRACE_JUMP_BYTES] = { 0xc3, 0xcc, 0xcc, 0xcc, 0xcc };
	char text[KSYM_SYMBOL_LEN];

	if (!memcmp(code, ret_int3, VMTRACE_JUMP_BYTES))
		return true;
	if (*code != 0xe9)
		return false;
	sprint_symbol(text, (unsigned long)target_of(code + 1));
	return strstr(text, "return_thunk");
}

/* The length of the pop instruction that ends at @end; 0 if there is none or it pops %rax. */
static unsigned int pop_before(const u8 *start, const u8 *end)
{
	if (end - start < 2 || end[-1] < 0x58 || end[-1] > 0x5f)
		return 0;
	if (end[-2] == 0x41)
		return 2;
	return end[-1] == 0x58 ? 0 : 1;
}

/* The first of the pops before the return at @at that the jump replaces; NULL if too few. */
static const u8 *site_before(const u8 *start, const u8 *at)
{
	const u8 *site = at;
	unsigned int length;

	while (at - site < VMTRACE_JUMP_BYTES) {
		length = pop_before(start, site);
		if (!length)
			return NULL;
		site -= length;
	}
	return site;
}

static int add_site(struct vmtrace_return_sites *sites, const u8 *function, const u8 *at)
{
	struct vmtrace_return_site *site = &sites->site[sites->count];
	const u8 *first = site_before(function, at);

	if (!first || sites->count == VMTRACE_RETURN_SITES)
		return -EOPNOTSUPP;
	site->at = first;
	site->ret = at;
	memcpy(site->code, first, VMTRACE_JUMP_BYTES);
	sites->count++;
	return 0;
}

/* Does a jump to @target bypass the probe of a site? */
static bool bypasses(const struct vmtrace_return_sites *sites, const u8 *target)
{
	const struct vmtrace_return_site *site;
	unsigned int n;

	for (n = 0; n < sites->count; n++) {
		site = &sites->site[n];
		if (target > site->at && target <= site->ret)
			return true;
	}
	return false;
}

/*
 * What looks like a jump may be a part of another instruction. The kernel decodes the function when
 * a kprobe is registered, and refuses an address where no instruction begins, so each doubtful
 * place is asked for by a kprobe, which is not armed. It also tells which byte a foreign kprobe has
 * replaced.
 */
#define CHECKS 128

struct checks {
	unsigned int count;
	struct kprobe probe[CHECKS];
	struct kprobe *pointer[CHECKS];
};

/* Does an instruction begin at @at? Yes, too, if there is no room for another check. */
static bool is_instruction(struct checks *checks, const u8 *at)
{
	struct kprobe *probe = &checks->probe[checks->count];
	int err;

	if (checks->count == CHECKS)
		return true;
	*probe = (struct kprobe){
		.addr = (kprobe_opcode_t *)at,
		.flags = KPROBE_FLAG_DISABLED,
	};
	err = register_kprobe(probe);
	if (err)
		return err != -EILSEQ && *at != INT3_INSN_OPCODE;
	checks->pointer[checks->count++] = probe;
	return true;
}

/**
 * struct part - one of the two parts of the function
 * @code: its first byte; NULL if there is no such part
 * @size: in bytes
 *
 * The compiler places rarely executed code of a function in a part of its own.
 */
struct part {
	const u8 *code;
	unsigned long size;
};

static bool is_in(const struct part *part, const u8 *target)
{
	return target >= part->code && target < part->code + part->size;
}

/*
 * Could the bytes at @at be an instruction that leaves the function without passing a probe, or the
 * breakpoint or jump of a foreign kprobe, which hides an instruction? Reads up to 6 bytes, also
 * beyond the part: there, the kernel has other code.
 */
static bool is_doubtful(const struct vmtrace_return_sites *sites, const struct part parts[2],
			const u8 *at)
{
	const u8 *target;

	if (*at == INT3_INSN_OPCODE || *at == 0xc3 || *at == 0xc2) /* breakpoint, returns */
		return true;
	if (*at == 0xff && (at[1] & 0x30) == 0x20) /* jump to an address in a register or memory */
		return true;
	if (*at == 0xe9) /* jump */
		target = target_of(at + 1);
	else if (*at == 0x0f && (at[1] & 0xf0) == 0x80) /* conditional jump */
		target = target_of(at + 2);
	else if (*at == 0xeb || (*at & 0xf0) == 0x70 || (*at & 0xfc) == 0xe0) /* short jumps */
		target = at + 2 + (s8)at[1];
	else
		return false;
	return bypasses(sites, target) || (!is_in(&parts[0], target) && !is_in(&parts[1], target));
}

/* May the function be left only through the sites? Only the first part has sites. */
static bool is_understood(const struct vmtrace_return_sites *sites, const struct part parts[2])
{
	struct checks *checks = kvzalloc(sizeof(*checks), GFP_KERNEL);
	bool yes = checks;
	unsigned int n;
	const u8 *at;

	for (n = 0; yes && n < 2; n++)
		for (at = parts[n].code; yes && at < parts[n].code + parts[n].size; at++) {
			if (n == 0 && is_return(at))
				at += VMTRACE_JUMP_BYTES - 1;
			else
				yes = !is_doubtful(sites, parts, at) || !is_instruction(checks, at);
		}
	if (checks && checks->count)
		unregister_kprobes(checks->pointer, checks->count);
	kvfree(checks);
	return yes;
}

int vmtrace_return_sites_find(struct vmtrace_return_sites *sites)
{
	struct part parts[2] = {};
	unsigned long i;
	int err = find_function(VMTRACE_HOOK_SYMBOL, &parts[0].code, &parts[0].size);

	sites->count = 0;
	for (i = 0; !err && i + VMTRACE_JUMP_BYTES <= parts[0].size; i++)
		if (is_return(parts[0].code + i))
			err = add_site(sites, parts[0].code, parts[0].code + i);
	if (!err) {
		err = find_function(VMTRACE_HOOK_SYMBOL ".cold", &parts[1].code, &parts[1].size);
		err = err && err != -ENOENT ? -EOPNOTSUPP : 0;
	}
	if (!err && (!sites->count || !is_understood(sites, parts)))
		err = -EOPNOTSUPP;
	if (err)
		sites->count = 0;
	return err;
}

bool vmtrace_return_site_is_restored(const struct vmtrace_return_site *site)
{
	return !memcmp(site->at, site->code, VMTRACE_JUMP_BYTES);
}

#endif
