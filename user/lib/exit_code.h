/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exit_code.h - the exit codes of the program
 */
#ifndef VMTRACE_LIB_EXIT_CODE_H
#define VMTRACE_LIB_EXIT_CODE_H

enum exit_code {
	EXIT_DONE = 0,	  /* did what was asked */
	EXIT_FAILED = 1,  /* it failed, or the answer is "no" */
	EXIT_USAGE = 2,	  /* bad command line */
	EXIT_SKIPPED = 4, /* the lab could not be judged here; as KSFT_SKIP of kselftest */
};

#endif /* VMTRACE_LIB_EXIT_CODE_H */
