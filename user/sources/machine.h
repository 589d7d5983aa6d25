/* SPDX-License-Identifier: GPL-2.0 */
/*
 * machine.h - facts about this machine
 *
 * Files are read below root_prefix(). Functions return a negative errno if a file cannot be read:
 * -ENOENT it does not exist, -EACCES only root may read it, -EPERM lockdown forbids it.
 */
#ifndef VMTRACE_SOURCES_MACHINE_H
#define VMTRACE_SOURCES_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

/* 0 if path exists. */
int machine_access(const char *path);

/* Read a switch: 0 or N is 0, 1 or Y is 1, anything else is -EPROTO. */
int machine_switch(const char *path);

/*
 * Does the file have a line with text, one or more whole fields, from field number first on
 * (counted from 1)? Returns 1, 0, or -ENODATA if the file is empty.
 */
int machine_find(const char *path, int first, const char *text);

/* Is a file system of this type mounted there? Returns 1 or 0. */
int machine_mounted(const char *where, const char *type);

/* The machine, as of uname -m. uname(2) is used only if there is no root_prefix(). */
int machine_architecture(char *text, size_t size);

/* Is this the initial pid namespace? Also true if that is not known. */
bool machine_is_initial_namespace(void);

/* Does the effective set of this process have a capability of the mask? Returns 1 or 0. */
int machine_capable(unsigned long long mask);

#endif /* VMTRACE_SOURCES_MACHINE_H */
