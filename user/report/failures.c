// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "lib/array.h"
#include "lib/output.h"
#include "lib/text.h"
#include "report/failures.h"
#include "report/json.h"
#include "sources/stats.h"

/* Room for two paths and the words around them. */
#define SENTENCE_MAX (2 * PATH_MAX + 512)

static const char *reason_text(const char *reason)
{
	static const char *const texts[][2] = {
		{ "segv_maperr", "SIGSEGV (no mapping)" },
		{ "segv_accerr", "SIGSEGV (no permission)" },
		{ "segv_other", "SIGSEGV" },
		{ "bus_adrerr", "SIGBUS (no page in the file, or I/O)" },
		{ "bus_adraln", "SIGBUS (misaligned)" },
		{ "bus_mceerr", "SIGBUS (memory error)" },
		{ "bus_other", "SIGBUS" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (strcmp(reason, texts[i][0]) == 0)
			return texts[i][1];
	return reason;
}

/* Say where the address is, if that is known. Returns the length of the text. */
static int place_text(char *text, size_t size, const struct failure_stats *f)
{
	const char *name = *f->name ? f->name : "an anonymous mapping";
	bool is_file = *f->name == '/';
	int used;

	if (strcmp(f->where, "beyond") == 0)
		used = snprintf(text, size, ", %lld %s beyond the end of %s (%s)", f->distance,
				f->distance == 1 ? "byte" : "bytes", name, f->perms);
	else if (strcmp(f->where, "inside") == 0)
		used = snprintf(text, size, ", in %s (%s)", name, f->perms);
	else if (strcmp(f->where, "before") == 0 && f->address < 65536)
		return snprintf(text, size, ", a null pointer or near one");
	else if (strcmp(f->where, "before") == 0)
		used = snprintf(text, size, ", %lld %s below the start of %s (%s)", f->distance,
				f->distance == 1 ? "byte" : "bytes", name, f->perms);
	else if (strcmp(f->where, "unknown") == 0)
		return snprintf(text, size, " (the mapping could not be looked up)");
	else
		return 0;
	if (is_file)
		used += snprintf(text + used, size - (size_t)used,
				 " mapped at 0x%llx, offset 0x%llx", f->start, f->offset);
	return used;
}

static void print_last(const struct failure_stats *f)
{
	char text[SENTENCE_MAX];
	size_t used;

	used = (size_t)snprintf(text, sizeof(text), "last: %s", reason_text(f->reason));
	/* 128 is SI_KERNEL: there is no address. */
	if (f->code != 128)
		used += (size_t)snprintf(text + used, sizeof(text) - used, " at 0x%llx",
					 f->address);
	used += (size_t)place_text(text + used, sizeof(text) - used, f);
	used += (size_t)snprintf(text + used, sizeof(text) - used, ", by instruction 0x%llx",
				 f->ip);
	if (*f->ip_name)
		used += (size_t)snprintf(text + used, sizeof(text) - used, " (%s, offset 0x%llx)",
					 f->ip_name, f->ip_offset);
	snprintf(text + used, sizeof(text) - used, ", thread %lld.", f->tid);
	make_one_line(text);
	print_paragraph(0, text);
}

void failures_print(const struct process_stats *stats, const struct failures_stats *failures,
		    int err)
{
	long long n = failures_count(stats);
	char text[512];
	size_t used;

	if (n == 0)
		return;
	used = (size_t)snprintf(text, sizeof(text), "%lld %s failed:", n,
				n == 1 ? "access" : "accesses");
#define ADD(key, meaning)                                                                     \
	if (stats->key)                                                                       \
		used += (size_t)snprintf(text + used, sizeof(text) - used, " %lld " #key ",", \
					 stats->key);
	VMTRACE_REASONS(ADD)
#undef ADD
	text[used - 1] = '.';
	print_paragraph(0, text);
	if (failures && failures->kept)
		print_last(&failures->failure[failures->kept - 1]);
	if (err == -EACCES)
		print_paragraph(0, "Only root may see where.");
	if (err == -EPERM)
		print_paragraph(0, "The kernel is locked down, so it is not shown where.");
	putchar('\n');
}

struct json_object *failures_json(const struct failures_stats *failures)
{
	struct json_object *array = json_object_new_array();

	for (long long i = 0; i < failures->kept; i++) {
		const struct failure_stats *f = &failures->failure[i];
		struct json_object *object = json_object_new_object();

		json_add_number(object, "time_ns", f->time_ns);
		json_add_number(object, "tid", f->tid);
		json_add_text(object, "reason", f->reason);
		json_add_number(object, "signal", f->signal);
		json_add_number(object, "code", f->code);
		json_add_hex(object, "address", f->address);
		json_add_hex(object, "ip", f->ip);
		json_add_text(object, "where", f->where);
		json_add_number(object, "distance", f->distance);
		json_add_hex(object, "start", f->start);
		json_add_hex(object, "end", f->end);
		json_add_text(object, "perms", f->perms);
		json_add_hex(object, "offset", f->offset);
		json_add_text(object, "name", f->name);
		json_add_hex(object, "ip_offset", f->ip_offset);
		json_add_text(object, "ip_name", f->ip_name);
		json_object_array_add(array, object);
	}
	return array;
}
