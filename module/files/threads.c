// SPDX-License-Identifier: GPL-2.0
/* threads.c - the file threads of debugfs: a line for each thread of a process; format.h */
#include "core/format.h"
#include "files/query.h"
#include "stats/process.h"
#include "stats/thread.h"

/* Called under @k->process->lock. */
static void print_thread(struct vmtrace_task *k, void *data)
{
	const struct vmtrace_thread *t = smp_load_acquire(&k->thread); /* task.c */
	struct vmtrace_thread_sum sum;
	struct seq_file *m = data;
	char comm[TASK_COMM_LEN];

	/* A thread that was reaped keeps its record until its task_struct is freed. */
	if (!t || !pid_alive(t->task) || seq_has_overflowed(m))
		return;
	vmtrace_thread_sum(t, &sum);
	memcpy(comm, t->task->comm, sizeof(comm));
	comm[TASK_COMM_LEN - 1] = '\0';
	seq_printf(m, "%d\t%llu\t%llu\t%llu\t%llu\t%d\t%llu\t%llu\t%llu\t", t->task->pid, sum.minor,
		   sum.major, sum.retried, sum.failed, sum.in_flight, sum.total, sum.asleep,
		   min(sum.max, sum.total));
	seq_escape(m, comm, "\t\n\\");
	seq_putc(m, '\n');
}

#define COLUMN(key, meaning) "\t" #key

static int print(struct seq_file *m, struct vmtrace_process *p)
{
	seq_printf(m, "format:\t%d\n%s\n", VMTRACE_FORMAT, &(VMTRACE_THREAD_COLUMNS(COLUMN))[1]);
	return vmtrace_process_iterate(p, print_thread, m);
}

const struct vmtrace_topic vmtrace_topic_threads = { .print = print };
