// SPDX-License-Identifier: GPL-2.0
/* latency.c - the file latency of debugfs: how long the faults of a process took; format.h */
#include <linux/mm.h>
#include <linux/slab.h>

#include "core/format.h"
#include "files/query.h"
#include "stats/process.h"

#define COLUMN(key, meaning)	    "\t" #key
#define NAME(symbol, name, meaning) name,

static void print_times(struct seq_file *m, const struct vmtrace_times *times)
{
	static const char *const classes[] = { VMTRACE_CLASSES(NAME) };
	unsigned int i, b;

	seq_printf(m, "format:\t%d\n%s\n", VMTRACE_FORMAT, &(VMTRACE_LATENCY_COLUMNS(COLUMN))[1]);
	for (i = 0; i < VMTRACE_CLASS_COUNT; i++)
		for (b = 0; b < VMTRACE_HIST_BUCKETS; b++)
			if (times[i].hist[b])
				seq_printf(m, "%s\t%llu\t%llu\t%llu\n", classes[i],
					   vmtrace_histogram_low(b), vmtrace_histogram_low(b + 1),
					   times[i].hist[b]);
}

static int print(struct seq_file *m, struct vmtrace_process *p)
{
	struct vmtrace_times *times;
	int err;

	times = kvmalloc_array(VMTRACE_CLASS_COUNT, sizeof(*times), GFP_KERNEL_ACCOUNT);
	if (!times)
		return -ENOMEM;
	err = vmtrace_process_read_times(p, times);
	if (!err)
		print_times(m, times);
	kvfree(times);
	return err;
}

const struct vmtrace_topic vmtrace_topic_latency = { .print = print };
