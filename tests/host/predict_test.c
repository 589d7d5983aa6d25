// SPDX-License-Identifier: GPL-2.0
/* What an access would do, case by case: the kernel's rules are in mm/memory.c. */
#include <stdlib.h>
#include <string.h>

#include "core/format.h"
#include "core/format_walk.h"
#include "lib/array.h"
#include "report/predict.h"
#include "sources/thp.h"
#include "sources/walk_stats.h"
#include "unit.h"

#define WORD(symbol, name, meaning) name,
static const char *const classes[] = { VMTRACE_CLASSES(WORD) };
static const char *const pages[] = { VMTRACE_WALK_PAGES(WORD) };
static const char *const ends[] = { "none", "minor", "major", "either", "failed", "refused" };

/*
 * perms, "facts", cache; level of the end, its kind, "flags"; page, mapcount, refcount,
 * pages, "flags"; thp. Then "read" and "write": how it ends, the class, and after a slash
 * the other possibility.
 */
struct example {
	const char *perms, *facts, *cache;
	int level;
	const char *kind, *flags;
	const char *page;
	int mapcount, refcount, pages;
	const char *page_flags;
	enum thp_mode thp;
	const char *read, *write;
};

#define NOTHING "none", 0, 0, 0, "", THP_NEVER
#define RW	"present,write,user,accessed,dirty"
#define RO	"present,user,accessed"

