/* SPDX-License-Identifier: GPL-2.0 */
/*
 * segv.h - an access of user code failed
 *
 * Whatever the reason, the kernel sends a signal; most failures never reach handle_mm_fault. The
 * thread itself looks up what is mapped at the address, before it handles the signal or is killed.
 */
#ifndef VMTRACE_FAULT_SEGV_H
#define VMTRACE_FAULT_SEGV_H

struct kernel_siginfo;

/**
 * vmtrace_segv_signal() - current is sent a signal, which may be for a failed access
 * @sig: SIGSEGV or SIGBUS
 * @info: of the signal, or one of its special values
 *
 * Context: siglock held, interrupts off. Takes the process's lock.
 */
void vmtrace_segv_signal(int sig, const struct kernel_siginfo *info);

#endif /* VMTRACE_FAULT_SEGV_H */
