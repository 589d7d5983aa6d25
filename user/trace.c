// SPDX-License-Identifier: GPL-2.0
/*
 * trace - show page faults as they happen, as strace shows system calls
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "names.h"
#include "spaces.h"
#include "stream.h"
#include "trace_report.h"
#include "util.h"
#include "verb.h"

#define BUFFER_MIN (64 << 10)
#define BUFFER_MAX (1 << 30)
#define BATCH	   512 /* lines between two looks at what else there is */

struct trace_options {
	struct option_list pids;
	int pid[OPTION_VALUES];
	bool all;
	struct stream_options stream;
	const char *output;
	char **command; /* ends in NULL, and may be empty */
};

static const char help[] =
	"usage: vmtrace trace [OPTIONS] [--] CMD [ARG]...\n"
	"       vmtrace trace -p PID [-p PID]... [OPTIONS]\n"
	"       vmtrace trace --all [OPTIONS]\n"
	"\n"
	"Show page faults as they happen, a line each: when, of which thread, class, origin,\n"
	"how long it took and how much of that asleep, address, instruction, and the page\n"
	"table's entry before and after it. Children and threads are followed. It ends when\n"
	"the processes do, or at ^C, with the sum of what was shown.\n"
	"\n"
	"Lines go to stderr, so that they do not mix with what CMD prints. Exit with the\n"
	"status of CMD; or with 1, if that is 0 and lines were lost.\n"
	"\n"
	"options:\n"
	"  --pid PID      or -p PID: trace this process; may be repeated\n"
	"  --all          trace all processes, but this one\n"
	"  --class CLASS  or -c CLASS: only faults of this class; may be repeated\n"
	"  --min-time T   only faults that took as long: 500ns, 10us, 2ms, 1s\n"
	"  --buffer SIZE  between the kernel and vmtrace; default 16M, room for 131072 faults\n"
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

/* A number and its unit. */
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

static int parse_options(int argc, char **argv, struct trace_options *options)
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
	options->stream.everybody = options->all;
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
			"trace: of what? name a command, or a process with --pid, or --all");
	return OPTIONS_READ;
}

/* BPF and perf know the numbers of the initial pid namespace only: PROC_PID_INIT_INO. */
static bool is_initial_namespace(void)
{
	struct stat stat;

	return fstatat(AT_FDCWD, "/proc/self/ns/pid", &stat, 0) != 0 || stat.st_ino == 0xeffffffcU;
}

/* Descriptors to be polled: the stream's, and those of processes that have not ended. */
struct waits {
	struct pollfd fd[1 + 1 + OPTION_VALUES];
	size_t count;
	size_t alive;
};

static bool wait_for(struct waits *waits, unsigned int pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0) {
		message("trace: process %u: %s: it must be running", pid, strerror(errno));
		return false;
	}
	waits->fd[waits->count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	waits->alive++;
	return true;
}

static bool add_process(struct stream *stream, struct waits *waits, unsigned int pid)
{
	int err;

	if (!wait_for(waits, pid))
		return false;
	spaces_look(pid);
	err = stream_add(stream, pid);
	if (err)
		message("trace: process %u: cannot be traced: %s", pid, strerror(-err));
	return !err;
}

/* Some of what has come. */
enum progress {
	NOTHING_LEFT,
	MORE,
	NOT_WRITTEN, /* nor will anything be */
};

static enum progress print_some(struct stream *stream)
{
	const struct event *event = NULL;

	for (int i = 0; i < BATCH && (event = stream_next(stream)) != NULL; i++)
		trace_print_event(event);
	if (ferror(stdout) || (!event && fflush(stdout) != 0))
		return NOT_WRITTEN;
	return event ? MORE : NOTHING_LEFT;
}

/* Which of the processes have ended? Waits for that, or for events, unless there are more. */
static void look_around(struct waits *waits, enum progress progress)
{
	int ready = progress == MORE ? poll(waits->fd, waits->count, 0) :
				       child_poll(waits->fd, waits->count);

	for (size_t i = 1; ready > 0 && i < waits->count; i++) {
		if (!waits->fd[i].revents)
			continue;
		close(waits->fd[i].fd);
		waits->fd[i].fd = -1;
		waits->fd[i].revents = 0;
		waits->alive--;
	}
}

/*
 * Until all processes have ended, or somebody wants it to end. False if the lines cannot be
 * written any more.
 */
static bool follow(struct stream *stream, struct waits *waits, bool endless)
{
	enum progress progress = NOTHING_LEFT;

	while (progress != NOT_WRITTEN && (waits->alive || endless) && !child_signal()) {
		look_around(waits, progress);
		progress = print_some(stream);
	}
	/* What was sent before this is still to be had. */
	stream_stop(stream);
	while (progress != NOT_WRITTEN && (progress = print_some(stream)) == MORE)
		;
	return progress != NOT_WRITTEN;
}

/* If nothing else shows on a terminal that it works: say so, and how it ends. */
static void show_progress(const struct trace_options *options)
{
	if (!options->output || *options->command || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "Tracing until ^C%s.\n",
		options->all		? "" :
		options->pids.count > 1 ? ", or until all processes end" :
					  ", or until the process ends");
}