static const struct example examples[] = {
	/* Anonymous memory that nobody touched. */
	{ "rw-p", "anon", "-", 0, "none", "", NOTHING, "minor zero", "minor anon" },
	{ "r--p", "anon", "-", 0, "none", "", NOTHING, "minor zero", "refused" },
	{ "-w-p", "anon", "-", 0, "none", "", NOTHING, "minor zero", "minor anon" },
	{ "---p", "anon", "-", 0, "none", "", NOTHING, "refused", "refused" },
	{ "--xp", "anon", "-", 0, "none", "", NOTHING, "minor zero/refused", "refused" },
	{ "rw-p", "anon,huge-fits", "-", 1, "none", "", "none", 0, 0, 0, "", THP_ALWAYS,
	  "minor thp/minor zero", "minor thp/minor anon" },
	{ "rw-p", "anon,huge-fits", "-", 2, "none", "", "none", 0, 0, 0, "", THP_ALWAYS,
	  "minor thp/minor zero", "minor thp/minor anon" },
	/* A table for small pages is there already; no room; not wanted; not asked for. */
	{ "rw-p", "anon,huge-fits", "-", 0, "none", "", "none", 0, 0, 0, "", THP_ALWAYS,
	  "minor zero", "minor anon" },
	{ "rw-p", "anon", "-", 1, "none", "", "none", 0, 0, 0, "", THP_ALWAYS, "minor zero",
	  "minor anon" },
	{ "rw-p", "anon,huge-fits,nohugepage", "-", 1, "none", "", "none", 0, 0, 0, "", THP_ALWAYS,
	  "minor zero", "minor anon" },
	{ "rw-p", "anon,huge-fits", "-", 1, "none", "", "none", 0, 0, 0, "", THP_ADVISED,
	  "minor zero", "minor anon" },
	{ "rw-p", "anon,huge-fits,hugepage", "-", 1, "none", "", "none", 0, 0, 0, "", THP_ADVISED,
	  "minor thp/minor zero", "minor thp/minor anon" },
	{ "rw-p", "anon,huge-fits,hugepage", "-", 1, "none", "", "none", 0, 0, 0, "", THP_NEVER,
	  "minor zero", "minor anon" },
	/* Anonymous memory that is there. */
	{ "rw-p", "anon", "-", 0, "page", RW, "anon", 1, 1, 1, "exclusive", THP_NEVER, "none",
	  "none" },
	{ "r--p", "anon", "-", 0, "page", RO, "anon", 1, 1, 1, "exclusive", THP_NEVER, "none",
	  "refused" },
	{ "rw-p", "anon", "-", 0, "page", RO, "zero", 0, 0, 0, "", THP_NEVER, "none",
	  "minor cow-copy" },
	{ "rw-p", "anon", "-", 0, "page", RO, "anon", 1, 7, 1, "exclusive", THP_NEVER, "none",
	  "minor cow-reuse" },
	{ "rw-p", "anon", "-", 0, "page", RO, "anon", 2, 2, 1, "", THP_NEVER, "none",
	  "minor cow-copy" },
	{ "rw-p", "anon", "-", 0, "page", RO, "anon", 1, 1, 1, "", THP_NEVER, "none",
	  "minor cow-reuse" },
	{ "rw-p", "anon", "-", 0, "page", RO, "anon", 1, 2, 1, "swapcache", THP_NEVER, "none",
	  "minor cow-reuse" },
	{ "rw-p", "anon", "-", 0, "page", RO, "anon", 1, 2, 1, "", THP_NEVER, "none",
	  "minor cow-copy/minor cow-reuse" },
	{ "rw-p", "anon", "-", 0, "page", RO, "anon", 1, 1, 16, "", THP_NEVER, "none",
	  "minor cow-copy/minor cow-reuse" },
	{ "rw-p", "anon", "-", 0, "page", RO, "ksm", 1, 1, 1, "", THP_NEVER, "none",
	  "minor cow-copy" },
	{ "rw-p", "anon", "-", 0, "page", RO, "unknown", 0, 0, 0, "", THP_NEVER, "none",
	  "minor cow-copy/minor cow-reuse" },
	{ "rw-p", "anon", "-", 1, "huge", RO, "anon", 1, 1, 512, "", THP_NEVER, "none",
	  "minor cow-reuse" },
	{ "rw-p", "anon", "-", 1, "huge", RO, "zero", 0, 0, 0, "", THP_NEVER, "none",
	  "minor cow-copy" },
	{ "rw-p", "anon", "-", 0, "page", "user,protnone", "anon", 1, 1, 1, "exclusive", THP_NEVER,
	  "minor numa", "minor numa" },
	/* Entries that are no pages. */
	{ "rw-p", "anon", "-", 0, "swap", "", NOTHING, "major swap-read/minor swap-cache",
	  "major swap-read/minor swap-cache" },
	{ "rw-p", "anon", "-", 0, "migration", "", NOTHING, "either migration",
	  "either migration" },
	{ "rw-p", "anon", "-", 0, "device", "", NOTHING, "either special", "either special" },
	{ "rw-p", "anon", "-", 0, "hwpoison", "", NOTHING, "failed hwpoison", "failed hwpoison" },
	{ "rw-p", "anon", "-", 0, "guard", "", NOTHING, "failed sigsegv", "failed sigsegv" },
	{ "rw-p", "anon", "-", 0, "unknown", "", NOTHING, "either other", "either other" },
	/* userfaultfd. */
	{ "rw-p", "anon,uffd-missing", "-", 0, "none", "", NOTHING, "either userfault",
	  "either userfault" },
	{ "rw-p", "anon,uffd-wp", "-", 0, "page", "present,user,accessed,uffd-wp", "anon", 1, 1, 1,
	  "exclusive", THP_NEVER, "none", "either userfault" },
	{ "rw-p", "anon,uffd-wp", "-", 0, "none", "", NOTHING, "minor zero", "minor anon" },
	{ "rw-s", "shared,shmem,uffd-wp", "hit", 0, "uffd-wp", "", NOTHING, "minor shmem",
	  "either userfault" },
	{ "rw-s", "shared,shmem,uffd-minor", "hit", 0, "none", "", NOTHING, "either userfault",
	  "either userfault" },
	{ "rw-s", "shared,shmem,uffd-minor", "miss", 0, "none", "", NOTHING, "either shmem",
	  "either shmem" },
	{ "rw-p", "anon,uffd-rwp", "-", 0, "page", "user,accessed,protnone,uffd-wp", "anon", 1, 1,
	  1, "exclusive", THP_NEVER, "either userfault", "either userfault" },
	{ "rw-p", "anon,uffd-rwp", "-", 1, "huge", "user,accessed,protnone,uffd-wp", "anon", 1, 1,
	  512, "exclusive", THP_NEVER, "either userfault", "either userfault" },
	{ "rw-s", "shared,hugetlb,uffd-rwp", "-", 1, "huge", "user,protnone,uffd-wp", "hugetlb", 1,
	  1, 512, "", THP_NEVER, "either userfault", "either userfault" },
	{ "---p", "anon,uffd-rwp", "-", 0, "page", "user,accessed,protnone,uffd-wp", "anon", 1, 1,
	  1, "exclusive", THP_NEVER, "refused", "refused" },
	{ "rw-p", "anon,uffd-rwp", "-", 0, "page", RW, "anon", 1, 1, 1, "exclusive", THP_NEVER,
	  "none", "none" },
	{ "rw-p", "anon,uffd-rwp", "-", 0, "none", "", NOTHING, "minor zero", "minor anon" },
	{ "rw-p", "anon,uffd-rwp", "-", 0, "swap", "uffd-wp", NOTHING,
	  "major swap-read/minor swap-cache", "major swap-read/minor swap-cache" },
	/* A NUMA hint looks alike; so does one of a page that is protected against writing. */
	{ "rw-p", "anon,uffd-rwp", "-", 0, "page", "user,protnone", "anon", 1, 1, 1, "exclusive",
	  THP_NEVER, "minor numa", "minor numa" },
	{ "rw-p", "anon,uffd-wp", "-", 0, "page", "user,protnone,uffd-wp", "anon", 1, 1, 1,
	  "exclusive", THP_NEVER, "minor numa", "minor numa" },
	/* Files. */
	{ "rw-p", "", "hit", 0, "none", "", NOTHING, "minor file-hit", "minor file-cow" },
	{ "rw-p", "", "miss", 0, "none", "", NOTHING, "major file-miss", "major file-cow" },
	{ "rw-p", "", "-", 0, "none", "", NOTHING, "minor file-hit/major file-miss",
	  "minor file-cow/major file-cow" },
	{ "rw-p", "", "end", 0, "none", "", NOTHING, "failed sigbus", "failed sigbus" },
	{ "rw-s", "shared", "hit", 0, "none", "", NOTHING, "minor file-hit", "minor file-hit" },
	{ "rw-s", "shared", "miss", 0, "none", "", NOTHING, "major file-miss", "major file-miss" },
	{ "rw-s", "shared,shmem", "end", 0, "none", "", NOTHING, "failed sigbus", "failed sigbus" },
	{ "rw-s", "shared,shmem", "hit", 0, "none", "", NOTHING, "minor shmem", "minor shmem" },
	{ "rw-p", "shmem", "hit", 0, "none", "", NOTHING, "minor shmem", "minor file-cow" },
	{ "rw-p", "", "hit", 0, "page", RO, "file", 1, 3, 1, "", THP_NEVER, "none",
	  "minor cow-copy" },
	{ "rw-p", "", "hit", 0, "page", RO, "anon", 1, 1, 1, "exclusive", THP_NEVER, "none",
	  "minor cow-reuse" },
	{ "rw-s", "shared", "hit", 0, "page", RO, "file", 1, 3, 1, "", THP_NEVER, "none",
	  "minor mkwrite" },
	{ "rw-s", "shared,hugetlb", "-", 1, "none", "", NOTHING, "minor hugetlb/failed sigbus",
	  "minor hugetlb/failed sigbus" },
	{ "rw-p", "hugetlb", "-", 1, "huge", RO, "hugetlb", 1, 1, 512, "", THP_NEVER, "none",
	  "minor hugetlb" },
	{ "r--p", "special", "-", 0, "none", "", NOTHING, "minor special", "refused" },
};

