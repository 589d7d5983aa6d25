/* SPDX-License-Identifier: GPL-2.0 */
/*
 * publish.h - when the files of a process are made
 *
 * They cannot be made where a process is found, for that must not sleep. A new
 * process makes its own before it comes to its first user
 * instruction; for others a workqueue does it.
 */
#ifndef VMTRACE_PUBLISH_H
#define VMTRACE_PUBLISH_H

struct task_struct;
struct vmtrace_process;

/* Of a new record. */
void vmtrace_publish_prepare(struct vmtrace_process *p);

/* Make the files of a process soon. Any context. */
void vmtrace_publish(struct vmtrace_process *p);

/* Make them in @task, a new process that has not run. Any context; once in the life of @p. */
void vmtrace_publish_on_resume(struct vmtrace_process *p, struct task_struct *task);

int vmtrace_publish_init(void);

/* Returns when no work is pending or running. After vmtrace_resume_exit(). */
void vmtrace_publish_exit(void);

#endif /* VMTRACE_PUBLISH_H */
