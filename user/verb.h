/* SPDX-License-Identifier: GPL-2.0 */
/*
 * verb.h - what "vmtrace VERB" can be; the table is in vmtrace.c
 */
#ifndef VMTRACE_VERB_H
#define VMTRACE_VERB_H

/* argv[0] is the verb. Return an exit code. */
typedef int verb_function(int argc, char **argv);

struct verb {
	const char *name;
	verb_function *run;
	const char *sentence;
};

verb_function verb_show;
verb_function verb_stat;
verb_function verb_trace;
verb_function verb_maps;
verb_function verb_walk;
verb_function verb_lab;
verb_function verb_doctor;

#endif /* VMTRACE_VERB_H */
