/* SPDX-License-Identifier: GPL-2.0 */
/*
 * number_set.h - a set of numbers, such as those of threads
 */
#ifndef VMTRACE_LIB_NUMBER_SET_H
#define VMTRACE_LIB_NUMBER_SET_H

#include <stddef.h>

/* Empty if it is all zero. */
struct number_set {
	unsigned int *number; /* in order */
	size_t count, room;
};

/* Without memory the number is not added. */
void number_set_add(struct number_set *set, unsigned int number);

void number_set_remove(struct number_set *set, unsigned int number);

/* Makes it empty. */
void number_set_clear(struct number_set *set);

#endif /* VMTRACE_LIB_NUMBER_SET_H */
