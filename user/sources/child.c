// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/error.h"
#include "lib/exit_code.h"
#include "lib/output.h"
#include "sources/child.h"
#include "sources/task_stat.h"

enum {
	CANNOT_EXECUTE = 126,
	NOT_FOUND = 127,
	KILLED = 128
};

static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
static void (*former[ARRAY_SIZE(signals)])(int);
static void (*former_sigchld)(int) = SIG_DFL;
static volatile sig_atomic_t caught;
static volatile pid_t receiver; /* the child, which gets signals forwarded; 0: none */

/* The terminal (SI_KERNEL) signals its whole foreground process group, so the child got it, too. */
static void on_signal(int signal, siginfo_t *info, void *context)
{
	int err = errno;

	(void)context;
	caught = signal;
	if (info->si_code != SI_KERNEL && receiver > 0)
		kill(receiver, signal);
	errno = err;
}

void child_catch_signals(void)
{
	struct sigaction old,
		action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], NULL, &old);
		former[i] = old.sa_handler;
		if (old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	/* If SIGCHLD were ignored, the kernel would reap the child itself. */
	former_sigchld = signal(SIGCHLD, SIG_DFL);
}

int child_signal(void)
{
	return caught;
}

static void block_signals(sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, old);
}

int child_poll(struct pollfd *fds, nfds_t count)
{
	int ready = -1, err = EINTR;
	sigset_t old;

	block_signals(&old);
	while (!caught && ready < 0 && err == EINTR) {
		ready = ppoll(fds, count, NULL, &old);
		err = errno;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return ready < 0 ? -err : ready;
}

/*
 * In the child: wait for a byte from go, then execute the command. On failure write errno to
 * report.
 */
static void run_child(const int go[2], int report, const sigset_t *mask, char **argv)
{
	ssize_t got;
	char byte;
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		signal(signals[i], former[i]);
	signal(SIGCHLD, former_sigchld);
	restore_pipe_signal();
	sigprocmask(SIG_SETMASK, mask, NULL);
	/* If vmtrace is killed, read() returns 0. */
	close(go[1]);
	do {
		got = read(go[0], &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(EXIT_FAILED);
	execvp(argv[0], argv);
	err = errno;
	while (write(report, &err, sizeof(err)) < 0 && errno == EINTR)
		;
	_exit(NOT_FOUND);
}

/* Say why the child ended before the command's first instruction. Returns an exit code. */
static int explain_end(struct child *child, const char *name, int report, struct error *error)
{
	int err = 0, code = child_reap(child, NULL);

	if (read(report, &err, sizeof(err)) != sizeof(err)) {
		error_set(error, -ECHILD,
			  "%s: ended before its first instruction, with status %d: try it without "
			  "vmtrace",
			  name, code);
		return code ? code : EXIT_FAILED;
	}
	error_set(error, -err, "%s: %s: %s", name, strerror(err),
		  err == ENOENT ? "is it installed, and in $PATH?" :
				  "is it a program that you may run?");
	return err == ENOENT ? NOT_FOUND : CANNOT_EXECUTE;
}

static int hold(struct child *child, const char *name, int go, int report, struct error *error)
{
	if (ptrace(PTRACE_SEIZE, child->pid, NULL, PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT) != 0) {
		error_set(error, -errno,
			  "%s: cannot be held before its first instruction: ptrace: %s: is it "
			  "forbidden here (kernel.yama.ptrace_scope, seccomp), or traced already?",
			  name, strerror(errno));
		child_kill(child);
		return EXIT_FAILED;
	}
	child->traced = true;
	if (write(go, "", 1) != 1 || child_wait(child) != CHILD_READY)
		return explain_end(child, name, report, error);
	return 0;
}

static int cannot_start(const char *name, struct error *error)
{
	error_set(error, -errno, "%s: cannot be started: %s: try again later", name,
		  strerror(errno));
	return EXIT_FAILED;
}

static int start(struct child *child, char **argv, const int go[2], const int report[2],
		 struct error *error)
{
	sigset_t mask;

	fflush(NULL);
	block_signals(&mask);
	child->pid = fork();
	if (child->pid == 0)
		run_child(go, report[1], &mask, argv);
	if (child->pid > 0)
		receiver = child->pid;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (child->pid < 0)
		return cannot_start(argv[0], error);
	return hold(child, argv[0], go[1], report[0], error);
}

int child_start(struct child *child, char **argv, struct error *error)
{
	int go[2], report[2], code;

	*child = (struct child){ 0 };
	if (pipe2(go, O_CLOEXEC) != 0)
		return cannot_start(argv[0], error);
	if (pipe2(report, O_CLOEXEC | O_NONBLOCK) == 0) {
		code = start(child, argv, go, report, error);
		close(report[0]);
		close(report[1]);
	} else {
		code = cannot_start(argv[0], error);
	}
	close(go[0]);
	close(go[1]);
	return code;
}

void child_release(struct child *child, bool watched)
{
	ptrace(watched ? PTRACE_CONT : PTRACE_DETACH, child->pid, NULL, 0);
	child->traced = watched;
}

static bool stops(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* Resume the child after a stop that the caller need not see, and deliver the signal, if any. */
static void resume(const struct child *child, int event, int signal)
{
	if (event == PTRACE_EVENT_STOP && stops(signal))
		/*
		 * A group stop: the child stays stopped until SIGCONT, as it would without a
		 * tracer.
		 */
		ptrace(PTRACE_LISTEN, child->pid, NULL, 0);
	else
		ptrace(PTRACE_CONT, child->pid, NULL, (void *)(long)(event ? 0 : signal));
}

enum child_event child_wait(struct child *child)
{
	for (;;) {
		int what = WEXITED | (child->traced ? WSTOPPED : 0) | __WALL, event;
		siginfo_t info = { 0 };

		/* WNOWAIT: a child that has ended must not be reaped yet. */
		if (waitid(P_PID, (id_t)child->pid, &info, what | WNOWAIT) != 0) {
			if (errno == EINTR)
				continue;
			return CHILD_ENDED;
		}
		if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
			return CHILD_ENDED;
		/* Take the stop, unless the child has been killed since. */
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)child->pid, &info, WSTOPPED | WNOHANG | __WALL) != 0 ||
		    !info.si_pid)
			continue;
		event = info.si_status >> 8;
		if (event == PTRACE_EVENT_EXEC && !child->begun) {
			child->begun = true;
			return CHILD_READY;
		}
		if (event == PTRACE_EVENT_EXIT && child->begun)
			return CHILD_EXITING;
		resume(child, event, info.si_status & 0x7f);
	}
}

bool child_is_last(const struct child *child)
{
	const struct timespec moment = { 0, 1000000 };
	unsigned long threads = task_threads(child->pid);

	for (int i = 0; threads > 1 && i < 2000; i++) {
		nanosleep(&moment, NULL);
		threads = task_threads(child->pid);
	}
	return threads == 1;
}

/* Wait without reaping: as long as the pid cannot be reused, signals are forwarded. */
static void await_end(pid_t pid)
{
	siginfo_t info = { 0 };

	for (;;) {
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT | __WALL) != 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
			return;
		/* A child that was killed while it was stopped may stop once more, at its exit. */
		if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG | __WALL) == 0)
			ptrace(PTRACE_CONT, pid, NULL, 0);
	}
}

int child_reap(struct child *child, struct rusage *usage)
{
	pid_t pid = child->pid, got;
	int status = 0;

	await_end(pid);
	receiver = 0;
	do {
		got = wait4(pid, &status, __WALL, usage);
	} while (got < 0 && errno == EINTR);
	child->pid = 0;
	if (got != pid)
		return EXIT_FAILED;
	return WIFSIGNALED(status) ? KILLED + WTERMSIG(status) : WEXITSTATUS(status);
}

void child_kill(struct child *child)
{
	const struct timespec moment = { 0, 1000000 };
	siginfo_t info = { 0 };

	/* A traced child must not run any more, so it gets only SIGKILL. */
	if (!child->traced) {
		kill(child->pid, SIGTERM);
		kill(child->pid, SIGCONT);
	}
	for (int i = 0; i < 1000 && !child->traced && !info.si_pid; i++) {
		if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
			break;
		if (!info.si_pid)
			nanosleep(&moment, NULL);
	}
	kill(child->pid, SIGKILL);
	child_reap(child, NULL);
}
