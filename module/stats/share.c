// SPDX-License-Identifier: GPL-2.0
/* share.c - how many threads have counts, and how many of them one user may have; see share.h */
#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/user_namespace.h>

#include "stats/share.h"

/* Users that share an entry share a share. */
#define USER_BITS 10

static atomic_t used_by[1 << USER_BITS];
static atomic_t used = ATOMIC_INIT(0);

unsigned int vmtrace_max_threads __read_mostly = 65536;

/* The user of current in the initial namespace, or the one who created its outermost namespace. */
static kuid_t user_of_current(void)
{
	const struct user_namespace *ns = current_user_ns(), *outermost = NULL;

	for (; ns != &init_user_ns; ns = ns->parent)
		outermost = ns;
	return outermost && !uid_eq(outermost->owner, GLOBAL_ROOT_UID) ? outermost->owner :
									 current_uid();
}

/* May @uid have @own of @all places? */
static bool fits(kuid_t uid, unsigned int own, unsigned int all)
{
	return all <= vmtrace_max_threads &&
	       (uid_eq(uid, GLOBAL_ROOT_UID) || own <= vmtrace_max_threads - all + 1);
}

bool vmtrace_share_take(unsigned int *user)
{
	kuid_t uid = user_of_current();
	atomic_t *own;

	*user = hash_32(__kuid_val(uid), USER_BITS);
	own = &used_by[*user];
	/* If the table is full, threads on all CPUs call this for each fault: do not write. */
	if (!fits(uid, atomic_read(own) + 1, atomic_read(&used) + 1))
		return false;
	if (fits(uid, atomic_inc_return(own), atomic_inc_return(&used)))
		return true;
	vmtrace_share_give(*user);
	return false;
}

void vmtrace_share_give(unsigned int user)
{
	atomic_dec(&used_by[user]);
	atomic_dec(&used);
}

unsigned int vmtrace_threads(void)
{
	return atomic_read(&used);
}
