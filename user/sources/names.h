/* SPDX-License-Identifier: GPL-2.0 */
/*
 * names.h - the names of the classes and origins of faults
 */
#ifndef VMTRACE_SOURCES_NAMES_H
#define VMTRACE_SOURCES_NAMES_H

#include "core/format.h"
#include "core/record.h"

extern const char *const class_names[VMTRACE_CLASS_COUNT];
extern const char *const origin_names[VMTRACE_ORIGIN_COUNT];

/* A class by its name; VMTRACE_CLASS_COUNT if there is none. */
enum vmtrace_class class_by_name(const char *name);

#endif /* VMTRACE_SOURCES_NAMES_H */
