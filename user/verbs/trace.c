// SPDX-License-Identifier: GPL-2.0
/*
 * trace - show page faults as they happen, as strace shows system calls
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/error.h"
#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/options.h"
#include "lib/output.h"
#include "lib/units.h"
#include "report/trace.h"
#include "sources/child.h"
#include "sources/event.h"
#include "sources/machine.h"
#include "sources/mappings.h"
#include "sources/resolve.h"
#include "sources/source.h"
#include "sources/stats.h"
#include "sources/stream.h"
#include "verbs/trace_options.h"
#include "verbs/verbs.h"

#define BATCH 512 /* events that are printed between two polls */

/* Descriptors to poll: the stream, then a pidfd for each process, -1 once it has ended. */
struct waits {
	struct pollfd fd[1 + 1 + OPTION_VALUES];
	size_t count;
	size_t alive;
};

static bool wait_for(struct waits *waits, unsigned int pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0) {
		message("trace: process %u: %s: only a running process can be traced", pid,
			strerror(errno));
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
	mappings_read(pid);
	err = stream_add(stream, pid);
	if (err)
		message("trace: process %u: cannot be traced: %s", pid, strerror(-err));
	return !err;
}

/* What print_some() found. */
enum progress {
	NOTHING_LEFT,
	MORE,
	NOT_WRITTEN, /* writing to stdout has failed */
};

static enum progress print_some(struct stream *stream)
{
	static struct resolved_event resolved;
	const struct event *event = NULL;

	for (int i = 0; i < BATCH && (event = stream_next(stream)) != NULL; i++)
		if (resolve_event(event, &resolved))
			trace_print_event(&resolved);
	if (ferror(stdout) || (!event && fflush(stdout) != 0))
		return NOT_WRITTEN;
	return event ? MORE : NOTHING_LEFT;
}

/*
 * Wait for an event or for the end of a process, but not if more events are waiting to be printed.
 * Close the pidfds of the processes that have ended.
 */
static void poll_waits(struct waits *waits, enum progress progress)
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
 * Print events until a signal arrives or, unless endless, all processes have ended. Returns false
 * if writing to stdout has failed.
 */
static bool follow(struct stream *stream, struct waits *waits, bool endless)
{
	enum progress progress = NOTHING_LEFT;

	while (progress != NOT_WRITTEN && (waits->alive || endless) && !child_signal()) {
		poll_waits(waits, progress);
		progress = print_some(stream);
	}
	/* Events that were sent before this can still be read. */
	stream_stop(stream);
	while (progress != NOT_WRITTEN && (progress = print_some(stream)) == MORE)
		;
	return progress != NOT_WRITTEN;
}

/* If the lines go to a file and there is no command, say on the terminal how tracing ends. */
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
		message("trace: %llu processes may not have been traced: there were too many at "
			"once",
			losses.unfollowed);
	if (losses.mappings)
		message("trace: the kernel lost %llu records of mappings: names may be wrong",
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
	/* A reader of the output sees from this line that vmtrace is ready. */
	fflush(stdout);
	/* Detach, so that strace and gdb can attach. */
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

/* The number of faults of all processes that the module did not see or did not record. */
static int read_unseen(long long *unseen, struct error *error)
{
	struct total_stats total;
	int err = source_total(&total, error);

	if (err)
		return err;
	*unseen = total.dropped + total.unobserved;
	return 0;
}

/* Check that the module is loaded and switched on, and read its count of unseen faults. */
static int check_module(long long *unseen, struct error *error)
{
	struct summary_stats summary;
	int err = source_summary(&summary, error) ?: read_unseen(unseen, error);

	if (err)
		return err;
	if (!summary.enabled)
		return error_set(error, -EINVAL,
				 "vmtrace is switched off: echo 1 | sudo tee "
				 "/sys/kernel/debug/vmtrace/enabled");
	return 0;
}

/* Faults that the module did not see, of any process, cannot have been shown. */
static int report_unseen(long long before)
{
	struct error error;
	long long after, unseen;

	if (read_unseen(&after, &error) != 0) {
		message("trace: %s", error.text);
		return EXIT_FAILED;
	}
	unseen = after - before;
	if (unseen <= 0)
		return EXIT_DONE;
	message("trace: meanwhile vmtrace did not see or record %lld faults of all processes: "
		"try: sudo vmtrace doctor",
		unseen);
	return EXIT_FAILED;
}

static int open_and_trace(const struct trace_options *options, struct child *child)
{
	struct error error;
	long long unseen;
	struct stream *stream = NULL;
	int code = EXIT_FAILED;

	if (check_module(&unseen, &error) == 0)
		stream = source_stream(&options->stream, &error);
	if (stream) {
		code = trace(stream, options, child);
		if (report_unseen(unseen) != EXIT_DONE)
			code = EXIT_FAILED;
		stream_close(stream);
	} else {
		message("trace: %s", error.text);
	}
	resolve_free();
	return code;
}

int verb_trace(int argc, char **argv)
{
	static struct trace_options options;
	struct child child = { 0 };
	struct error error;
	int code = trace_parse_options(argc, argv, &options), fd = -1, status = EXIT_DONE;

	if (code != OPTIONS_READ)
		return code;
	/* BPF and perf report pids of the initial pid namespace. */
	if (!machine_is_initial_namespace()) {
		message("trace: this is a container with its own process ids: run it outside of "
			"the container");
		return EXIT_FAILED;
	}
	if (!open_output("trace", options.output, &fd))
		return EXIT_FAILED;
	child_catch_signals();
	if (*options.command)
		code = child_start(&child, options.command, &error);
	if (*options.command && code != 0) {
		message("trace: %s", error.text);
		return code;
	}
	code = redirect_output(fd, options.output);
	if (code == EXIT_DONE)
		code = open_and_trace(&options, &child);
	if (child.pid && child.traced)
		child_kill(&child);
	else if (child.pid)
		status = child_reap(&child, NULL);
	return status ? status : code;
}
