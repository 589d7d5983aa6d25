// SPDX-License-Identifier: GPL-2.0
/*
 * victim.c - a command to be measured, for the tests of "vmtrace stat" and "vmtrace trace"
 *
 * victim user COMMAND...: executes it as nobody.
 * victim interruptible COMMAND...: executes it with SIGINT no longer ignored.
 * victim terminal COLUMNS COMMAND...: executes it on a terminal of that width, prints what
 * it prints there, and exits as it does.
 * victim kill PID N COMMAND...: executes it, and kills the process before the Nth system call of
 * the command, or when that is about to wait without a limit. Exits as the command does, and says
 * on file descriptor 3 how many system calls it took so far. victim MODE: begins, runs and ends in
 * a way that is hard to follow. What it exits with is told below; 1 is an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGES  256
#define NOBODY 65534

static const char *self;

static void touch(size_t pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *memory = mmap(NULL, 2 * pages * page, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		exit(1);
	for (size_t i = 0; i < pages; i++)
		memory[i * page] = 1;
}

/* Wait, two minutes at the most, until a task is in one of these states for some milliseconds. */
static void await_state(int pid, int tid, const char *states, int times)
{
	const struct timespec moment = { 0, 1000000 };
	char path[64], text[256];
	int seen = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	for (int i = 0; i < 120000; i++) {
		FILE *file = fopen(path, "r");
		const char *rest = NULL;

		if (file && fgets(text, sizeof(text), file))
			rest = strrchr(text, ')');
		if (file)
			fclose(file);
		seen = rest && strchr(states, rest[2]) ? seen + 1 : 0;
		if (seen == times)
			return;
		nanosleep(&moment, NULL);
	}
	exit(1);
}

__attribute__((noreturn)) static void wait_forever(void)
{
	for (;;)
		pause();
}

static void *touch_in_thread(void *data)
{
	(void)data;
	touch(PAGES);
	return NULL;
}

static void start(void *(*run)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL) != 0)
		exit(1);
}

/* 0: 256 pages are touched, of 512 */
static int mode_touch(void)
{
	touch(PAGES);
	return 0;
}

/* 0: the same by each of four threads */
static int mode_threads(void)
{
	pthread_t thread[4];

	for (int i = 0; i < 4; i++)
		if (pthread_create(&thread[i], NULL, touch_in_thread, NULL) != 0)
			return 1;
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

static void *outlive(void *data)
{
	(void)data;
	await_state(getpid(), getpid(), "Z", 1);
	touch(PAGES);
	exit(5);
}

/* 5: the first thread exits, another one goes on */
static int mode_leader(void)
{
	start(outlive);
	pthread_exit(NULL);
}

static void *exit_all(void *data)
{
	(void)data;
	touch(PAGES);
	exit(6);
}

/* 6: another thread ends the process */
static int mode_group(void)
{
	start(exit_all);
	wait_forever();
}

static void *execute(void *data)
{
	(void)data;
	execl(self, self, "seven", (char *)NULL);
	exit(1);
}

/* 7: another thread executes a program */
static int mode_exec(void)
{
	start(execute);
	wait_forever();
}

static int mode_seven(void)
{
	touch(PAGES);
	return 7;
}

/* 137 */
static int mode_killed(void)
{
	touch(PAGES);
	kill(getpid(), SIGKILL);
	return 1;
}

/* 8: it is stopped, stays so, and goes on at SIGCONT */
static int mode_stopped(void)
{
	volatile int *gone_on = mmap(NULL, sizeof(*gone_on), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int pid = getpid(), status, early;

	if (fork() == 0) {
		/* Of a traced process, t is a stop, too. */
		await_state(pid, pid, "Tt", 20);
		early = *gone_on;
		kill(pid, SIGCONT);
		_exit(early);
	}
	raise(SIGSTOP);
	*gone_on = 1;
	return wait(&status) > 0 && status == 0 ? 8 : 1;
}

static volatile int sender;

static void on_signal(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	sender = info->si_pid;
}

/* 9: a signal is handled, and says who sent it */
static int mode_signal(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &action, NULL);
	kill(getpid(), SIGUSR1);
	return sender == getpid() ? 9 : 1;
}

/* 143: until SIGTERM; says when it is there */
static int mode_wait(void)
{
	puts("there");
	fflush(stdout);
	wait_forever();
}

/* 0: a child touches the pages */
static int mode_child(void)
{
	int status, pid = fork();

	if (pid == 0) {
		touch(PAGES);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : 1;
}

/* 0: signals are as they were when vmtrace was started */
static int mode_dispositions(void)
{
	static const int all[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD };
	struct sigaction action;
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		sigaction(all[i], NULL, &action);
		printf("%d:%s%s ", all[i], action.sa_handler == SIG_IGN ? "ignored" : "default",
		       sigismember(&mask, all[i]) ? "-blocked" : "");
	}
	putchar('\n');
	return 0;
}

/* 0: 100,000 faults, one after the other, of memory that is given back in between */
static int mode_many(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 1000 * page;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	for (int round = 0; round < 100; round++) {
		for (size_t at = 0; at < size; at += page)
			*(volatile char *)(memory + at) = 1;
		if (madvise(memory, size, MADV_DONTNEED) != 0)
			return 1;
	}
	return 0;
}

/* 143: until SIGTERM */
static int mode_endless(void)
{
	while (mode_many() == 0)
		;
	return 1;
}

/* 139 */
static int mode_segv(void)
{
	volatile char *nothing = (volatile char *)0x10;

	/* The compiler is not to know. */
	__asm__("" : "+r"(nothing));
	*nothing = 1;
	return 1;
}

/* Minor faults of a process: field 10 of its stat; 0 if it is gone. */
static long minor_faults(int pid)
{
	char path[64], text[512] = "", *field = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (file && fgets(text, sizeof(text), file))
		field = strrchr(text, ')');
	if (file)
		fclose(file);
	for (int i = 2; field && i < 10; i++)
		field = strchr(field + 1, ' ');
	return field ? atol(field) : 0;
}

/* Once it has taken another fault; and wait for its end, or not. */
static void kill_process(int pid, bool and_wait)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	const struct timespec moment = { 0, 1000000 };
	long before = minor_faults(pid);

	if (end.fd < 0 || before == 0)
		exit(99);
	while (minor_faults(pid) == before)
		nanosleep(&moment, NULL);
	if (kill(pid, SIGKILL) != 0)
		exit(99);
	while (and_wait && poll(&end, 1, -1) != 1)
		;
	close(end.fd);
}

