// SPDX-License-Identifier: GPL-2.0
/* unstable.c - a module for tests: the kernel shall take the TSC for unstable from now on */
#include <linux/module.h>
#include <asm/tsc.h>

static int __init unstable_init(void)
{
	mark_tsc_unstable("a test of vmtrace");
	return 0;
}

static void __exit unstable_exit(void)
{
}

module_init(unstable_init);
module_exit(unstable_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Marks the TSC unstable");
