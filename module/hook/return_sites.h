/* SPDX-License-Identifier: GPL-2.0 */
/*
 * return_sites.h - where handle_mm_fault returns
 *
 * The kernel does not say where a function returns, so its code is searched. x86 only: there the
 * kernel turns a kprobe that covers 5 bytes into a jump ("optimized", kernel/kprobes.c).
 */
#ifndef VMTRACE_HOOK_RETURN_SITES_H
#define VMTRACE_HOOK_RETURN_SITES_H

#include <linux/types.h>

#define VMTRACE_RETURN_SITES 16
#define VMTRACE_JUMP_BYTES   5 /* of the jump that replaces an optimized kprobe */

/**
 * struct vmtrace_return_site - where to probe one return
 * @at: the first byte that the jump will replace
 * @ret: the return, a few pops after it
 * @code: these bytes
 */
struct vmtrace_return_site {
	const u8 *at;
	const u8 *ret;
	u8 code[VMTRACE_JUMP_BYTES];
};

/**
 * struct vmtrace_return_sites - all returns of handle_mm_fault
 * @count: number of sites; 0: they have not been found
 * @site: the sites, by ascending address
 */
struct vmtrace_return_sites {
	unsigned int count;
	struct vmtrace_return_site site[VMTRACE_RETURN_SITES];
};

/**
 * vmtrace_return_sites_find() - find every return of handle_mm_fault
 * @sites: filled in; @count is 0 after an error
 *
 * All or none: a fault whose return is not seen would not be counted. So there must be no other way
 * out of the function: no tail call, no other return, no jump that enters a site behind its first
 * byte, and no foreign kprobe, since it hides an instruction. register_kprobe() checks that what
 * looks like a return is not a part of another instruction.
 *
 * Context: may sleep.
 * Return: 0, or -EOPNOTSUPP, or the kernel's error.
 */
int vmtrace_return_sites_find(struct vmtrace_return_sites *sites);

/* Has the kernel restored the bytes of the site? */
bool vmtrace_return_site_is_restored(const struct vmtrace_return_site *site);

#endif /* VMTRACE_HOOK_RETURN_SITES_H */
