// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdio.h>

#include "core/format.h"
#include "lib/text.h"
#include "report/json.h"
#include "report/stat_caveats.h"
#include "report/stat_json.h"
#include "report/stat_sum.h"
#include "sources/stat_run.h"

/* Means and deviations may have a fraction, of which three digits are printed. NAN becomes null. */
static struct json_object *json_value(double value)
{
	char text[64];

	if (isnan(value))
		return NULL;
	if (value == floor(value) && fabs(value) < 1e18)
		return json_object_new_int64((long long)value);
	snprintf(text, sizeof(text), "%.3f", value);
	return json_object_new_double_s(value, text);
}

typedef double statistic(const struct stat_tally *tally);

static struct json_object *json_class(const char *name, const struct stat_tally *number,
				      statistic *value_of)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "class", name);
	for (int n = 0; n < CLASS_NUMBERS; n++)
		json_object_object_add(object, stat_class_names[n],
				       json_value(value_of(&number[n])));
	return object;
}

static void json_add_numbers(struct json_object *object, const struct stat_sum *sum,
			     statistic *value_of)
{
	struct json_object *classes = json_object_new_array();

	for (int n = 0; n < STAT_COUNT; n++) {
		const struct stat_tally *tally = &sum->number[n];

		json_object_object_add(object, stat_names[n],
				       tally->unknown ? NULL : json_value(value_of(tally)));
	}
	for (size_t i = 0; i < sum->classes; i++)
		json_object_array_add(classes, json_class(sum->class[i].name, sum->class[i].number,
							  value_of));
	json_object_object_add(object, "classes", classes);
}

static void json_add_subject(struct json_object *object, const struct stat_subject *subject)
{
	struct json_object *command = json_object_new_array(), *pids = json_object_new_array();

	for (char **word = subject->command; *word; word++) {
		/* JSON is UTF-8, but an argument may have any bytes. */
		make_utf8(*word);
		json_object_array_add(command, json_object_new_string(*word));
	}
	for (size_t i = 0; i < subject->pids; i++)
		json_object_array_add(pids, json_object_new_int(subject->pid[i]));
	json_object_object_add(object, "command", command);
	json_object_object_add(object, "pids", pids);
}

int stat_print_json(const struct stat_sum *sum, const struct stat_subject *subject)
{
	struct json_object *object = json_object_new_object(), *deviation = NULL;
	struct json_object *texts = json_object_new_array();
	struct stat_caveats caveats;

	json_add_number(object, "format", VMTRACE_FORMAT);
	json_add_subject(object, subject);
	json_add_number(object, "exit_status", subject->exit_status);
	json_add_number(object, "runs", (long long)sum->runs);
	json_add_number(object, "exact_runs", (long long)sum->exact);
	json_add_numbers(object, sum, stat_mean);
	if (sum->runs > 1) {
		deviation = json_object_new_object();
		json_add_numbers(deviation, sum, stat_tally_deviation);
	}
	json_object_object_add(object, "deviation", deviation);
	stat_find_caveats(&caveats, sum, subject);
	for (size_t i = 0; i < caveats.count; i++)
		json_object_array_add(texts, json_object_new_string(caveats.text[i]));
	json_object_object_add(object, "caveats", texts);
	return json_print(object);
}
