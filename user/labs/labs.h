/* SPDX-License-Identifier: GPL-2.0 */
/*
 * labs.h - the labs; the table is in ../lab.c
 */
#ifndef VMTRACE_LABS_H
#define VMTRACE_LABS_H

#include "verb.h"

verb_function lab_lazy;

#endif /* VMTRACE_LABS_H */
