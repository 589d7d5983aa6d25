/* SPDX-License-Identifier: GPL-2.0 */
/*
 * array.h - the number of elements of an array
 */
#ifndef VMTRACE_LIB_ARRAY_H
#define VMTRACE_LIB_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif /* VMTRACE_LIB_ARRAY_H */
