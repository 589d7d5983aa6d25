/* SPDX-License-Identifier: GPL-2.0 */
/* ledger.h - read the lazy ledger, and check what format.h promises of every one */
#ifndef LEDGER_H
#define LEDGER_H

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
	VMTRACE_MAPS_TOUCHES(DECLARE)
};

struct ledger {
	VMTRACE_MAPS_NUMBERS(DECLARE)
	struct pages total;
	VMTRACE_MAPS_KERNEL(DECLARE)
	VMTRACE_MAPS_GROWTH(DECLARE)
	struct mapping *map;
};
#undef DECLARE

/* In a static buffer. */
const char *maps_path(pid_t pid);
/* A directory is made by a worker, a moment after the process began. */
void wait_for_maps(pid_t pid);

/* All of a file into slurped; its length or -errno. */
extern char slurped[];
ssize_t slurp_all(const char *path);
/* End the line, and return the next one. */
char *next_line(char *line);

/* 0 or -errno. There is one table, which the next ledger overwrites. */
int read_ledger(pid_t pid, struct ledger *l);
/* After this, to read one of so many takes no page fault. */
void prepare_ledger(size_t mappings);
/* Our own, and we stand still. */
void read_own(struct ledger *l);
/* What format.h promises of a process that stands still. */
void check_still(const struct ledger *l);

const struct mapping *find(const struct ledger *l, const void *address);
/* The sum over the mappings in [p, p + pages): none may cross its borders. */
struct pages sum_of(const struct ledger *l, const char *p, size_t pages);

#endif /* LEDGER_H */
