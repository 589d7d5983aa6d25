/* SPDX-License-Identifier: GPL-2.0 */
/*
 * share.h - how many threads have counts, and how many of them one user may have
 *
 * The counts and times of a thread take up to 35 KB, so their number is limited. A user other than
 * root may not have more than there is room for others: alone, half of the table; of two users,
 * each a third. Users of a user namespace count as the user who created it.
 */
#ifndef VMTRACE_STATS_SHARE_H
#define VMTRACE_STATS_SHARE_H

#include <linux/types.h>

/**
 * vmtrace_share_take() - take a place in the table for current
 * @user: set, for vmtrace_share_give()
 *
 * Context: any. Return: false if there is no room.
 */
bool vmtrace_share_take(unsigned int *user);
void vmtrace_share_give(unsigned int user);

/* Number of places taken. */
unsigned int vmtrace_threads(void);
/* Parameter: number of places, which are kept for the counts of threads. */
extern unsigned int vmtrace_max_threads;

#endif /* VMTRACE_STATS_SHARE_H */
