// SPDX-License-Identifier: GPL-2.0
/* return_sites.c - where handle_mm_fault returns; see return_sites.h */
#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/string.h>

#include "hook/hook.h"
#include "hook/return_sites.h"

#ifdef CONFIG_X86_64

/* Find the first byte of a function, and its size. -ENOENT if there is no such function. */
static int find_function(const char *name, const u8 **code, unsigned long *size)
{
	struct kprobe probe = { .symbol_name = name };
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
	memcpy(site->code, first, VMTRACE_JUMP_BYTES);
	sites->count++;
	return 0;
}

/* Is @target inside the bytes of a site, but not the first one? */
static bool is_inside(const struct vmtrace_return_sites *sites, const u8 *target)
{
	const struct vmtrace_return_site *site;
	unsigned int n;

	for (n = 0; n < sites->count; n++) {
		site = &sites->site[n];
		if (target > site->at && target < site->at + VMTRACE_JUMP_BYTES)
			return true;
	}
	return false;
}

/*
 * The compiler places rarely executed code of the function in a part of its own. It must not
 * return, nor jump into the bytes of a site: when the kernel optimizes a kprobe, it looks for such
 * jumps in the function's main part only (can_optimize(), arch/x86/kernel/kprobes/opt.c).
 */
static int check_cold_part(const struct vmtrace_return_sites *sites)
{
	unsigned long size, i;
	const u8 *code;
	int err = find_function(VMTRACE_HOOK_SYMBOL ".cold", &code, &size);

	if (err)
		return err == -ENOENT ? 0 : -EOPNOTSUPP;
	for (i = 0; i + VMTRACE_JUMP_BYTES <= size; i++)
		if (is_return(code + i) || is_inside(sites, target_of(code + i + 1)))
			return -EOPNOTSUPP;
	return 0;
}

int vmtrace_return_sites_find(struct vmtrace_return_sites *sites)
{
	unsigned long size, i;
	const u8 *code;
	int err = find_function(VMTRACE_HOOK_SYMBOL, &code, &size);

	sites->count = 0;
	for (i = 0; !err && i + VMTRACE_JUMP_BYTES <= size; i++)
		if (is_return(code + i))
			err = add_site(sites, code, code + i);
	if (!err)
		err = sites->count ? check_cold_part(sites) : -EOPNOTSUPP;
	if (err)
		sites->count = 0;
	return err;
}

bool vmtrace_return_site_is_restored(const struct vmtrace_return_site *site)
{
	return !memcmp(site->at, site->code, VMTRACE_JUMP_BYTES);
}

#endif