/* Of a process that is stopped at a system call: will it wait until something happens? */
static bool is_about_to_wait(int pid)
{
	struct __ptrace_syscall_info call;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(call), &call) <= 0)
		exit(99);
	return call.op == PTRACE_SYSCALL_INFO_ENTRY && call.entry.nr == SYS_ppoll &&
	       call.entry.args[2] == 0;
}

static int kill_at(int victim, long n, char **command)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	bool executed = false, entry = false, killed = false;
	int status, signal, pid;
	long calls = 0;

	fcntl(3, F_SETFD, FD_CLOEXEC);
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(command[0], command);
		_exit(99);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, options) != 0)
		return 99;
	for (signal = 0; ptrace(PTRACE_SYSCALL, pid, NULL, (long)signal) == 0;) {
		signal = 0;
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			break;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
			/* What comes next is the end of execve(). */
			executed = true;
			entry = true;
		} else if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			signal = WSTOPSIG(status);
		} else if (executed) {
			entry = !entry;
			if (!entry || killed)
				continue;
			calls++;
			if (calls != n && !is_about_to_wait(pid))
				continue;
			killed = true;
			/* Before every other call the command goes on at once. */
			kill_process(victim, n % 2 == 0);
		}
	}
	dprintf(3, "%ld\n", calls);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int on_terminal(int columns, char **command)
{
	struct winsize size = { .ws_row = 24, .ws_col = (unsigned short)columns };
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status, pid;
	char text[4096];
	ssize_t got;

	if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0 ||
	    ioctl(terminal, TIOCSWINSZ, &size) != 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		int fd;

		setsid();
		fd = open(ptsname(terminal), O_RDWR);
		if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(1);
		if (fd > 2)
			close(fd);
		execvp(command[0], command);
		_exit(1);
	}
	/* When nobody has it open any more, that is an error, EIO. */
	while ((got = read(terminal, text, sizeof(text))) > 0)
		if (write(STDOUT_FILENO, text, (size_t)got) != got)
			return 1;
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} modes[] = {
		{ "touch", mode_touch },     { "threads", mode_threads },
		{ "leader", mode_leader },   { "group", mode_group },
		{ "exec", mode_exec },	     { "seven", mode_seven },
		{ "killed", mode_killed },   { "stopped", mode_stopped },
		{ "signal", mode_signal },   { "wait", mode_wait },
		{ "child", mode_child },     { "dispositions", mode_dispositions },
		{ "many", mode_many },	     { "segv", mode_segv },
		{ "endless", mode_endless },
	};

	self = argv[0];
	/*
	 * Of a mapping alone that could not be told in time: until then it may be one with the
	 * stack of a thread that another one starts.
	 */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (argc > 2 && strcmp(argv[1], "user") == 0) {
		if (setgid(NOBODY) == 0 && setuid(NOBODY) == 0)
			execvp(argv[2], argv + 2);
		return 1;
	}
	if (argc > 2 && strcmp(argv[1], "interruptible") == 0) {
		signal(SIGINT, SIG_DFL);
		execvp(argv[2], argv + 2);
		return 1;
	}
	if (argc > 4 && strcmp(argv[1], "kill") == 0)
		return kill_at(atoi(argv[2]), atol(argv[3]), argv + 4);
	if (argc > 3 && strcmp(argv[1], "terminal") == 0)
		return on_terminal(atoi(argv[2]), argv + 3);
	for (size_t i = 0; argc == 2 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run();
	fprintf(stderr, "Usage: victim MODE\n");
	return 2;
}
