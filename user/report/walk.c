// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "core/format_walk.h"
#include "lib/array.h"
#include "lib/output.h"
#include "lib/text.h"
#include "report/json.h"
#include "report/predict.h"
#include "report/walk.h"
#include "sources/names.h"
#include "sources/walk_stats.h"

#define MEANING(symbol, name, meaning) meaning,
static const char *const kind_meanings[] = { VMTRACE_WALK_KINDS(MEANING) };
static const char *const fact_meanings[] = { VMTRACE_WALK_FACTS(MEANING) };
static const char *const page_meanings[] = { VMTRACE_WALK_PAGES(MEANING) };
static const char *const class_meanings[] = { VMTRACE_CLASSES(MEANING) };

/* Room for all words of a list. */
#define LIST_MAX 1024

static const char *join(char text[LIST_MAX], unsigned int set, const char *const *words,
			size_t count, const char *between)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		if (set & 1u << i && used < LIST_MAX)
			used += (size_t)snprintf(text + used, LIST_MAX - used, "%s%s",
						 used ? between : "", words[i]);
	return text;
}

static void print_mapping(const struct walk_stats *walk)
{
	bool file = walk->vma_name[0] == '/';
	char text[2 * WALK_TEXT_MAX + 128], offset[32];

	if (strcmp(walk->vma, VMTRACE_WALK_VMA_NONE) == 0) {
		printf("mapping none\n");
		return;
	}
	snprintf(offset, sizeof(offset), " at 0x%llx of", walk->vma_offset);
	snprintf(text, sizeof(text), "0x%llx-0x%llx %s%s%s%s", walk->vma_start, walk->vma_end,
		 walk->vma_perms, file ? offset : "", *walk->vma_name ? " " : "", walk->vma_name);
	/* A path may hold newlines. */
	make_one_line(text);
	printf("mapping ");
	print_hanging(8, text);
	if (strcmp(walk->vma, VMTRACE_WALK_VMA_BELOW) == 0)
		print_paragraph(8, "begins above the address, but may grow down to it");
	join(text, walk->fact_set, fact_meanings, ARRAY_SIZE(fact_meanings), "; ");
	if (*text)
		print_paragraph(8, text);
}

static void print_level(const struct walk_stats *walk, size_t i, int indent)
{
	const struct walk_level *level = &walk->level[i];
	char text[LIST_MAX + 32];
	size_t used;
	int column;

	column = printf("%*s%s", indent, "", walk_levels[i]);
	if (level->index >= 0)
		column += printf("[%d]", level->index);
	column += printf("%*s", column < 19 ? 19 - column : 1, "");
	if (level->kind == VMTRACE_WALK_KIND_ABSENT || level->kind == VMTRACE_WALK_KIND_FOLDED) {
		print_hanging(column, kind_meanings[level->kind]);
		return;
	}
	column += printf("%-9s", walk_kinds[level->kind]);
	used = (size_t)snprintf(text, sizeof(text), "0x%016llx%s", level->entry,
				level->flags ? " " : "");
	join(text + used, level->flags, walk_flags, ARRAY_SIZE(walk_flags), ", ");
	if (output_width() < 80) {
		putchar('\n');
		print_paragraph(indent + 2, text);
	} else {
		printf(" %.*s", (int)used, text);
		print_hanging(column + 1 + (int)used, text + used);
	}
}

static void print_page(const struct walk_stats *walk)
{
	const struct walk_level *end = walk_end(walk);
	char text[3 * LIST_MAX], flags[LIST_MAX];
	int used;

	if (end->kind == VMTRACE_WALK_KIND_SWAP) {
		printf("page    %lld of swap area %lld\n", walk->swap_offset, walk->swap_type);
		return;
	}
	if (strcmp(walk->vma, VMTRACE_WALK_VMA_MAPPED) != 0) {
		printf("page    none\n");
		return;
	}
	if (walk->page_kind == VMTRACE_WALK_PAGE_NONE) {
		printf("page    none: ");
		print_hanging(14, kind_meanings[end->kind]);
		return;
	}
	used = snprintf(text, sizeof(text), "%s", page_meanings[walk->page_kind]);
	if (walk->refcount)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
				 "; mapped by %lld page-table %s, %lld %s", walk->mapcount,
				 walk->mapcount == 1 ? "entry" : "entries", walk->refcount,
				 walk->refcount == 1 ? "reference" : "references");
	if (walk->page_pages > 1)
		used += snprintf(text + used, sizeof(text) - (size_t)used, "; of a folio of %lld",
				 walk->page_pages);
	join(flags, walk->page_flag_set, walk_page_flags, ARRAY_SIZE(walk_page_flags), ", ");
	if (*flags)
		snprintf(text + used, sizeof(text) - (size_t)used, "; %s", flags);
	printf("page    ");
	print_hanging(8, text);
	if (end->pfn)
		printf("frame   %lld, of %lld bytes\n", end->pfn, walk->page_size);
}

/* How the kernel would count the access, as a word for JSON. */
static const char *const end_names[] = {
	[PREDICT_NONE] = "none",     [PREDICT_MINOR] = "minor",	  [PREDICT_MAJOR] = "major",
	[PREDICT_EITHER] = "either", [PREDICT_FAILED] = "failed", [PREDICT_REFUSED] = "refused",
};

