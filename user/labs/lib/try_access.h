/* SPDX-License-Identifier: GPL-2.0 */
/*
 * try_access.h - accesses that may be answered by a signal
 */
#ifndef VMTRACE_LABS_LIB_TRY_ACCESS_H
#define VMTRACE_LABS_LIB_TRY_ACCESS_H

/*
 * Read a byte, or write it back, and survive that. In words: "no signal", or for example
 * "SIGSEGV (SEGV_ACCERR)". Unlike the others it may be measured.
 */
const char *memory_try_read(char *address);
const char *memory_try_write(char *address);

#endif /* VMTRACE_LABS_LIB_TRY_ACCESS_H */
