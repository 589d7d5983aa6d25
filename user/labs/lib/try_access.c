// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "labs/lib/try_access.h"

static sigjmp_buf back;
static volatile int signal_number, signal_code;

static void go_back(int number, siginfo_t *info, void *context)
{
	(void)context;
	signal_number = number;
	signal_code = info->si_code;
	siglongjmp(back, 1);
}

static const char *signal_text(void)
{
	if (signal_number == SIGSEGV)
		return signal_code == SEGV_MAPERR ? "SIGSEGV (SEGV_MAPERR)" :
		       signal_code == SEGV_ACCERR ? "SIGSEGV (SEGV_ACCERR)" :
						    "SIGSEGV of another kind";
	return signal_code == BUS_ADRERR ? "SIGBUS (BUS_ADRERR)" : "SIGBUS of another kind";
}

static const char *try_access(volatile char *address, bool write)
{
	const struct sigaction action = { .sa_sigaction = go_back, .sa_flags = SA_SIGINFO };
	const char *text = "no signal";
	struct sigaction segv, bus;

	sigaction(SIGSEGV, &action, &segv);
	sigaction(SIGBUS, &action, &bus);
	if (sigsetjmp(back, 1) == 0) {
		char value = *address;

		if (write)
			*address = value;
	} else {
		text = signal_text();
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return text;
}

const char *memory_try_read(char *address)
{
	return try_access(address, false);
}

const char *memory_try_write(char *address)
{
	return try_access(address, true);
}
