/* SPDX-License-Identifier: GPL-2.0 */
/*
 * symbols.h - the names of code: symbol, offset, source line
 */
#ifndef VMTRACE_SOURCES_SYMBOLS_H
#define VMTRACE_SOURCES_SYMBOLS_H

/*
 * What is at this offset of an ELF file, as "symbol+0x1f (file.c:12)": the part in
 * parentheses if there is debug information for it, here or below /usr/lib/debug. NULL if
 * nothing is known, or if the path is not that file any more. Valid until symbols_free().
 *
 * The path is whatever a process has called it: only plain ELF files are read, and nothing
 * that these name is opened.
 */
const char *symbols_code(const char *path, unsigned long long inode, unsigned long long offset);

/*
 * What is at an address of the kernel, as "symbol+0x1f". NULL if this user may not see addresses
 * (kptr_restrict). Valid until symbols_free().
 */
const char *symbols_kernel(unsigned long long address);

void symbols_free(void);

#endif /* VMTRACE_SOURCES_SYMBOLS_H */
