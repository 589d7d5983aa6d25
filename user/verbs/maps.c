// SPDX-License-Identifier: GPL-2.0
/*
 * maps - residency: how much each mapping reserves, and how much has a page
 */
#include <getopt.h>
#include <stdbool.h>

#include "lib/error.h"
#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/options.h"
#include "report/maps.h"
#include "sources/source.h"
#include "sources/stats.h"
#include "verbs/verbs.h"

struct maps_options {
	int pid;
	bool json;
};

static const char help[] =
	"usage: vmtrace maps PID|self [--json]\n"
	"\n"
	"Show the residency of process PID, or of this vmtrace itself. For each mapping:\n"
	"how much the process asked for (reserved); how much of it has a page (pages), is\n"
	"mapped by huge pages (huge), was only read and is the shared zero page (zero), or\n"
	"is in swap (swap); and the share that was never touched, or was given back\n"
	"(untouched). The kernel walks the page tables for this. Only root may ask.\n"
	"\n"
	"options:\n"
	"  --json    print JSON with the keys of the file in debugfs; memory is in pages\n"
	"  --help    show this text\n"
	"\n"
	"example:\n"
	"  sudo vmtrace maps $$\n";

static int parse_options(int argc, char **argv, struct maps_options *options)
{
	const struct option_row table[] = { { "json", &options->json, NULL }, { 0 } };
	int code = read_options("maps", help, table, argc, argv);

	if (code != OPTIONS_READ)
		return code;
	if (optind == argc)
		return usage_error("maps", "maps: no process given: name a process id, or self");
	if (argc - optind > 1)
		return usage_error("maps", "maps: %s: only one process at a time",
				   argv[optind + 1]);
	return parse_pid("maps", argv[optind], &options->pid);
}

int verb_maps(int argc, char **argv)
{
	struct maps_options options = { .pid = SOURCE_SELF };
	struct maps_stats stats;
	struct error error;
	int code = parse_options(argc, argv, &options);

	if (code != OPTIONS_READ)
		return code;
	if (source_residency(options.pid, &stats, &error) != 0) {
		message("%s", error.text);
		return EXIT_FAILED;
	}
	if (options.json)
		code = maps_json(&stats);
	else
		maps_print(&stats);
	maps_free(&stats);
	return options.json ? code : EXIT_DONE;
}
