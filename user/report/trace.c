// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "core/record.h"
#include "lib/array.h"
#include "lib/output.h"
#include "lib/text.h"
#include "lib/units.h"
#include "report/trace.h"
#include "sources/event.h"
#include "sources/names.h"
#include "sources/resolve.h"

#define ENTRY_MAX 96

#define REASON_NAME(key, meaning)	     #key,
#define KIND_NAME(symbol, name, meaning)     name,
#define BIT_NAME(symbol, bit, name, meaning) { bit, name },

static const char *const reason_names[] = { VMTRACE_REASONS(REASON_NAME) };
static const char *const kind_names[] = { VMTRACE_ENTRY_KINDS(KIND_NAME) };
static const struct {
	unsigned int bit;
	const char *name;
} bit_names[] = { VMTRACE_ENTRY_BITS(BIT_NAME) };

/* A module that is newer than this tool may have more names. */
#define NAME_OF(names, number) ((number) < ARRAY_SIZE(names) ? (names)[number] : "?")

static struct {
	unsigned long long start_ns, last_ns;
	unsigned long long class[64];
	unsigned long long reason[VMTRACE_REASON_COUNT];
	unsigned long long faults, failures, took_ns, asleep_ns, pages;
} sum;

static const char *describe_entry(char text[ENTRY_MAX], unsigned int kind, unsigned int level,
				  unsigned int bits)
{
	static const char *const levels[] = { "", "", "/pmd", "/pud", "/p4d", "/pgd" };
	size_t used = snprintf(text, ENTRY_MAX, "%s", NAME_OF(kind_names, kind));

	if (kind != VMTRACE_ENTRY_PRESENT)
		return text;
	used += snprintf(text + used, ENTRY_MAX - used, "%s", NAME_OF(levels, level));
	for (size_t i = 0, n = 0; i < ARRAY_SIZE(bit_names); i++)
		if (bits & bit_names[i].bit)
			used += snprintf(text + used, ENTRY_MAX - used, "%s%s", n++ ? "," : "(",
					 bit_names[i].name);
	if (bits)
		snprintf(text + used, ENTRY_MAX - used, ")");
	return text;
}

/* Print a column of the table; printf() would count bytes. */
static void print_column(const char *text, int width)
{
	int rest = width - text_width(text);

	printf("%s%*s  ", text, rest > 0 ? rest : 0, "");
}

static void print_thread(const struct event *event)
{
	char text[32];

	snprintf(text, sizeof(text), event->pid == event->tid ? "%u" : "%u/%u", event->pid,
		 event->tid);
	/* An event of another CPU may be a little older than the first one. */
	printf("%11.6f  ", ((double)event->time_ns - (double)sum.start_ns) / 1e9);
	print_column(text, 7);
	if (event->time_ns > sum.last_ns)
		sum.last_ns = event->time_ns;
}

static void print_fault(const struct resolved_event *resolved)
{
	const struct vmtrace_record *fault = &resolved->event->fault;
	char before[ENTRY_MAX], after[ENTRY_MAX], time[TIME_MAX];

	print_thread(resolved->event);
	print_column(NAME_OF(class_names, fault->class), 11);
	print_column(NAME_OF(origin_names, fault->origin), 6);
	print_column(format_time_cell(time, (long long)fault->took_ns), 6);
	print_column(format_time_cell(time, (long long)fault->asleep_ns), 6);
	print_column(resolved->address, 27);
	print_column(resolved->code, 27);
	printf("%s → %s\n",
	       describe_entry(before, fault->before_kind, fault->before_level, fault->before_bits),
	       describe_entry(after, fault->after_kind, fault->after_level, fault->after_bits));
	sum.faults++;
	sum.class[fault->class % ARRAY_SIZE(sum.class)]++;
	sum.took_ns += fault->took_ns;
	sum.asleep_ns += fault->asleep_ns;
	sum.pages += fault->pages;
}

static void print_failure(const struct resolved_event *resolved)
{
	const struct event_failure *failure = &resolved->event->failure;

	print_thread(resolved->event);
	print_column(NAME_OF(reason_names, failure->reason), 11);
	print_column("user", 6);
	print_column("-", 6);
	print_column("-", 6);
	print_column(resolved->address, 27);
	print_column(resolved->code, 27);
	printf("%s\n", failure->signal == SIGSEGV ? "SIGSEGV" : "SIGBUS");
	sum.failures++;
	if (failure->reason < VMTRACE_REASON_COUNT)
		sum.reason[failure->reason]++;
}

void trace_print_head(unsigned long long start_ns)
{
	memset(&sum, 0, sizeof(sum));
	sum.start_ns = sum.last_ns = start_ns;
	printf("%s%11s  %-7s  %-11s  %-6s  %-6s  %-6s  %-27s  %-27s  %s%s\n", colour(COLOUR_STRONG),
	       "SECONDS", "PID/TID", "CLASS", "ORIGIN", "TOOK", "ASLEEP", "ADDRESS", "INSTRUCTION",
	       "ENTRY", colour(COLOUR_OFF));
}

void trace_print_event(const struct resolved_event *resolved)
{
	if (resolved->event->type == EVENT_FAULT)
		print_fault(resolved);
	else
		print_failure(resolved);
}

/* "anon 256, file-hit 12", the most frequent ones first. */
static void list_classes(char *text, size_t size)
{
	unsigned long long left[ARRAY_SIZE(sum.class)];
	size_t used = 0;

	memcpy(left, sum.class, sizeof(left));
	for (;;) {
		size_t most = 0;

		for (size_t i = 1; i < ARRAY_SIZE(left); i++)
			if (left[i] > left[most])
				most = i;
		if (!left[most] || used >= size)
			return;
		used += snprintf(text + used, size - used, "%s%s %llu", used ? ", " : "",
				 NAME_OF(class_names, most), left[most]);
		left[most] = 0;
	}
}

void trace_print_sum(void)
{
	char classes[2048] = "none", text[4096], wall[TIME_MAX], took[TIME_MAX], asleep[TIME_MAX];
	size_t used;

	list_classes(classes, sizeof(classes));
	used = snprintf(text, sizeof(text), "%llu %s in %s: %s.", sum.faults,
			sum.faults == 1 ? "fault" : "faults",
			format_time(wall, (double)sum.last_ns - (double)sum.start_ns), classes);
	if (sum.faults)
		used += snprintf(text + used, sizeof(text) - used,
				 " They took %s, %s of it asleep, "
				 "and mapped %llu %s.",
				 format_time(took, (double)sum.took_ns),
				 format_time(asleep, (double)sum.asleep_ns), sum.pages,
				 sum.pages == 1 ? "page" : "pages");
	if (sum.failures)
		snprintf(text + used, sizeof(text) - used, " %llu %s failed.", sum.failures,
			 sum.failures == 1 ? "access" : "accesses");
	putchar('\n');
	print_paragraph(0, text);
}
