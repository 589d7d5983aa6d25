// SPDX-License-Identifier: GPL-2.0
/* maps.c - the file <pid>/maps of debugfs; see maps.h */
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "access.h"
#include "debugfs.h"
#include "format.h"
#include "lazy.h"
#include "maps.h"
#include "process.h"

/**
 * struct reader - an open file; what it holds was so when it was opened
 * @ledger: of the process
 * @pid: its number
 * @comm: its name
 */
struct reader {
	struct vmtrace_ledger ledger;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

#define NAME(key, meaning) #key,
static const char *const columns[] = { VMTRACE_MAPS_COLUMNS(NAME) VMTRACE_MAPS_KINDS(NAME)
					       VMTRACE_MAPS_TOUCHES(NAME) };
#undef NAME

static void show_head(struct seq_file *m, const struct reader *r)
{
	const struct vmtrace_ledger *l = &r->ledger;
	unsigned int i;

	seq_printf(m, "format:\t%d\nname:\t", VMTRACE_FORMAT);
	seq_escape(m, r->comm, "\n\\");
	seq_printf(m, "\npid:\t%d\npage_bytes:\t%lu\nmappings:\t%lu\n", r->pid, PAGE_SIZE,
		   l->count);
#define PRINT_TOTAL(key, meaning)  seq_printf(m, #key ":\t%lu\n", l->total.key);
#define PRINT_KERNEL(key, meaning) seq_printf(m, #key ":\t%lu\n", l->kernel.key);
	VMTRACE_MAPS_KINDS(PRINT_TOTAL)
	VMTRACE_MAPS_KERNEL(PRINT_KERNEL)
#define PRINT_GROWTH(key, meaning) seq_printf(m, #key ":\t%lu\n", l->growth.key);
	VMTRACE_MAPS_GROWTH(PRINT_GROWTH)
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		seq_printf(m, "%s%c", columns[i], i + 1 < ARRAY_SIZE(columns) ? '\t' : '\n');
}

static void show_mapping(struct seq_file *m, const struct vmtrace_mapping *map)
{
	seq_printf(m, "%lx\t%lx\t%c%c%c%c\t%llx\t", map->start, map->end,
		   map->flags & VM_READ ? 'r' : '-', map->flags & VM_WRITE ? 'w' : '-',
		   map->flags & VM_EXEC ? 'x' : '-', map->flags & VM_MAYSHARE ? 's' : 'p',
		   map->offset);
	seq_escape(m, map->name, "\t\n\\");
#define PRINT_PAGES(key, meaning) seq_printf(m, "\t%lu", map->pages.key);
	VMTRACE_MAPS_KINDS(PRINT_PAGES)
	seq_printf(m, "\t%llu\t%lld\t%lld\n", map->first_touch, map->age_ns, map->delay_ns);
}

/* Position 0 is what comes before the mappings. */
static void *maps_start(struct seq_file *m, loff_t *pos)
{
	struct reader *r = m->private;

	return *pos ? xa_load(&r->ledger.mappings, *pos - 1) : SEQ_START_TOKEN;
}

static void *maps_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return maps_start(m, pos);
}

static void maps_stop(struct seq_file *m, void *v)
{
}

static int maps_show(struct seq_file *m, void *v)
{
	if (v == SEQ_START_TOKEN)
		show_head(m, m->private);
	else
		show_mapping(m, v);
	return 0;
}

static const struct seq_operations maps_ops = {
	.start = maps_start,
	.next = maps_next,
	.stop = maps_stop,
	.show = maps_show,
};

static int take(struct reader *r, struct file *file, struct vmtrace_process *p)
{
	struct vmtrace_process_stats s;
	int err = vmtrace_process_read(p, &s, NULL);

	if (err)
		return err;
	memcpy(r->comm, s.comm, sizeof(r->comm));
	return vmtrace_may_read(file, p) ?: vmtrace_ledger_take(&r->ledger, p);
}

static int maps_open(struct inode *inode, struct file *file)
{
	struct vmtrace_process *p;
	struct reader *r;
	int err;

	err = vmtrace_debugfs_enter();
	if (err)
		return err;
	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r) {
		vmtrace_debugfs_leave();
		return -ENOMEM;
	}
	xa_init(&r->ledger.mappings);
	r->pid = (long)inode->i_private;
	err = -ESRCH;
	p = vmtrace_process_get_nr(r->pid, &init_pid_ns);
	if (p) {
		err = take(r, file, p);
		vmtrace_process_put(p);
	}
	if (!err)
		err = seq_open(file, &maps_ops);
	if (err) {
		vmtrace_ledger_free(&r->ledger);
		kfree(r);
		vmtrace_debugfs_leave();
		return err;
	}
	((struct seq_file *)file->private_data)->private = r;
	return 0;
}

static int maps_release(struct inode *inode, struct file *file)
{
	struct reader *r = ((struct seq_file *)file->private_data)->private;

	vmtrace_ledger_free(&r->ledger);
	kfree(r);
	seq_release(inode, file);
	vmtrace_debugfs_leave();
	return 0;
}

const struct file_operations vmtrace_maps_fops = {
	.open = maps_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = maps_release,
};
