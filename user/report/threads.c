// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/output.h"
#include "lib/text.h"
#include "lib/units.h"
#include "report/json.h"
#include "report/threads.h"
#include "sources/stats.h"

static void print_time(long long ns)
{
	char text[TIME_MAX];

	putchar(' ');
	print_cell(format_time_cell(text, ns), 6);
}

static void print_thread(const struct thread_stats *thread, bool wide)
{
	printf("%-8lld %9lld %6lld", thread->tid, thread->minor, thread->major);
	if (wide)
		printf(" %7lld %6lld", thread->retried, thread->failed);
	print_time(thread->total_ns);
	if (wide)
		print_time(thread->asleep_ns);
	print_time(thread->max_ns);
	if (wide) {
		make_one_line(thread->name);
		printf("  %s", thread->name);
	}
	putchar('\n');
}

void threads_print(const struct threads_stats *stats)
{
	bool wide = output_width() >= 80;

	if (!stats->threads) {
		print_paragraph(0, "No live thread has taken a fault.");
		return;
	}
	if (wide)
		printf("%-8s %9s %6s %7s %6s %6s %6s %6s  name\n", "thread", "minor", "major",
		       "retried", "failed", "total", "asleep", "max");
	else
		printf("%-8s %9s %6s %6s %6s\n", "thread", "minor", "major", "total", "max");
	for (size_t i = 0; i < stats->threads; i++)
		print_thread(&stats->thread[i], wide);
}

struct json_object *threads_json(const struct threads_stats *stats)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < stats->threads; i++) {
		const struct thread_stats *thread = &stats->thread[i];
		struct json_object *object = json_object_new_object();

		json_add_number(object, "tid", thread->tid);
		json_add_number(object, "minor", thread->minor);
		json_add_number(object, "major", thread->major);
		json_add_number(object, "retried", thread->retried);
		json_add_number(object, "failed", thread->failed);
		json_add_number(object, "in_flight", thread->in_flight);
		json_add_number(object, "total_ns", thread->total_ns);
		json_add_number(object, "asleep_ns", thread->asleep_ns);
		json_add_number(object, "max_ns", thread->max_ns);
		json_add_text(object, "name", thread->name);
		json_object_array_add(array, object);
	}
	return array;
}
