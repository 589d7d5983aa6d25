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

/* From the two arguments of a function, its nth and the next. */
static bool range_of(struct pt_regs *regs, unsigned int n, unsigned long *start, unsigned long *end)
{
	unsigned long length = PAGE_ALIGN(regs_get_kernel_argument(regs, n + 1));

	*start = regs_get_kernel_argument(regs, n);
	*end = *start + length;
	/* The function has yet to refuse what makes no sense. */
	return is_watched() && *start < *end && !offset_in_page(*start);
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

/* do_brk_flags(iterator, vma, address, length, flags). It seldom fails, and then brk asks again. */
static int on_brk(struct kprobe *kp, struct pt_regs *regs)
{
	unsigned long start, end;

	if (range_of(regs, 2, &start, &end))
		vmtrace_growth_born(start, end, true);
	return 0;
}

NOKPROBE_SYMBOL(on_brk);

/* copy_vma(vma, address, length, ...): mremap moves a mapping there. */
static int on_move(struct kprobe *kp, struct pt_regs *regs)
{
	unsigned long start, end;

	if (range_of(regs, 1, &start, &end))
		vmtrace_growth_born(start, end, false);
	return 0;
}

NOKPROBE_SYMBOL(on_move);

/* do_vmi_munmap(iterator, mm, address, length, ...) */
static int on_munmap(struct kprobe *kp, struct pt_regs *regs)
{
	unsigned long start, end;

	if (range_of(regs, 2, &start, &end) &&
	    (struct mm_struct *)regs_get_kernel_argument(regs, 1) == current->mm)
		vmtrace_growth_died(start, end);
	return 0;
}

NOKPROBE_SYMBOL(on_munmap);

static struct kretprobe mmap_probe = {
	.kp.symbol_name = "do_mmap",
	.entry_handler = on_mmap,
	.handler = on_mmap_return,
	.data_size = sizeof(unsigned long),
	/* One for each process that is in it; it sleeps for memory or for a file system. */
	.maxactive = 1024,
};

/* Functions that are probed at their entry; the names are those of one kernel or another. */
static struct watch {
	const char *names[2];
	kprobe_pre_handler_t handler;
	struct kprobe kp; /* without a name if it could not be placed */
} watches[] = {
	{ { "do_brk_flags" }, on_brk },
	{ { "copy_vma" }, on_move },
	{ { "do_vmi_munmap", "do_mas_munmap" }, on_munmap },
};

static_assert(ARRAY_SIZE(watches) + 1 == VMTRACE_BIRTH_PROBES);

static bool mmap_placed;

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

	err = register_kretprobe(&mmap_probe);
	mmap_placed = !err;
	if (err)
		complain(mmap_probe.kp.symbol_name, err);
	for (i = 0; i < ARRAY_SIZE(watches); i++) {
		err = place(&watches[i]);
		if (err)
			complain(watches[i].names[0], err);
	}
}

void vmtrace_birth_exit(void)
{
	int i;

	for (i = ARRAY_SIZE(watches) - 1; i >= 0; i--)
		if (watches[i].kp.symbol_name)
			unregister_kprobe(&watches[i].kp);
	if (mmap_placed)
		unregister_kretprobe(&mmap_probe);
}

unsigned int vmtrace_birth_probes(void)
{
	unsigned int i, n = mmap_placed;

	for (i = 0; i < ARRAY_SIZE(watches); i++)
		n += !!watches[i].kp.symbol_name;
	return n;
}

u64 vmtrace_birth_missed(void)
{
	u64 missed = (u64)READ_ONCE(mmap_probe.nmissed) + READ_ONCE(mmap_probe.kp.nmissed);
	int i;

	for (i = 0; i < ARRAY_SIZE(watches); i++)
		missed += READ_ONCE(watches[i].kp.nmissed);
	return missed;
}
