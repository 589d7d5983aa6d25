/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exit_code.h - the exit codes of the program
 */
#ifndef VMTRACE_LIB_EXIT_CODE_H
#define VMTRACE_LIB_EXIT_CODE_H

enum exit_code {
	EXIT_DONE = 0,	  /* did what was asked */
	EXIT_FAILED = 1,  /* could not, or the answer is "no" */
	EXIT_USAGE = 2,	  /* the command line makes no sense */
	EXIT_SKIPPED = 4, /* a lab that this machine cannot show, as kselftest's KSFT_SKIP */
};

#endif /* VMTRACE_LIB_EXIT_CODE_H */