static bool is_fault(struct prediction p)
{
	return p.end != PREDICT_NONE && p.end != PREDICT_REFUSED;
}

#define SENTENCE_MAX 1024

static void describe_prediction(char text[SENTENCE_MAX], struct prediction p)
{
	static const char *const faults[] = {
		[PREDICT_NONE] = "takes no fault",
		[PREDICT_MINOR] = "takes a minor fault",
		[PREDICT_MAJOR] = "takes a major fault",
		[PREDICT_EITHER] = "takes a fault",
		[PREDICT_FAILED] = "takes a fault that fails",
		[PREDICT_REFUSED] = "is refused with SIGSEGV and counted nowhere",
	};

	snprintf(text, SENTENCE_MAX, "%s%s%s", faults[p.end], is_fault(p) ? " of class " : "",
		 is_fault(p) ? class_names[p.class] : "");
}

static void print_prediction(const char *access, const struct predictions *p)
{
	char first[SENTENCE_MAX], second[SENTENCE_MAX] = "", text[3 * SENTENCE_MAX];

	describe_prediction(first, p->first);
	if (p->unless)
		describe_prediction(second, p->second);
	snprintf(text, sizeof(text), "The next %s %s: %s.%s%s%s%s%s", access, first,
		 p->why ? p->why : class_meanings[p->first.class], p->unless ? " If " : "",
		 p->unless ? p->unless : "", p->unless ? ", the access " : "", second,
		 p->unless ? "." : "");
	print_paragraph(0, text);
}

/* Without CAP_SYS_ADMIN the module prints 0 for all entries and frames. */
static bool is_hidden(const struct walk_stats *walk)
{
	for (size_t i = 0; i < WALK_LEVELS; i++)
		if (walk->level[i].kind == VMTRACE_WALK_KIND_TABLE && walk->level[i].entry == 0)
			return true;
	return false;
}

void walk_print(const struct walk_stats *walk, const struct predictions *read,
		const struct predictions *write)
{
	int indent = 0;

	printf("%saddress 0x%llx of process %lld%s\n", colour(COLOUR_STRONG), walk->address,
	       walk->pid, colour(COLOUR_OFF));
	print_mapping(walk);
	putchar('\n');
	for (size_t i = WALK_LEVELS; i-- > 0; indent += 2)
		print_level(walk, i, indent);
	putchar('\n');
	print_page(walk);
	putchar('\n');
	print_prediction("read", read);
	print_prediction("write", write);
	if (is_hidden(walk))
		print_paragraph(0, "Entries and frames are shown only with CAP_SYS_ADMIN.");
}

static void add_set(struct json_object *object, const char *key, unsigned int set,
		    const char *const *words, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		if (set & 1u << i)
			json_object_array_add(array, json_object_new_string(words[i]));
	json_object_object_add(object, key, array);
}

static struct json_object *level_json(const struct walk_stats *walk, size_t i)
{
	const struct walk_level *level = &walk->level[i];
	struct json_object *object = json_object_new_object();

	json_add_text(object, "level", walk_levels[i]);
	if (level->index >= 0)
		json_add_number(object, "index", level->index);
	else
		json_object_object_add(object, "index", NULL);
	json_add_hex(object, "entry", level->entry);
	json_add_text(object, "kind", walk_kinds[level->kind]);
	add_set(object, "flags", level->flags, walk_flags, ARRAY_SIZE(walk_flags));
	json_add_number(object, "pfn", level->pfn);
	return object;
}

static struct json_object *outcome_json(struct prediction p)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "fault", end_names[p.end]);
	if (is_fault(p))
		json_add_text(object, "class", class_names[p.class]);
	return object;
}

static void add_prediction(struct json_object *object, const char *key, const struct predictions *p)
{
	struct json_object *prediction = outcome_json(p->first);

	if (p->why)
		json_add_text(prediction, "why", p->why);
	if (p->unless) {
		struct json_object *second = outcome_json(p->second);

		json_add_text(second, "if", p->unless);
		json_object_object_add(prediction, "or", second);
	}
	json_object_object_add(object, key, prediction);
}

int walk_json(const struct walk_stats *walk, const struct predictions *read,
	      const struct predictions *write)
{
	struct json_object *object = json_object_new_object();
	struct json_object *table = json_object_new_array();

	json_add_number(object, "format", VMTRACE_FORMAT);
#define ADD_NUMBER(key, meaning) json_add_number(object, #key, walk->key);
#define ADD_HEX(key, meaning)	 json_add_hex(object, #key, walk->key);
#define ADD_TEXT(key, meaning)	 json_add_text(object, #key, walk->key);
	VMTRACE_WALK_LINES(ADD_NUMBER, ADD_HEX, ADD_TEXT)
	/* Replace the texts of lists by arrays; the keys keep their places. */
	add_set(object, "vma_facts", walk->fact_set, walk_facts, ARRAY_SIZE(walk_facts));
	add_set(object, "page_flags", walk->page_flag_set, walk_page_flags,
		ARRAY_SIZE(walk_page_flags));
	for (size_t i = WALK_LEVELS; i-- > 0;)
		json_object_array_add(table, level_json(walk, i));
	json_object_object_add(object, "table", table);
	add_prediction(object, "next_read", read);
	add_prediction(object, "next_write", write);
	return json_print(object);
}
