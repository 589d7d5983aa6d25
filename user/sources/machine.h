/* SPDX-License-Identifier: GPL-2.0 */
/*
 * machine.h - what this machine says of itself
 *
 * Files are below root_prefix(). Functions return a negative errno for what cannot be read:
 * -ENOENT it is not there, -EACCES only root may see it, -EPERM lockdown hides it.
 */
#ifndef VMTRACE_SOURCES_MACHINE_H
#define VMTRACE_SOURCES_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

/* 0 if path is there. */
int machine_look(const char *path);

/* A file that says 0 or N: 0; 1 or Y: 1; anything else: -EPROTO. */
int machine_switch(const char *path);

/*
 * Is there a line of which the fields from number first on (the first is 1) begin with
 * text? 1, 0, or -ENODATA if the file is empty.
 */
int machine_find(const char *path, int first, const char *text);

/* Is a file system of this type mounted there? 1 or 0. */
int machine_mounted(const char *where, const char *type);

/* As uname -m; asked of uname(2) only if there is no root_prefix(). */
int machine_architecture(char *text, size_t size);

/* Is this the initial pid namespace, or is that not known? */
bool machine_is_initial_namespace(void);

/* Has this process, effectively, one of the capabilities in the mask? 1 or 0. */
int machine_capable(unsigned long long mask);

#endif /* VMTRACE_SOURCES_MACHINE_H */