static unsigned int set_of(const char *text, const char *const *words, size_t count)
{
	unsigned int set = 0;

	while (*text) {
		size_t length = strcspn(text, ","), i;

		for (i = 0; i < count; i++)
			if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
				break;
		if (i == count) {
			printf("# %s: unknown\n", text);
			unit_failures++;
			return 0;
		}
		set |= 1u << i;
		text += length;
		text += *text == ',';
	}
	return set;
}

static int index_of(const char *word, const char *const *words, size_t count)
{
	unsigned int set = set_of(word, words, count);

	return set ? __builtin_ctz(set) : 0;
}

static struct walk_stats *walk_of(const struct example *e)
{
	static struct walk_stats walk;
	int kind = index_of(e->kind, walk_kinds, VMTRACE_WALK_KIND_COUNT);

	memset(&walk, 0, sizeof(walk));
	strcpy(walk.vma, VMTRACE_WALK_VMA_MAPPED);
	strcpy(walk.vma_perms, e->perms);
	strcpy(walk.cache, e->cache);
	walk.fact_set = set_of(e->facts, walk_facts, VMTRACE_WALK_FACT_COUNT);
	walk.page_kind = (enum vmtrace_walk_page)index_of(e->page, pages, ARRAY_SIZE(pages));
	walk.page_flag_set = set_of(e->page_flags, walk_page_flags, VMTRACE_WALK_PAGE_FLAG_COUNT);
	walk.mapcount = e->mapcount;
	walk.refcount = e->refcount;
	walk.page_pages = e->pages;
	walk.hw_accessed = 1;
	walk.hw_dirty = 1;
	for (int i = 0; i < WALK_LEVELS; i++)
		walk.level[i].kind = i < e->level ? VMTRACE_WALK_KIND_ABSENT :
						    VMTRACE_WALK_KIND_TABLE;
	walk.level[e->level].kind = (enum vmtrace_walk_kind)kind;
	walk.level[e->level].flags = set_of(e->flags, walk_flags, VMTRACE_WALK_FLAG_COUNT);
	return &walk;
}

