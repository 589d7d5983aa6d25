/* SPDX-License-Identifier: GPL-2.0 */
/*
 * module.h - the module as a source: /proc/vmtrace, debugfs and the trace events
 */
#ifndef VMTRACE_SOURCES_MODULE_H
#define VMTRACE_SOURCES_MODULE_H

#include "sources/source_ops.h"

extern const struct source_ops module_source;

#endif /* VMTRACE_SOURCES_MODULE_H */
