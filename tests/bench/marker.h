/* SPDX-License-Identifier: GPL-2.0 */
/*
 * marker.h - instructions that do nothing, and by which window.c finds the begin and the end
 *
 * No compiler makes them of its own accord, every CPU executes them: on x86_64 a nop with an
 * address that is not looked at, on arm64 a number that is moved to the register that is always 0.
 */
#ifndef VMTRACE_MARKER_H
#define VMTRACE_MARKER_H

#define MARKER_BEGIN 0x7662
#define MARKER_END   0x7665

/* nopl MARKER(%rax) */
#define MARKER_X86(marker) 0x0f, 0x1f, 0x80, (marker)&0xff, (marker) >> 8, 0, 0
/* movz xzr, #MARKER */
#define MARKER_ARM64(marker) (0xd280001f | (marker) << 5)

#if defined(__x86_64__)
#define marker(marker) asm volatile("nopl %c0(%%rax)" : : "i"(marker) : "memory")
#elif defined(__aarch64__)
#define marker(marker) asm volatile("movz xzr, %0" : : "i"(marker) : "memory")
#endif

#endif /* VMTRACE_MARKER_H */
