// SPDX-License-Identifier: GPL-2.0
/* permission.c - permission to read about a process; see permission.h */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/user_namespace.h>

#include "files/permission.h"
#include "stats/process.h"

/* The ids as in __ptrace_may_access(), the capabilities as in cap_ptrace_access_check(). */
static bool owns(const struct cred *reader, const struct cred *owner)
{
	return uid_eq(reader->fsuid, owner->euid) && uid_eq(reader->fsuid, owner->suid) &&
	       uid_eq(reader->fsuid, owner->uid) && gid_eq(reader->fsgid, owner->egid) &&
	       gid_eq(reader->fsgid, owner->sgid) && gid_eq(reader->fsgid, owner->gid) &&
	       reader->user_ns == owner->user_ns &&
	       cap_issubset(owner->cap_permitted, reader->cap_effective);
}

/* Does the opener of @file have the capability? Without @file: does current? */
static bool has_cap(const struct file *file, struct user_namespace *ns, int cap)
{
	return file ? file_ns_capable(file, ns, cap) : ns_capable(ns, cap);
}

static bool allowed(const struct file *file, const struct cred *reader, const struct cred *owner,
		    bool dumpable, struct user_namespace *ns)
{
	if ((owns(reader, owner) || has_cap(file, owner->user_ns, CAP_SYS_PTRACE)) &&
	    (dumpable || has_cap(file, ns, CAP_SYS_PTRACE)))
		return true;
	return has_cap(file, &init_user_ns, CAP_PERFMON);
}

int vmtrace_permission_all(const struct file *file)
{
	return has_cap(NULL, &init_user_ns, CAP_PERFMON) &&
			       has_cap(file, &init_user_ns, CAP_PERFMON) ?
		       0 :
		       -EACCES;
}

int vmtrace_permission(const struct file *file, struct vmtrace_process *p)
{
	struct user_namespace *ns;
	const struct cred *owner;
	bool dumpable, ok;

	/* A process may read its own numbers with the credentials with which it opened @file. */
	if (vmtrace_process_is_current(p) && file->f_cred == current_cred())
		return 0;
	owner = vmtrace_process_owner(p, &dumpable, &ns);
	ok = (vmtrace_process_is_current(p) ||
	      allowed(NULL, current_cred(), owner, dumpable, ns)) &&
	     allowed(file, file->f_cred, owner, dumpable, ns);
	put_user_ns(ns);
	put_cred(owner);
	return ok ? 0 : -EACCES;
}
