/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reset.h - begin to count anew
 *
 * A record is written by its thread alone, so nobody can set it to 0. Instead what it
 * holds at that moment is remembered and taken off whatever is read afterwards: from
 * what the dead of its process left behind, which is added to all live ones. What
 * cannot be taken off, maxima and the hottest, belongs to a generation: that of another
 * one is void, and its thread begins anew at its next fault.
 *
 * Each process's counts, the kernel's among them, are reset at one moment, so that
 * what is unobserved afterwards happened afterwards. Other processes have other moments.
 */
#ifndef VMTRACE_RESET_H
#define VMTRACE_RESET_H

#include <linux/types.h>

/**
 * vmtrace_reset() - begin to count anew
 *
 * Exited processes are forgotten. What processes are, when they began and where their
 * memory came from stays known.
 *
 * Context: sleeps. Takes time linear in the number of threads.
 * Return: 0; -ENOMEM, or -EINTR if current was killed: then some processes have been
 *	reset and others not. It can be repeated.
 */
int vmtrace_reset(void);

/* When that was last done, CLOCK_BOOTTIME; 0: never since load. */
u64 vmtrace_reset_ns(void);

#endif /* VMTRACE_RESET_H */
