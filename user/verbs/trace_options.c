// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "core/format.h"
#include "lib/array.h"
#include "lib/message.h"
#include "lib/number.h"
#include "lib/options.h"
#include "sources/names.h"
#include "verbs/trace_options.h"

#define BUFFER_MIN (64 << 10)
#define BUFFER_MAX (1 << 30)

static const char help[] =
	"usage: vmtrace trace [OPTIONS] [--] CMD [ARG]...\n"
	"       vmtrace trace -p PID [-p PID]... [OPTIONS]\n"
	"       vmtrace trace --all [OPTIONS]\n"
	"\n"
	"Show page faults as they happen, one per line: time, thread, class, origin,\n"
	"duration and the part of it spent asleep, address, instruction, and the page-table\n"
	"entry before and after the fault. Threads and children are traced, too. Tracing\n"
	"ends when CMD or all processes given by -p end, or at ^C; a summary follows.\n"
	"\n"
	"Lines go to stderr, so that they do not mix with the output of CMD. Exit with the\n"
	"status of CMD, or with 1 if that is 0 and faults were lost.\n"
	"\n"
	"options:\n"
	"  --pid PID      or -p PID: trace this process; may be repeated\n"
	"  --all          trace all processes except vmtrace\n"
	"  --class CLASS  or -c CLASS: only faults of this class; may be repeated\n"
	"  --min-time T   only faults that took at least T: 500ns, 10us, 2ms, 1s\n"
	"  --buffer SIZE  size of the ring buffer; default 16M, room for 131072 faults\n"
	"  --output FILE  or -o FILE: write to FILE instead of stderr\n"
	"  --help         show this text\n"
	"\n"
	"examples:\n"
	"  sudo vmtrace trace ls -l\n"
	"  sudo vmtrace trace -p $(pidof cat) --min-time 100us\n"
	"  sudo vmtrace trace --all --class file-miss --class swap-read\n";

static int parse_classes(const struct option_list *list, unsigned long long *classes)
{
	*classes = list->count ? 0 : ~0ULL;
	for (size_t i = 0; i < list->count; i++) {
		enum vmtrace_class class = class_by_name(list->value[i]);

		if (class == VMTRACE_CLASS_COUNT)
			return usage_error(
				"trace",
				"trace: --class %s: no such class: 'man vmtrace' lists them",
				list->value[i]);
		*classes |= 1ULL << class;
	}
	return OPTIONS_READ;
}

/* Parse a number that is followed by a unit. */
static int parse_time(const char *text, unsigned long long *ns)
{
	static const struct {
		const char *unit;
		unsigned long long ns;
	} units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "µs", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }
	};
	size_t digits = strspn(text, "0123456789");

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(text + digits, units[i].unit) != 0)
			continue;
		if (parse_digits(text, digits, LLONG_MAX / units[i].ns, ns) != 0)
			return -EINVAL;
		*ns *= units[i].ns;
		return 0;
	}
	return -EINVAL;
}

int trace_parse_options(int argc, char **argv, struct trace_options *options)
{
	struct option_list classes = { .count = 0 };
	const char *min_time = NULL, *buffer = NULL;
	const struct command_option_row table[] = {
		{ { "pid", NULL, NULL }, 'p', &options->pids },
		{ { "all", &options->all, NULL }, 0, NULL },
		{ { "class", NULL, NULL }, 'c', &classes },
		{ { "min-time", NULL, &min_time }, 0, NULL },
		{ { "buffer", NULL, &buffer }, 0, NULL },
		{ { "output", NULL, &options->output }, 'o', NULL },
		{ { NULL, NULL, NULL }, 0, NULL },
	};
	unsigned long long size = 16 << 20;
	int code = read_command_options("trace", help, table, argc, argv);

	if (code == OPTIONS_READ)
		code = parse_pids("trace", &options->pids, options->pid);
	if (code == OPTIONS_READ)
		code = parse_classes(&classes, &options->stream.classes);
	if (code != OPTIONS_READ)
		return code;
	options->command = argv + optind;
	options->stream.failures = !classes.count && !min_time;
	options->stream.all_processes = options->all;
	if (min_time && parse_time(min_time, &options->stream.min_ns) != 0)
		return usage_error("trace",
				   "trace: --min-time %s: not a time like 500ns, 10us, 2ms or 1s",
				   min_time);
	if (buffer && (parse_size(buffer, BUFFER_MAX, &size) != 0 || size < BUFFER_MIN ||
		       (size & (size - 1)) != 0))
		return usage_error("trace", "trace: --buffer %s: not a power of two from 64K to 1G",
				   buffer);
	options->stream.buffer = size;
	if (options->all && options->pids.count)
		return usage_error("trace", "trace: --all and --pid: only one of them");
	if (!options->all && !options->pids.count && !*options->command)
		return usage_error(
			"trace",
			"trace: nothing to trace: name a command, or a process with --pid, or "
			"--all");
	return OPTIONS_READ;
}
