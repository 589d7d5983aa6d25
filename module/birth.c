// SPDX-License-Identifier: GPL-2.0
/* birth.c - probes that tell of memory that a process gets and gives back; see birth.h */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>

#include "birth.h"
#include "control.h"
#include "growth.h"

/* Kernel threads borrow the memory of others. */
static bool is_watched(void)
{
	return !vmtrace_is_disabled() && current->mm && !(current->flags & PF_KTHREAD);
}

struct addresses {
	unsigned long start;
	unsigned long end;
};

/* The function has yet to refuse what makes no sense. */
static bool is_range(const struct addresses *r)
{
	return r->start < r->end && !offset_in_page(r->start);
}

/* From two arguments of a function, its nth and the next: address and length. */
static bool range_of(struct pt_regs *regs, unsigned int n, struct addresses *r)
{
	r->start = regs_get_kernel_argument(regs, n);
	r->end = r->start + PAGE_ALIGN(regs_get_kernel_argument(regs, n + 1));
	return is_watched() && is_range(r);
}

/* do_mmap(file, address, length, ...), mm/mmap.c: the address is a wish, or what it returns. */
static int on_mmap(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	*(unsigned long *)ri->data = PAGE_ALIGN(regs_get_kernel_argument(regs, 2));
	return !is_watched();
}

NOKPROBE_SYMBOL(on_mmap);

static int on_mmap_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	unsigned long start = regs_return_value(regs);

	if (!IS_ERR_VALUE(start))
		vmtrace_growth_born(start, start + *(unsigned long *)ri->data, false);
	return 0;
}

NOKPROBE_SYMBOL(on_mmap_return);

/* int do_brk_flags(iterator, vma, address, length, flags): 0, or a limit has been reached. */
static int on_brk(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return !range_of(regs, 2, (struct addresses *)ri->data);
}

NOKPROBE_SYMBOL(on_brk);

static int on_brk_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct addresses *r = (struct addresses *)ri->data;

	/* Who holds the mmap lock has it still. */
	if (!(int)regs_return_value(regs))
		vmtrace_growth_born(r->start, r->end, true);
	return 0;
}

NOKPROBE_SYMBOL(on_brk_return);

/* copy_vma(vma, address, length, ...): mremap moves a mapping there. */
static int on_move(struct kprobe *kp, struct pt_regs *regs)
{
	struct addresses r;

	if (range_of(regs, 1, &r))
		vmtrace_growth_born(r.start, r.end, false);
	return 0;
}

NOKPROBE_SYMBOL(on_move);

/*
 * do_vmi_align_munmap(iterator, vma, mm, start, end, ...): munmap, brk, shmdt and mremap come
 * here when they have found that the range makes sense, and something in it. It may return
 * without the mmap lock, when others have the addresses already.
 */
static int on_munmap(struct kprobe *kp, struct pt_regs *regs)
{
	struct addresses r = {
		.start = regs_get_kernel_argument(regs, 3),
		.end = regs_get_kernel_argument(regs, 4),
	};

	if (is_watched() && is_range(&r) &&
	    (struct mm_struct *)regs_get_kernel_argument(regs, 2) == current->mm)
		vmtrace_growth_died(r.start, r.end);
	return 0;
}

NOKPROBE_SYMBOL(on_munmap);

/* One for each process that is in it: it sleeps for memory or for a file system. */
#define MAX_ACTIVE 1024

/* Functions whose result is needed. */
static struct kretprobe results[] = {
	{
		.kp.symbol_name = "do_mmap",
		.entry_handler = on_mmap,
		.handler = on_mmap_return,
		.data_size = sizeof(unsigned long),
		.maxactive = MAX_ACTIVE,
	},
	{
		.kp.symbol_name = "do_brk_flags",
		.entry_handler = on_brk,
		.handler = on_brk_return,
		.data_size = sizeof(struct addresses),
		.maxactive = MAX_ACTIVE,
	},
};

/* Functions that are probed at their entry; the names are those of one kernel or another. */
static struct watch {
	const char *names[2];
	kprobe_pre_handler_t handler;
	struct kprobe kp; /* without a name if it could not be placed */
} watches[] = {
	{ { "copy_vma" }, on_move },
	{ { "do_vmi_align_munmap", "do_mas_align_munmap" }, on_munmap },
};

static_assert(ARRAY_SIZE(watches) + ARRAY_SIZE(results) == VMTRACE_BIRTH_PROBES);

static bool result_placed[ARRAY_SIZE(results)];

static int place(struct watch *w)
{
	int err = -ENOENT, i;

	w->kp.pre_handler = w->handler;
	for (i = 0; err && i < ARRAY_SIZE(w->names) && w->names[i]; i++) {
		w->kp.symbol_name = w->names[i];
		err = register_kprobe(&w->kp);
	}
	if (err)
		w->kp.symbol_name = NULL;
	return err;
}

static void complain(const char *name, int err)
{
	pr_warn("cannot probe %s (error %d): when some memory came will be unknown\n", name, err);
}

void vmtrace_birth_init(void)
{
	int err, i;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		err = register_kretprobe(&results[i]);
		result_placed[i] = !err;
		if (err)
			complain(results[i].kp.symbol_name, err);
	}
	for (i = 0; i < ARRAY_SIZE(watches); i++) {
		err = place(&watches[i]);
		if (err)
			complain(watches[i].names[0], err);
	}
}

void vmtrace_birth_exit(void)
{
	struct kretprobe *of_results[ARRAY_SIZE(results)];
	struct kprobe *of_watches[ARRAY_SIZE(watches)];
	int i, n;

	/* Together: each of these calls waits for RCU once. */
	for (i = n = 0; i < ARRAY_SIZE(watches); i++)
		if (watches[i].kp.symbol_name)
			of_watches[n++] = &watches[i].kp;
	unregister_kprobes(of_watches, n);
	for (i = n = 0; i < ARRAY_SIZE(results); i++)
		if (result_placed[i])
			of_results[n++] = &results[i];
	unregister_kretprobes(of_results, n);
}

unsigned int vmtrace_birth_probes(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(results); i++)
		n += result_placed[i];
	for (i = 0; i < ARRAY_SIZE(watches); i++)
		n += !!watches[i].kp.symbol_name;
	return n;
}

u64 vmtrace_birth_missed(void)
{
	u64 missed = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(results); i++)
		missed += (u64)READ_ONCE(results[i].nmissed) + READ_ONCE(results[i].kp.nmissed);
	for (i = 0; i < ARRAY_SIZE(watches); i++)
		missed += READ_ONCE(watches[i].kp.nmissed);
	return missed;
}
