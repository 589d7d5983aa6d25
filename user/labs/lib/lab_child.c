// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labs/lib/lab.h"
#include "labs/lib/lab_child.h"
#include "labs/lib/settle.h"
#include "lib/message.h"

static void mask_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(how, &set, NULL);
}

void lab_hold_signals(void)
{
	mask_signals(SIG_BLOCK);
}

void lab_release_signals(void)
{
	mask_signals(SIG_UNBLOCK);
}

int lab_child(struct lab *lab, int (*body)(struct lab *lab, void *argument), void *argument)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		lab_release_signals();
		lab_settle(lab);
		_exit(-body(lab, argument));
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	lab_settle(lab);
	if (WIFEXITED(status))
		return lab->skipped ? LAB_SKIPPED : -WEXITSTATUS(status);
	message("lab %s: its child was killed by signal %d (%s)", lab->info->name, WTERMSIG(status),
		strsignal(WTERMSIG(status)));
	return -ECHILD;
}
