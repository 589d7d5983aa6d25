// SPDX-License-Identifier: GPL-2.0
/* toy.c - a module that misbehaves as it is told, for tests/runner/run */
#include <linux/module.h>
#include <linux/string.h>

static char *what = "";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "warn, warn-late, oops or hold");

static int *volatile nowhere;

static int __init toy_init(void)
{
	if (!strcmp(what, "warn"))
		WARN(1, "toy: as told\n");
	if (!strcmp(what, "oops"))
		*nowhere = 1;
	if (!strcmp(what, "hold"))
		__module_get(THIS_MODULE);
	return 0;
}

static void __exit toy_exit(void)
{
	if (!strcmp(what, "warn-late"))
		WARN(1, "toy: as told, late\n");
}

module_init(toy_init);
module_exit(toy_exit);
MODULE_DESCRIPTION("Misbehaves as it is told");
MODULE_LICENSE("GPL");
