/* SPDX-License-Identifier: GPL-2.0 */
/*
 * try_access.h - accesses that may raise a signal
 */
#ifndef VMTRACE_LABS_LIB_TRY_ACCESS_H
#define VMTRACE_LABS_LIB_TRY_ACCESS_H

/*
 * Read a byte, or read it and write it back, and catch the signal. Returns "no signal" or, for
 * example, "SIGSEGV (SEGV_ACCERR)". May be called between lab_begin() and lab_end().
 */
const char *memory_try_read(char *address);
const char *memory_try_write(char *address);

#endif /* VMTRACE_LABS_LIB_TRY_ACCESS_H */
