/* SPDX-License-Identifier: GPL-2.0 */
/* workload.h - what the parts of workload.c share */
#ifndef VMTRACE_WORKLOAD_H
#define VMTRACE_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct sample - one measurement
 * @units: of what
 * @total: ticks of the CPU's counter
 * @own: ns of CPU time, of this thread and its children
 */
struct sample {
	uint64_t units;
	uint64_t total;
	uint64_t own;
};

extern size_t page_size;
/* Has what is measured next its markers? Then the plugins count it, see window.h. */
extern int marked;

/* Those that fail end the program. */
volatile char *map(size_t size, int flags, int fd);
void advise(volatile char *p, size_t size, int advice);
pid_t fork_or_die(void);
void reap(pid_t pid);

/* touch() - one access every @step bytes, measured; @s->units are the faults it took. */
void touch(volatile char *p, size_t size, size_t step, int writes, struct sample *s);
void print(const char *name, const struct sample *s);

int workload_contend(int argc, char **argv);
int workload_share(int argc, char **argv);
int workload_populate(int argc, char **argv);

#endif /* VMTRACE_WORKLOAD_H */