static int report_losses(const struct stream *stream)
{
	struct stream_losses losses = stream_losses(stream);

	if (losses.events)
		message("trace: %llu events were lost: --buffer, --class or --min-time can help",
			losses.events);
	if (losses.unfollowed)
		message("trace: %llu processes may not have been followed: there were too many at once",
			losses.unfollowed);
	if (losses.mappings)
		message("trace: %llu mappings were not told by the kernel: names may be wrong",
			losses.mappings);
	return losses.events || losses.unfollowed ? EXIT_FAILED : EXIT_DONE;
}

static int trace(struct stream *stream, const struct trace_options *options, struct child *child)
{
	struct waits waits = { .fd[0] = { .fd = stream_fd(stream), .events = POLLIN }, .count = 1 };
	bool ready = true, written;
	int code;

	for (size_t i = 0; ready && i < options->pids.count; i++)
		ready = add_process(stream, &waits, options->pid[i]);
	if (ready && child->pid)
		ready = add_process(stream, &waits, child->pid);
	if (!ready)
		return EXIT_FAILED;
	show_progress(options);
	trace_print_head(monotonic_ns());
	/* Who waits for it knows that vmtrace is ready. */
	fflush(stdout);
	/* Let go of, it is nobody's tracee: strace and gdb may follow. */
	if (child->pid)
		child_release(child, false);
	written = follow(stream, &waits, options->all && !child->pid);
	for (size_t i = 1; i < waits.count; i++)
		if (waits.fd[i].fd >= 0)
			close(waits.fd[i].fd);
	if (written)
		trace_print_sum();
	code = report_losses(stream);
	return written ? code : EXIT_FAILED;
}

/* What the module had not seen or recorded, of all processes. */
struct unseen {
	long long reset_ns, faults;
};

static int read_unseen(struct unseen *unseen, struct source_error *error)
{
	struct summary_stats summary;
	struct total_stats total;
	int err = source_summary(&summary, error) ?: source_total(&total, error);

	if (err)
		return err;
	*unseen = (struct unseen){ summary.reset_ns, total.dropped + total.unobserved };
	return 0;
}

/* Is there anything to be seen? */
static int check_module(struct unseen *unseen, struct source_error *error)
{
	struct summary_stats summary;
	int err = source_summary(&summary, error) ?: read_unseen(unseen, error);

	if (err)
		return err;
	if (!summary.enabled)
		return source_fail(error, -EINVAL,
				   "vmtrace is switched off: echo 1 | sudo tee "
				   "/sys/kernel/debug/vmtrace/enabled");
	if (summary.filter_words)
		message("trace: faults that the filter of vmtrace leaves out are not shown: see "
			"/sys/kernel/debug/vmtrace/filter");
	return 0;
}

/* What the module has not seen, of whatever process, cannot have been shown. */
static int report_unseen(const struct unseen *before)
{
	struct source_error error;
	struct unseen after;
	long long unseen;

	if (read_unseen(&after, &error) != 0) {
		message("trace: %s", error.text);
		return EXIT_FAILED;
	}
	/* Counts are below what they were if there was a reset. */
	unseen = after.faults - (after.reset_ns == before->reset_ns ? before->faults : 0);
	if (unseen <= 0)
		return EXIT_DONE;
	message("trace: meanwhile vmtrace did not see or record %lld faults, of all processes: "
		"what is wrong? try: sudo vmtrace doctor",
		unseen);
	return EXIT_FAILED;
}

static int open_and_trace(const struct trace_options *options, struct child *child)
{
	struct source_error error;
	struct unseen unseen;
	struct stream *stream = NULL;
	int code = EXIT_FAILED;

	if (check_module(&unseen, &error) == 0)
		stream = stream_open(&options->stream, &error);
	if (stream) {
		code = trace(stream, options, child);
		if (report_unseen(&unseen) != EXIT_DONE)
			code = EXIT_FAILED;
		stream_close(stream);
	} else {
		message("trace: %s", error.text);
	}
	trace_free();
	return code;
}

int verb_trace(int argc, char **argv)
{
	static struct trace_options options;
	struct child child = { 0 };
	int code = parse_options(argc, argv, &options), fd = -1, status = EXIT_DONE;

	if (code != OPTIONS_READ)
		return code;
	if (!is_initial_namespace()) {
		message("trace: this is a container with its own process ids: try outside of it");
		return EXIT_FAILED;
	}
	if (options.output)
		fd = open(options.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (options.output && fd < 0) {
		message("trace: %s: %s: name a file that can be written", options.output,
			strerror(errno));
		return EXIT_FAILED;
	}
	child_catch_signals();
	if (*options.command)
		code = child_start(&child, "trace", options.command);
	if (*options.command && code != 0)
		return code;
	code = redirect_output(fd, options.output);
	if (code == EXIT_DONE)
		code = open_and_trace(&options, &child);
	if (child.pid && child.traced)
		child_kill(&child);
	else if (child.pid)
		status = child_reap(&child, NULL);
	return status ? status : code;
}
