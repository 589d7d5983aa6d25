/* SPDX-License-Identifier: GPL-2.0 */
/*
 * birth.h - probes that tell of memory that a process gets and gives back
 *
 * Each may be missing, if the kernel refuses it: then growths are not seen, and are
 * made when they are touched. What these do not see is mremap that extends a mapping
 * where it is, the stack, and what exec makes without asking. What munmap refuses late,
 * for memory, for the number of mappings or for what is sealed, they take for gone.
 */
#ifndef VMTRACE_BIRTH_H
#define VMTRACE_BIRTH_H

#include <linux/types.h>

/* The functions that are probed: vmtrace_birth_probes() says how many of them are. */
#define VMTRACE_BIRTH_PROBES 4

/* Place the probes; a line in the log for each that cannot be. May sleep. */
void vmtrace_birth_init(void);
/* Returns when no handler runs or will run. May sleep. */
void vmtrace_birth_exit(void);

unsigned int vmtrace_birth_probes(void);
/* How often the kernel skipped one of them and said so. */
u64 vmtrace_birth_missed(void);

#endif /* VMTRACE_BIRTH_H */
