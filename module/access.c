// SPDX-License-Identifier: GPL-2.0
/* access.c - who may read what is known of a process; see access.h */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>

#include "access.h"
#include "compat.h"
#include "process.h"

/* Also mirrors cap_ptrace_access_check() in security/commoncap.c. */
static bool owns(const struct cred *reader, const struct cred *owner)
{
	return uid_eq(reader->fsuid, owner->euid) && uid_eq(reader->fsuid, owner->suid) &&
	       uid_eq(reader->fsuid, owner->uid) && gid_eq(reader->fsgid, owner->egid) &&
	       gid_eq(reader->fsgid, owner->sgid) && gid_eq(reader->fsgid, owner->gid) &&
	       reader->user_ns == owner->user_ns &&
	       cap_issubset(owner->cap_permitted, reader->cap_effective);
}

/* To be read after the credentials, which commit_creds() writes after it. */
static bool dumpable(struct vmtrace_process *p)
{
	struct task_struct *leader = vmtrace_process_leader(p);
	int value = READ_ONCE(p->dumpable);

	if (leader) {
		task_lock(leader);
		if (leader->mm)
			value = vmtrace_dumpable(leader->mm);
		task_unlock(leader);
		put_task_struct(leader);
	}
	return value == SUID_DUMP_USER;
}

int vmtrace_may_read(struct file *file, struct vmtrace_process *p)
{
	const struct cred *owner = vmtrace_process_cred(p);
	bool open, read, owned;

	if (!owner)
		return -EACCES;
	smp_rmb(); /* pairs with the barrier in commit_creds(), kernel/cred.c */
	owned = dumpable(p);

	read = (owned && owns(current_cred(), owner)) || vmtrace_process_is_current(p) ||
	       ns_capable(owner->user_ns, CAP_SYS_PTRACE) || capable(CAP_PERFMON);
	open = (owned && owns(file->f_cred, owner)) ||
	       (vmtrace_process_is_current(p) && file->f_cred == current_cred()) ||
	       file_ns_capable(file, owner->user_ns, CAP_SYS_PTRACE) ||
	       file_ns_capable(file, &init_user_ns, CAP_PERFMON);
	put_cred(owner);
	return open && read ? 0 : -EACCES;
}
