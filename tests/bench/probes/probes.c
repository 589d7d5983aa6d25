// SPDX-License-Identifier: GPL-2.0
/*
 * probes.c - a probe on handle_mm_fault that does nothing
 *
 * What any tool that stands on such a probe has to pay. The parameter "kind"
 * says which; loading fails with EOPNOTSUPP where the kernel has none of it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/string.h>

#define SYMBOL "handle_mm_fault"

static char *kind = "";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "ftrace, kprobe, kretprobe or fprobe");

static void on_ftrace(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
		      struct ftrace_regs *regs)
{
}

static struct ftrace_ops ftrace = {
	.func = on_ftrace,
};

static int ftrace_start(void)
{
	char symbol[] = SYMBOL;
	int err;

	err = ftrace_set_filter(&ftrace, symbol, strlen(symbol), 1);
	return err ?: register_ftrace_function(&ftrace);
}

static void ftrace_stop(void)
{
	unregister_ftrace_function(&ftrace);
	ftrace_free_filter(&ftrace);
}

static int on_kprobe(struct kprobe *p, struct pt_regs *regs)
{
	return 0;
}

NOKPROBE_SYMBOL(on_kprobe);

static struct kprobe kprobe = {
	.symbol_name = SYMBOL,
	.pre_handler = on_kprobe,
};

static int kprobe_start(void)
{
	return register_kprobe(&kprobe);
}

static void kprobe_stop(void)
{
	unregister_kprobe(&kprobe);
}

static int on_kretprobe(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return 0;
}

NOKPROBE_SYMBOL(on_kretprobe);

/* As many instances as vmtrace has by default. */
static struct kretprobe kretprobe = {
	.kp.symbol_name = SYMBOL,
	.entry_handler = on_kretprobe,
	.handler = on_kretprobe,
	.maxactive = 4096,
};

static int kretprobe_start(void)
{
	return register_kretprobe(&kretprobe);
}

static void kretprobe_stop(void)
{
	unregister_kretprobe(&kretprobe);
}

/* 6.14 rebuilt fprobe on fgraph, with other registers and without a limit. */
#ifdef CONFIG_FPROBE
#include <linux/fprobe.h>
#endif
#ifdef MAX_FPROBE_DATA_SIZE
#define FPROBE_REGS ftrace_regs
#define fprobe_limit(fp, n)
#elif defined(CONFIG_FPROBE) && defined(HAVE_FPROBE_RET_IP)
#define FPROBE_REGS	    pt_regs
#define fprobe_limit(fp, n) ((fp)->nr_maxactive = (n))
#endif

#ifdef FPROBE_REGS
static int on_entry(struct fprobe *fp, unsigned long ip, unsigned long ret_ip,
		    struct FPROBE_REGS *regs, void *data)
{
	return 0;
}

NOKPROBE_SYMBOL(on_entry);

static void on_return(struct fprobe *fp, unsigned long ip, unsigned long ret_ip,
		      struct FPROBE_REGS *regs, void *data)
{
}

NOKPROBE_SYMBOL(on_return);

static struct fprobe fprobe = {
	.entry_handler = on_entry,
	.exit_handler = on_return,
};

static int fprobe_start(void)
{
	const char *symbol = SYMBOL;

	fprobe_limit(&fprobe, 4096);
	return register_fprobe_syms(&fprobe, &symbol, 1);
}

static void fprobe_stop(void)
{
	unregister_fprobe(&fprobe);
}
#else
static int fprobe_start(void)
{
	return -EOPNOTSUPP;
}

static void fprobe_stop(void)
{
}
#endif

static const struct kind {
	const char *name;
	int (*start)(void);
	void (*stop)(void);
} kinds[] = {
	{ "ftrace", ftrace_start, ftrace_stop },
	{ "kprobe", kprobe_start, kprobe_stop },
	{ "kretprobe", kretprobe_start, kretprobe_stop },
	{ "fprobe", fprobe_start, fprobe_stop },
};

static const struct kind *chosen;

static int __init probes_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (sysfs_streq(kind, kinds[i].name))
			chosen = &kinds[i];
	if (!chosen) {
		pr_err("parameter kind=%s is none that is known\n", kind);
		return -EINVAL;
	}
	return chosen->start();
}

static void __exit probes_exit(void)
{
	chosen->stop();
}

module_init(probes_init);
module_exit(probes_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the vmtrace authors");
MODULE_DESCRIPTION("Empty probes on handle_mm_fault, to measure what a probe costs");