static char *put(char *text, struct prediction p)
{
	text += sprintf(text, "%s", ends[p.end]);
	if (p.end != PREDICT_NONE && p.end != PREDICT_REFUSED)
		text += sprintf(text, " %s", classes[p.class]);
	return text;
}

static void expect(const struct walk_stats *walk, enum thp_mode thp, bool write, const char *want)
{
	struct predictions p = predict(walk, thp, write);
	char text[128], *end = put(text, p.first);

	if (p.unless) {
		*end++ = '/';
		put(end, p.second);
	}
	/* Who takes no fault, or is refused, learns why. */
	CHECK(p.why || !strncmp(text, "m", 1) || !strncmp(text, "e", 1) || !strncmp(text, "f", 1));
	if (strcmp(text, want) == 0)
		return;
	printf("# %s of %s %s, %s: '%s', not '%s'\n", write ? "write" : "read", walk->vma_perms,
	       walk->vma, walk_kinds[walk_end(walk)->kind], text, want);
	unit_failures++;
}

static void each_example(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		const struct example *e = &examples[i];
		int before = unit_failures;

		expect(walk_of(e), e->thp, false, e->read);
		expect(walk_of(e), e->thp, true, e->write);
		if (unit_failures != before)
			printf("# example %zu\n", i);
	}
}

static const struct example fresh = { "rw-p", "anon", "-", 0, "none", "", NOTHING, "", "" };
static const struct example clean = { "rw-p", "anon", "-", 0, "page",	   "present,user,write",
				      "anon", 1,      1,   1, "exclusive", THP_NEVER,
				      "",     "" };

static void no_mapping(void)
{
	struct walk_stats *walk = walk_of(&fresh);

	strcpy(walk->vma, VMTRACE_WALK_VMA_NONE);
	strcpy(walk->vma_perms, "----");
	expect(walk, THP_NEVER, false, "refused");
	expect(walk, THP_NEVER, true, "refused");
	strcpy(walk->vma_perms, "rw-p");
	strcpy(walk->vma, VMTRACE_WALK_VMA_BELOW);
	expect(walk, THP_NEVER, false, "minor zero/refused");
	expect(walk, THP_NEVER, true, "minor anon/refused");
}

/* arm64 before FEAT_HAFDBS: software sets these bits, in a fault. */
static void cpu_that_sets_no_bits(void)
{
	struct walk_stats *walk = walk_of(&clean);

	expect(walk, THP_NEVER, false, "none");
	expect(walk, THP_NEVER, true, "none");
	walk->hw_accessed = 0;
	expect(walk, THP_NEVER, false, "minor spurious");
	walk->level[0].flags |= 1u << VMTRACE_WALK_FLAG_ACCESSED;
	expect(walk, THP_NEVER, false, "none");
	walk->hw_dirty = 0;
	expect(walk, THP_NEVER, false, "none");
	expect(walk, THP_NEVER, true, "minor spurious");
	walk->level[0].flags |= 1u << VMTRACE_WALK_FLAG_DIRTY;
	expect(walk, THP_NEVER, true, "none");
}

int main(void)
{
	RUN(each_example);
	RUN(no_mapping);
	RUN(cpu_that_sets_no_bits);
	return 0;
}
