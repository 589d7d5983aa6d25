/* SPDX-License-Identifier: GPL-2.0 */
/*
 * symbols.h - names for code addresses: symbol, offset, source line
 */
#ifndef VMTRACE_SOURCES_SYMBOLS_H
#define VMTRACE_SOURCES_SYMBOLS_H

/*
 * Name the code at an offset of an ELF file, as "symbol+0x1f (file.c:12)". The part in parentheses
 * needs debug information, in the file or below /usr/lib/debug. NULL if there is no symbol, or if
 * path is now a file with another inode number. Valid until symbols_free().
 *
 * A process can choose any path, so only regular ELF files are read, and no file that these name is
 * opened.
 */
const char *symbols_code(const char *path, unsigned long long inode, unsigned long long offset);

/*
 * Name the code at an address of the kernel, as "symbol+0x1f". NULL if this user may not see
 * addresses (kptr_restrict). Valid until symbols_free().
 */
const char *symbols_kernel(unsigned long long address);

void symbols_free(void);

#endif /* VMTRACE_SOURCES_SYMBOLS_H */
