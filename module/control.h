/* SPDX-License-Identifier: GPL-2.0 */
/*
 * control.h - whether faults are recorded, of whom they are classified, and since when
 *
 * Three files of debugfs. reset: write 1, and counting begins anew (reset.h). enabled: 0 takes
 * the hook away, and what the kernel counts meanwhile is unobserved. filter: which processes'
 * faults are classified and timed; those of the others are counted all the same, so that counts are
 * exact for everybody.
 *
 * A filter is words of the form KEY=VALUE, separated by white space: pid (of the
 * process, in the initial pid namespace), comm (of the thread, octal escapes for
 * what is no letter), uid (real, in the initial user namespace), cgroup (inode
 * number of its directory in cgroup2). Words with the same key are alternatives;
 * of every key that occurs, one word must fit. No word: everybody.
 */
#ifndef VMTRACE_CONTROL_H
#define VMTRACE_CONTROL_H

#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/types.h>

struct dentry;
struct vmtrace_filter;

extern bool vmtrace_disabled;
DECLARE_STATIC_KEY_FALSE(vmtrace_filtered);

static inline bool vmtrace_is_disabled(void)
{
	return READ_ONCE(vmtrace_disabled);
}

/* Does the filter let current through? Context: the hook, preemption off. */
bool vmtrace_filter_fits(void);

static __always_inline bool vmtrace_has_filter(void)
{
	return static_branch_unlikely(&vmtrace_filtered);
}

/* How many words the filter has; 0: there is none. Any context. */
unsigned int vmtrace_filter_words(void);

/* Make the files. May sleep. */
void vmtrace_control_add(struct dentry *dir);
/* The hook and the files must be gone. */
void vmtrace_control_exit(void);

#endif /* VMTRACE_CONTROL_H */
