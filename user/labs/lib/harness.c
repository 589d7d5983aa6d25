// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "labs/lib/harness.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_report.h"
#include "labs/lib/settle.h"
#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/number.h"
#include "lib/options.h"

static int parse_options(struct lab *lab, int argc, char **argv)
{
	const struct lab_info *info = lab->info;
	const char *size_text = NULL;
	struct option_row table[OPTIONS_MAX + 1] = { { "json", &lab->json, NULL } };
	unsigned long long size;
	char verb[32], size_help[96] = "", help[2048];
	int code, rows = 1;

	if (info->size) {
		table[rows++] = (struct option_row){ "size", NULL, &size_text };
		snprintf(
			size_help, sizeof(size_help),
			"  --size BYTES  size of the block, with an optional K, M or G; default %zuK\n",
			info->size >> 10);
	}
	for (int i = 0; info->options && info->options[i].name && rows < OPTIONS_MAX; i++)
		table[rows++] = info->options[i];
	snprintf(verb, sizeof(verb), "lab %s", info->name);
	snprintf(help, sizeof(help),
		 "usage: vmtrace lab %s [OPTIONS]\n"
		 "\n"
		 "A lab: %s.\n"
		 "\n"
		 "Exit with 0 only if the counts of getrusage and vmtrace are as predicted, and\n"
		 "with 4 if this machine cannot run the lab or the module is not loaded.\n"
		 "\n"
		 "options:\n"
		 "%s%s"
		 "  --json        print JSON\n"
		 "  --help        show this text\n",
		 info->name, info->sentence, size_help, info->help ? info->help : "");
	code = read_options(verb, help, table, argc, argv);
	if (code != OPTIONS_READ)
		return code;
	if (optind < argc)
		return usage_error(verb, "%s: %s: unexpected argument", verb, argv[optind]);
	lab->size = info->size;
	if (!size_text)
		return OPTIONS_READ;
	if (parse_size(size_text, PTRDIFF_MAX, &size) != 0 || size == 0)
		return usage_error(
			verb, "%s: --size %s: not a size: use a number such as 4096, 64K or 1M",
			verb, size_text);
	lab->size = size;
	return OPTIONS_READ;
}

/*
 * After it has preempted a thread, the kernel writes to the rseq area of that thread, if the C
 * library has registered one (kernel/rseq.c: __rseq_handle_notify_resume() of 6.1 and 6.12,
 * rseq_slowpath_update_usr() of 7.2). If the page is shared with a child, that is a fault at an
 * unpredictable time. So execute the program again without rseq.
 */
static void without_rseq(int argc, char **argv)
{
	static const char name[] = "GLIBC_TUNABLES", value[] = "glibc.pthread.rseq=0";
	const char *others = getenv(name);
	char *again[2 + argc + 1], all[512];

	if (others && strstr(others, value))
		return;
	if (snprintf(all, sizeof(all), "%s%s%s", others ? others : "", others ? ":" : "", value) >=
		    (int)sizeof(all) ||
	    setenv(name, all, 1) != 0)
		return;
	again[0] = (char *)"vmtrace";
	again[1] = (char *)"lab";
	memcpy(again + 2, argv, (argc + 1) * sizeof(*argv));
	execv("/proc/self/exe", again);
}

/* Some labs map several blocks of this size. */
static bool is_too_large(const struct lab *lab)
{
	long long available = memory_of_machine("MemAvailable");

	return available >= 0 && lab->size > (size_t)available / 4;
}

int lab_run(const struct lab_info *info, int argc, char **argv)
{
	struct lab *lab =
		mmap(NULL, sizeof(*lab), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	enum exit_code verdict;
	int code, err;

	if (lab == MAP_FAILED) {
		message("lab %s: %s", info->name, strerror(errno));
		return EXIT_FAILED;
	}
	lab->info = info;
	lab->page_size = sysconf(_SC_PAGESIZE);
	code = parse_options(lab, argc, argv);
	if (code != OPTIONS_READ)
		return code;
	without_rseq(argc, argv);
	/*
	 * No huge pages for the process and its children, so that a fault maps one page; a lab may
	 * allow them.
	 */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	lab_settle(lab);
	lab->moved = memory_moved();
	err = is_too_large(lab) ? -ENOMEM : info->measure(lab);
	lab->moved = memory_moved() - lab->moved;
	if (err < 0 && info->size)
		message("lab %s: %zu bytes: %s: try a smaller --size", info->name, lab->size,
			strerror(-err));
	else if (err < 0)
		message("lab %s: %s", info->name, strerror(-err));
	if (err < 0)
		return EXIT_FAILED;
	verdict = err == LAB_SKIPPED ? EXIT_SKIPPED : lab_judge(lab);
	code = lab_report(lab, verdict);
	return code == EXIT_DONE ? (int)verdict : code;
}
