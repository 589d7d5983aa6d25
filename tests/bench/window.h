/* SPDX-License-Identifier: GPL-2.0 */
/*
 * window.h - what plugins that count between a program's markers have in common
 *
 * A window is from the marker of a begin (marker.h) to that of its end; if threads mark at once
 * what they do, from the first begin to the last end. window.c finds the markers, and appends to
 * the file of the plugin's argument out=FILE, for each window, a line "window" and what the plugin
 * has to say.
 *
 * For scripts/vm --icount, where the guest's CPUs take turns: nothing is locked.
 */
#ifndef VMTRACE_WINDOW_H
#define VMTRACE_WINDOW_H

#include <stdio.h>

#include "plugin.h"

/* The plugin's own: QEMU has translated a block of the guest's kernel. */
void window_translated(struct qemu_plugin_tb *tb);
/* Forget what was counted so far. */
void window_begin(void);
/* Tell what was counted since. */
void window_end(FILE *out);

#endif /* VMTRACE_WINDOW_H */
