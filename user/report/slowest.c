// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/output.h"
#include "lib/text.h"
#include "lib/units.h"
#include "report/json.h"
#include "report/slowest.h"
#include "sources/stats.h"

static void print_time(long long ns)
{
	char text[TIME_MAX];

	print_cell(format_time_cell(text, ns), 6);
}

static void print_fault(const struct slow_stats *fault, bool wide)
{
	char address[24];

	print_time(fault->took_ns);
	putchar(' ');
	print_time(fault->asleep_ns);
	printf("  %-10s", fault->class);
	if (!wide) {
		printf(" %llx\n", fault->address);
		return;
	}
	snprintf(address, sizeof(address), "%llx", fault->address);
	printf(" %-6s %8lld  %-12s", fault->origin, fault->tid, address);
	make_one_line(fault->name);
	print_tail(fault->name, output_width() - (6 + 1 + 6 + 2 + 10 + 1 + 6 + 1 + 8 + 2 + 12));
	putchar('\n');
}

void slowest_print(const struct slowest_stats *stats)
{
	bool wide = output_width() >= 80;

	if (!stats->faults) {
		print_paragraph(0, "No fault was timed.");
		return;
	}
	if (wide)
		printf("%6s %6s  %-10s %-6s %8s  %-12s  mapping\n", "took", "asleep", "class",
		       "origin", "thread", "address");
	else
		printf("%6s %6s  %-10s address\n", "took", "asleep", "class");
	for (size_t i = 0; i < stats->faults; i++)
		print_fault(&stats->fault[i], wide);
}

struct json_object *slowest_json(const struct slowest_stats *stats)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < stats->faults; i++) {
		const struct slow_stats *fault = &stats->fault[i];
		struct json_object *object = json_object_new_object();

		json_add_number(object, "took_ns", fault->took_ns);
		json_add_number(object, "asleep_ns", fault->asleep_ns);
		json_add_number(object, "ended_ns", fault->ended_ns);
		json_add_number(object, "tid", fault->tid);
		json_add_text(object, "class", fault->class);
		json_add_text(object, "origin", fault->origin);
		json_add_hex(object, "address", fault->address);
		json_add_hex(object, "ip", fault->ip);
		json_add_hex(object, "start", fault->start);
		json_add_hex(object, "end", fault->end);
		json_add_hex(object, "offset", fault->offset);
		json_add_text(object, "device", fault->device);
		json_add_number(object, "inode", fault->inode);
		json_add_text(object, "name", fault->name);
		json_object_array_add(array, object);
	}
	return array;
}
