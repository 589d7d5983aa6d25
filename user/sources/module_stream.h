/* SPDX-License-Identifier: GPL-2.0 */
/*
 * module_stream.h - faults as they happen, from the module's trace events
 *
 * The faults come through a BPF program, the mappings and names of processes from perf's
 * side-band.
 */
#ifndef VMTRACE_SOURCES_MODULE_STREAM_H
#define VMTRACE_SOURCES_MODULE_STREAM_H

#include "lib/error.h"
#include "sources/stream.h"

/* Open a stream, to be closed by stream_close(). Returns NULL with error filled in on failure. */
struct stream *module_stream(const struct stream_options *options, struct error *error);

#endif /* VMTRACE_SOURCES_MODULE_STREAM_H */
