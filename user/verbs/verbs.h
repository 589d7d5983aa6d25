/* SPDX-License-Identifier: GPL-2.0 */
/*
 * verbs.h - the table of verbs
 */
#ifndef VMTRACE_VERBS_VERBS_H
#define VMTRACE_VERBS_VERBS_H

#include <stddef.h>

/* argv[0] is the verb. Return an exit code. */
typedef int verb_function(int argc, char **argv);

struct verb {
	const char *name;
	verb_function *run;
	const char *sentence;
};

extern const struct verb verbs[];
extern const size_t verbs_count;

/* Find a verb by its name or an unambiguous prefix. Returns NULL after a message. */
const struct verb *verb_find(const char *word);

verb_function verb_show;
verb_function verb_stat;
verb_function verb_trace;
verb_function verb_maps;
verb_function verb_walk;
verb_function verb_lab;
verb_function verb_doctor;
verb_function verb_help;
verb_function verb_version;

/* Print the list of verbs, or the version of this tool, to stdout. Return an exit code. */
int print_verbs(void);
int print_tool_version(void);

#endif /* VMTRACE_VERBS_VERBS_H */
