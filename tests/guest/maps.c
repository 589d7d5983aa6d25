// SPDX-License-Identifier: GPL-2.0
/* maps.c - read the debugfs file maps; see maps.h */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maps.h"

#define MAX_MAPPINGS 66000

char slurped[32 << 20];
static struct mapping maps[MAX_MAPPINGS];

ssize_t slurp_all(int fd)
{
	ssize_t n, length = 0;
	int err;

	if (fd < 0)
		return fd;
	while ((n = read(fd, slurped + length, sizeof(slurped) - 1 - length)) > 0)
		length += n;
	err = errno;
	close(fd);
	if (n < 0)
		return -err;
	CHECK(length < (ssize_t)sizeof(slurped) - 1);
	slurped[length] = 0;
	return length;
}

char *next_line(char *line)
{
	line = strchr(line, '\n');
	CHECK(line);
	*line = 0;
	return line + 1;
}

/* "key:\tnumber\n" at *line, which goes on to the next. */
static long long number(char **line, const char *key)
{
	size_t n = strlen(key);
	char *value = *line;

	*line = next_line(value);
	CHECK(!strncmp(value, key, n) && !strncmp(value + n, ":\t", 2));
	return strtoll(value + n + 2, NULL, 10);
}

static char *cell(char **line)
{
	return strsep(line, "\t") ?: "";
}

/* /proc/PID/maps leaves a tab and a backslash as they are. */
static void copy_name(char *to, size_t size, const char *from)
{
	size_t n = 0;

	while (*from && n < size - 1) {
		bool tab = !strncmp(from, "\\011", 4), backslash = !strncmp(from, "\\134", 4);

		to[n++] = tab ? '\t' : *from;
		from += tab || backslash ? 4 : 1;
	}
	to[n] = 0;
}

static void parse_mapping(char *line, struct mapping *m)
{
	m->start = strtoul(cell(&line), NULL, 16);
	m->end = strtoul(cell(&line), NULL, 16);
	snprintf(m->perms, sizeof(m->perms), "%s", cell(&line));
	m->offset = strtoull(cell(&line), NULL, 16);
	copy_name(m->name, sizeof(m->name), cell(&line));
#define PARSE(key, meaning) m->pages.key = strtoll(cell(&line), NULL, 10);
	VMTRACE_MAPS_KINDS(PARSE)
#undef PARSE
	CHECK(!line);
}

static bool adds_up(const struct pages *p)
{
	return p->reserved ==
		       p->populated + p->zero + p->swapped + p->untouched + p->special + p->other &&
	       p->huge <= p->populated + p->zero;
}

/* What format.h promises of every answer at every moment. */
static void check_always(const struct residency *l)
{
	struct pages sum = { 0 };
	unsigned long end = 0;
	int i;

	for (i = 0; i < l->mappings; i++) {
		const struct mapping *m = &l->map[i];

		CHECK(m->start >= end && m->end > m->start);
		CHECK(adds_up(&m->pages));
		CHECK_EQ(m->pages.reserved * page, m->end - m->start);
		end = m->end;
#define ADD(key, meaning) sum.key += m->pages.key;
		VMTRACE_MAPS_KINDS(ADD)
#undef ADD
	}
#define SAME(key, meaning) CHECK_EQ(l->total.key, sum.key);
	VMTRACE_MAPS_KINDS(SAME)
#undef SAME
	CHECK_EQ(l->page_bytes, page);
}

void check_still(const struct residency *l)
{
	CHECK_EQ(l->total.reserved, l->total_vm);
	CHECK_EQ(l->total.populated, l->rss + l->hugetlb);
	CHECK_EQ(l->total.swapped, l->swap);
}

int read_residency(pid_t pid, struct residency *l)
{
#define COLUMN(key, meaning) "\t" #key
	static const char columns[] = VMTRACE_MAPS_COLUMNS(COLUMN) VMTRACE_MAPS_KINDS(COLUMN);
#undef COLUMN
	ssize_t length = slurp_all(ask_about(pid, VMTRACE_MAPS));
	char *line = slurped, *next;
	int i;

	if (length < 0)
		return length;
	CHECK_EQ(number(&line, "format"), VMTRACE_FORMAT);
	CHECK(!strncmp(line, "name:\t", 6));
	line = next_line(line);
#define READ_NUMBER(key, meaning) l->key = number(&line, #key);
#define READ_TOTAL(key, meaning)  l->total.key = number(&line, #key);
	VMTRACE_MAPS_NUMBERS(READ_NUMBER)
	VMTRACE_MAPS_KINDS(READ_TOTAL)
	VMTRACE_MAPS_KERNEL(READ_NUMBER)
	CHECK(l->mappings <= MAX_MAPPINGS);
	next = next_line(line);
	CHECK(!strcmp(line, columns + 1));
	l->map = maps;
	for (i = 0; i < l->mappings; i++) {
		line = next;
		next = next_line(line);
		parse_mapping(line, &maps[i]);
	}
	CHECK(!*next);
	check_always(l);
	return 0;
}

void prepare_residency(size_t mappings)
{
	CHECK(mappings <= MAX_MAPPINGS && mappings * 256 <= sizeof(slurped));
	memset(slurped, 1, mappings * 256);
	memset(maps, 1, mappings * sizeof(maps[0]));
}

void read_own(struct residency *l)
{
	CHECK_EQ(read_residency(SELF, l), 0);
	CHECK_EQ(l->pid, getpid());
	check_still(l);
}

const struct mapping *find(const struct residency *l, const void *address)
{
	int i;

	for (i = 0; i < l->mappings; i++)
		if (l->map[i].start <= (unsigned long)address &&
		    (unsigned long)address < l->map[i].end)
			return &l->map[i];
	CHECK(!"mapping not found");
	return NULL;
}

struct pages sum_of(const struct residency *l, const char *p, size_t pages)
{
	unsigned long start = (unsigned long)p, end = start + pages * page;
	struct pages sum = { 0 };
	int i;

	for (i = 0; i < l->mappings; i++) {
		const struct mapping *m = &l->map[i];

		if (m->end <= start || m->start >= end)
			continue;
		CHECK(m->start >= start && m->end <= end);
#define ADD(key, meaning) sum.key += m->pages.key;
		VMTRACE_MAPS_KINDS(ADD)
#undef ADD
	}
	return sum;
}
