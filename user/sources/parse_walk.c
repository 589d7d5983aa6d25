// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <string.h>

#include "core/format_walk.h"
#include "lib/array.h"
#include "lib/error.h"
#include "lib/number.h"
#include "sources/input.h"
#include "sources/parse.h"
#include "sources/walk_stats.h"

#define WORD(symbol, name, meaning) name,
static const char *const pages[] = { VMTRACE_WALK_PAGES(WORD) };

#define NUMBER(key, meaning) { #key, offsetof(struct walk_stats, key), FIELD_NUMBER },
#define HEX(key, meaning)    { #key, offsetof(struct walk_stats, key), FIELD_HEX },
#define TEXT(key, meaning)   { #key, offsetof(struct walk_stats, key), WALK_TEXT_MAX },

static const struct field fields[] = { VMTRACE_WALK_LINES(NUMBER, HEX, TEXT) };
static const struct layout layout = { fields, ARRAY_SIZE(fields) };
_Static_assert(ARRAY_SIZE(fields) <= 64, "too many fields");

/* A line of the table. */
struct row {
	char index[16];
	unsigned long long entry;
	char kind[32];
	char flags[WALK_TEXT_MAX];
	long long pfn;
};

static const struct field cells[] = {
	{ "index", offsetof(struct row, index), sizeof(((struct row *)0)->index) },
	{ "entry", offsetof(struct row, entry), FIELD_HEX },
	{ "kind", offsetof(struct row, kind), sizeof(((struct row *)0)->kind) },
	{ "flags", offsetof(struct row, flags), sizeof(((struct row *)0)->flags) },
	{ "pfn", offsetof(struct row, pfn), FIELD_NUMBER },
};

#define COLUMN(name, meaning) COLUMN_##name,
enum {
	VMTRACE_WALK_COLUMNS(COLUMN) COLUMN_COUNT
};
_Static_assert(ARRAY_SIZE(cells) + 1 == COLUMN_COUNT, "other columns");
static const struct layout columns = { cells, ARRAY_SIZE(cells) };

static int find(struct piece word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (piece_is(word, words[i]))
			return (int)i;
	return -1;
}

static struct piece piece_of(const char *text)
{
	return (struct piece){ text, strlen(text) };
}

/* Unknown words are skipped: a newer module may have some. */
static unsigned int parse_set(const char *text, const char *const *words, size_t count)
{
	struct piece rest = piece_of(text), word;
	unsigned int set = 0;

	while (piece_cut(&rest, ',', &word)) {
		int i = find(word, words, count);

		if (i >= 0)
			set |= 1u << i;
	}
	return set;
}

static int parse_level(struct input *in, struct piece line, size_t names, struct walk_stats *walk,
		       unsigned int *seen)
{
	static struct row row;
	struct walk_level *level;
	unsigned long long index;
	struct piece cell;
	size_t n;
	int i;

	piece_cut(&line, '\t', &cell);
	i = find(cell, walk_levels, WALK_LEVELS);
	if (i < 0)
		return input_broken(in, "a line of the table does not begin with a level");
	if (*seen & 1u << i)
		return input_broken(in, "level %s is there twice", walk_levels[i]);
	*seen |= 1u << i;
	for (n = 0; piece_cut(&line, '\t', &cell); n++) {
		int err = n < columns.fields ? field_parse(&cells[n], cell, &row) : 0;

		if (err)
			return input_broken(in, "%s of level %s is %s", cells[n].key,
					    walk_levels[i], field_problem(err));
	}
	if (n != names)
		return input_broken(in, "level %s has %zu of %zu values", walk_levels[i], n, names);
	level = &walk->level[i];
	level->index = -1;
	if (strcmp(row.index, "-") != 0) {
		if (parse_number(row.index, 65535, &index) != 0)
			return input_broken(in, "index of level %s is not a number",
					    walk_levels[i]);
		level->index = (int)index;
	}
	i = find(piece_of(row.kind), walk_kinds, VMTRACE_WALK_KIND_COUNT);
	level->kind = i < 0 ? VMTRACE_WALK_KIND_UNKNOWN : (enum vmtrace_walk_kind)i;
	level->entry = row.entry;
	level->flags = parse_set(row.flags, walk_flags, VMTRACE_WALK_FLAG_COUNT);
	level->pfn = row.pfn;
	return 0;
}

static int parse_table(struct input *in, struct piece names, struct walk_stats *walk)
{
	unsigned int seen = 0;
	struct piece line;
	size_t count = 0;
	int err = input_columns(in, &columns, names, &count);

	while (!err && piece_cut(&in->rest, '\n', &line) && line.length)
		err = parse_level(in, line, count, walk, &seen);
	if (!err && seen != (1u << WALK_LEVELS) - 1)
		err = input_broken(in, "a level is missing");
	if (!err && !walk_end(walk))
		err = input_broken(in, "all levels are absent or folded");
	return err;
}

int parse_walk(const char *path, const char *text, size_t length, struct walk_stats *walk,
	       struct error *error)
{
	uint64_t seen = 0;
	bool table = false;
	struct piece line;
	struct input in;
	int err = input_open(&in, path, text, length, error);
	int page;

	while (!err && piece_cut(&in.rest, '\n', &line)) {
		struct piece names = line, first;

		piece_cut(&names, '\t', &first);
		if (!piece_is(first, "level"))
			err = input_line(&in, &layout, line, &seen, walk);
		else if (table)
			err = input_broken(&in, "the table is there twice");
		else
			err = parse_table(&in, names, walk);
		table |= piece_is(first, "level");
	}
	if (!err)
		err = input_complete(&in, &layout, seen);
	if (!err && !table)
		err = input_broken(&in, "the table is missing");
	if (err)
		return err;
	walk->fact_set = parse_set(walk->vma_facts, walk_facts, VMTRACE_WALK_FACT_COUNT);
	walk->page_flag_set =
		parse_set(walk->page_flags, walk_page_flags, VMTRACE_WALK_PAGE_FLAG_COUNT);
	page = find(piece_of(walk->page), pages, VMTRACE_WALK_PAGE_COUNT);
	walk->page_kind = page < 0 ? VMTRACE_WALK_PAGE_UNKNOWN : (enum vmtrace_walk_page)page;
	return 0;
}
