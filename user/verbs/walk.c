// SPDX-License-Identifier: GPL-2.0
/*
 * walk - the page tables of one address, and what the next access there would do
 */
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "lib/error.h"
#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/number.h"
#include "lib/options.h"
#include "report/predict.h"
#include "report/walk.h"
#include "sources/source.h"
#include "sources/thp.h"
#include "sources/walk_stats.h"
#include "verbs/verbs.h"

struct walk_options {
	int pid;
	unsigned long long address;
	bool json;
};

static const char help[] =
	"usage: vmtrace walk PID|self ADDRESS [--json]\n"
	"\n"
	"Walk the page tables of process PID, or of this vmtrace itself, to ADDRESS, as\n"
	"the CPU does. Show the entry of each level and what its bits mean, the page that\n"
	"is mapped, and what the next read and the next write there would do. ADDRESS is\n"
	"decimal, or hexadecimal with 0x. Only root may ask.\n"
	"\n"
	"options:\n"
	"  --json    print JSON with the keys of the module's file\n"
	"  --help    show this text\n"
	"\n"
	"example:\n"
	"  sudo vmtrace walk $$ 0x$(grep stack /proc/$$/maps | cut -d- -f1)\n";

static int parse_options(int argc, char **argv, struct walk_options *options)
{
	const struct option_row table[] = { { "json", &options->json, NULL }, { 0 } };
	int code = read_options("walk", help, table, argc, argv);
	const char *address;

	if (code != OPTIONS_READ)
		return code;
	if (argc - optind != 2)
		return usage_error("walk", "walk: needs a process and an address, got %d arguments",
				   argc - optind);
	code = parse_pid("walk", argv[optind], &options->pid);
	if (code != OPTIONS_READ)
		return code;
	address = argv[optind + 1];
	if (parse_hex(address, strlen(address), &options->address) != 0 &&
	    parse_number(address, ULLONG_MAX, &options->address) != 0)
		return usage_error("walk",
				   "walk: %s: not an address: use a number such as 0x7ffd1000",
				   address);
	return OPTIONS_READ;
}

int verb_walk(int argc, char **argv)
{
	static struct walk_stats walk;
	struct walk_options options = { .pid = getpid() };
	struct predictions read, write;
	struct error error = { "" };
	enum thp_mode thp;
	int code = parse_options(argc, argv, &options);

	if (code != OPTIONS_READ)
		return code;
	if (source_walk(options.pid, options.address, &walk, &error) != 0) {
		message("%s", error.text);
		return EXIT_FAILED;
	}
	thp = thp_enabled(THP_DIR);
	read = predict(&walk, thp, false);
	write = predict(&walk, thp, true);
	if (options.json)
		return walk_json(&walk, &read, &write);
	walk_print(&walk, &read, &write);
	return EXIT_DONE;
}
