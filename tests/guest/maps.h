/* SPDX-License-Identifier: GPL-2.0 */
/* maps.h - read the debugfs file maps, and check what format.h promises of it */
#ifndef MAPS_H
#define MAPS_H

#include "harness.h"

#define DEBUGFS "/sys/kernel/debug/" VMTRACE_DIR

#define DECLARE(key, meaning) long long key;
struct pages {
	VMTRACE_MAPS_KINDS(DECLARE)
};

struct mapping {
	unsigned long start, end;
	char perms[8];
	unsigned long long offset;
	char name[192];
	struct pages pages;
};

struct residency {
	VMTRACE_MAPS_NUMBERS(DECLARE)
	struct pages total;
	VMTRACE_MAPS_KERNEL(DECLARE)
	struct mapping *map;
};
#undef DECLARE

/* All of an open file into slurped, and close it; its length or -errno. Hands on an error. */
extern char slurped[];
ssize_t slurp_all(int fd);
/* End the line, and return the next one. */
char *next_line(char *line);

/* 0 or -errno. There is one table of mappings, which the next call overwrites. */
int read_residency(pid_t pid, struct residency *l);
/* After this, to read one of so many takes no page fault. */
void prepare_residency(size_t mappings);
/* Our own, and we stand still. */
void read_own(struct residency *l);
/* What format.h promises of a process that stands still. */
void check_still(const struct residency *l);

const struct mapping *find(const struct residency *l, const void *address);
/* The sum over the mappings in [p, p + pages): none may cross its borders. */
struct pages sum_of(const struct residency *l, const char *p, size_t pages);

#endif /* MAPS_H */
