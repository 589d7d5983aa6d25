// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "core/classify.h"
#include "core/format_walk.h"
#include "core/record.h"
#include "report/predict.h"
#include "sources/thp.h"
#include "sources/walk_stats.h"

/* The access that is predicted. */
struct access {
	const struct walk_stats *walk;
	enum thp_mode thp;
	bool write;
	const struct walk_level *end;
	struct vmtrace_class_input facts;
};

static bool is_fact(const struct walk_stats *walk, enum vmtrace_walk_fact fact)
{
	return walk->fact_set & 1u << fact;
}

static bool is_flag(const struct walk_level *level, enum vmtrace_walk_flag flag)
{
	return level->flags & 1u << flag;
}

static bool is_page_flag(const struct walk_stats *walk, enum vmtrace_walk_page_flag flag)
{
	return walk->page_flag_set & 1u << flag;
}

static unsigned int vma_bits(const struct walk_stats *walk)
{
	return (is_fact(walk, VMTRACE_WALK_FACT_ANON) ? VMTRACE_VMA_ANON : 0) |
	       (is_fact(walk, VMTRACE_WALK_FACT_SHARED) ? VMTRACE_VMA_SHARED : 0) |
	       (is_fact(walk, VMTRACE_WALK_FACT_SHMEM) ? VMTRACE_VMA_SHMEM : 0) |
	       (is_fact(walk, VMTRACE_WALK_FACT_HUGETLB) ? VMTRACE_VMA_HUGETLB : 0) |
	       (is_fact(walk, VMTRACE_WALK_FACT_SPECIAL) ? VMTRACE_VMA_SPECIAL : 0) |
	       (is_fact(walk, VMTRACE_WALK_FACT_UFFD_RWP) ? VMTRACE_VMA_UFFD_RWP : 0) |
	       VMTRACE_VMA_ACCESSIBLE;
}

static struct vmtrace_entry entry_of(const struct walk_level *end)
{
	struct vmtrace_entry e = { .kind = VMTRACE_ENTRY_UNKNOWN, .level = 1 };
	bool huge = end->kind == VMTRACE_WALK_KIND_HUGE;

	if (huge || end->kind == VMTRACE_WALK_KIND_PRESENT) {
		e.kind = VMTRACE_ENTRY_PRESENT;
		e.level = huge ? 2 : 1;
		e.pfn = 1;
		e.bits = (is_flag(end, VMTRACE_WALK_FLAG_WRITE) ? VMTRACE_ENTRY_WRITE : 0) |
			 (is_flag(end, VMTRACE_WALK_FLAG_PROTNONE) ? VMTRACE_ENTRY_PROTNONE : 0) |
			 (is_flag(end, VMTRACE_WALK_FLAG_UFFD_WP) ? VMTRACE_ENTRY_WP : 0);
	} else if (end->kind <= VMTRACE_WALK_KIND_UNKNOWN) {
		e.kind = (__u8)end->kind;
	}
	return e;
}

/* The entry after a first touch or a copy. */
static struct vmtrace_entry new_page(unsigned int level)
{
	return (struct vmtrace_entry){ .kind = VMTRACE_ENTRY_PRESENT,
				       .level = (__u8)level,
				       .pfn = 2 };
}

static struct predictions certain(enum predict_end end, const char *why)
{
	return (struct predictions){ .first = { .end = end }, .why = why };
}

/* A fault that ends like this; the facts determine its class. */
static struct prediction judged(const struct access *a, enum predict_end end)
{
	return (struct prediction){ end, vmtrace_classify(&a->facts) };
}

static struct predictions fault(const struct access *a, enum predict_end end)
{
	return (struct predictions){ .first = judged(a, end) };
}

/* A fault that fails with this result (VMTRACE_RESULT_*). */
static struct prediction failure(struct access a, unsigned int result)
{
	a.facts.result = (__u8)result;
	return judged(&a, PREDICT_FAILED);
}

static struct predictions userfault(struct access *a)
{
	a->facts.vma |= VMTRACE_VMA_UFFD;
	a->facts.result = VMTRACE_RESULT_RETRIED;
	a->facts.again = new_page(1);
	return fault(a, PREDICT_EITHER);
}

static bool fits_thp(const struct access *a)
{
	const struct walk_stats *walk = a->walk;

	return a->thp != THP_NEVER && is_fact(walk, VMTRACE_WALK_FACT_HUGE_FITS) &&
	       !is_fact(walk, VMTRACE_WALK_FACT_NOHUGEPAGE) &&
	       (a->thp == THP_ALWAYS || is_fact(walk, VMTRACE_WALK_FACT_HUGEPAGE)) &&
	       /* Where there is a table of small pages, no huge page is mapped. */
	       a->end != &walk->level[0];
}

static struct predictions first_touch_anon(struct access *a)
{
	struct predictions p;
	struct prediction small;

	a->facts.after = new_page(1);
	if (!a->write)
		a->facts.after.bits = VMTRACE_ENTRY_ZERO;
	p = fault(a, PREDICT_MINOR);
	if (!fits_thp(a))
		return p;
	small = p.first;
	a->facts.after = new_page(2);
	p = fault(a, PREDICT_MINOR);
	p.second = small;
	p.unless = "no huge page is free";
	return p;
}

static struct predictions first_touch_file(struct access *a)
{
	const struct walk_stats *walk = a->walk;
	struct predictions p;

	if (strcmp(walk->cache, "end") == 0)
		return (struct predictions){ .first = failure(*a, VMTRACE_RESULT_SIGBUS) };
	a->facts.after = new_page(1);
	if (is_fact(walk, VMTRACE_WALK_FACT_SHMEM))
		/* A page that is not cached may be new, or swapped out. */
		return fault(a, strcmp(walk->cache, "hit") == 0 ? PREDICT_MINOR : PREDICT_EITHER);
	if (strcmp(walk->cache, "miss") == 0) {
		a->facts.result = VMTRACE_RESULT_MAJOR;
		return fault(a, PREDICT_MAJOR);
	}
	p = fault(a, PREDICT_MINOR);
	if (strcmp(walk->cache, "hit") != 0) {
		a->facts.result = VMTRACE_RESULT_MAJOR;
		p.second = judged(a, PREDICT_MAJOR);
		p.unless = "the page has to be read first";
	}
	return p;
}

static struct predictions missing(struct access *a)
{
	const struct walk_stats *walk = a->walk;
	struct predictions p;

	if (is_fact(walk, VMTRACE_WALK_FACT_UFFD_MISSING) && strcmp(walk->cache, "hit") != 0)
		return userfault(a);
	if (is_fact(walk, VMTRACE_WALK_FACT_UFFD_MINOR) && strcmp(walk->cache, "hit") == 0)
		return userfault(a);
	if (is_fact(walk, VMTRACE_WALK_FACT_HUGETLB)) {
		a->facts.after = new_page(2);
		p = fault(a, PREDICT_MINOR);
		p.second = failure(*a, VMTRACE_RESULT_SIGBUS);
		p.unless = "no huge page is free, or the file ends before it";
		return p;
	}
	if (is_fact(walk, VMTRACE_WALK_FACT_SPECIAL))
		return fault(a, PREDICT_MINOR);
	return is_fact(walk, VMTRACE_WALK_FACT_ANON) ? first_touch_anon(a) : first_touch_file(a);
}

/* As do_wp_page(): does another process use the page? */
static struct predictions shared_anon(struct access *a)
{
	const struct walk_stats *walk = a->walk;
	bool in_swap = is_page_flag(walk, VMTRACE_WALK_PAGE_FLAG_SWAPCACHE);
	struct predictions copy, reuse;

	a->facts.after = new_page(a->facts.before.level);
	copy = fault(a, PREDICT_MINOR);
	copy.why = "another process may use the page, so it is copied";
	a->facts.after.pfn = a->facts.before.pfn;
	reuse = fault(a, PREDICT_MINOR);
	reuse.why = "no other process uses the page, so its entry becomes writable";
	if (is_page_flag(walk, VMTRACE_WALK_PAGE_FLAG_EXCLUSIVE))
		return reuse;
	if (walk->page_kind == VMTRACE_WALK_PAGE_KSM || walk->mapcount > 1)
		return copy;
	if (walk->page_kind == VMTRACE_WALK_PAGE_UNKNOWN) {
		copy.second = reuse.first;
		copy.unless = "the page is anonymous, and no other process uses it";
		return copy;
	}
	if (a->end->kind == VMTRACE_WALK_KIND_PRESENT && walk->page_pages > 1) {
		copy.second = reuse.first;
		copy.unless = "the kernel finds that no other process uses the folio";
		return copy;
	}
	if (walk->refcount <= 1 + in_swap)
		return reuse;
	copy.second = reuse.first;
	copy.unless = "all other references to the page are dropped before";
	return copy;
}

static struct predictions write_protected(struct access *a)
{
	if (is_flag(a->end, VMTRACE_WALK_FLAG_UFFD_WP) &&
	    is_fact(a->walk, VMTRACE_WALK_FACT_UFFD_WP))
		return userfault(a);
	if (a->facts.vma & VMTRACE_VMA_HUGETLB || a->facts.vma & VMTRACE_VMA_SHARED)
		return fault(a, PREDICT_MINOR);
	if (a->walk->page_kind == VMTRACE_WALK_PAGE_ANON ||
	    a->walk->page_kind == VMTRACE_WALK_PAGE_KSM ||
	    a->walk->page_kind == VMTRACE_WALK_PAGE_UNKNOWN)
		return shared_anon(a);
	a->facts.after = new_page(1);
	return fault(a, PREDICT_MINOR);
}

/* Is the page, in memory or in swap, protected against every access? */
static bool is_protected(const struct access *a)
{
	return is_flag(a->end, VMTRACE_WALK_FLAG_UFFD_WP) &&
	       is_fact(a->walk, VMTRACE_WALK_FACT_UFFD_RWP);
}

static struct predictions present(struct access *a)
{
	const struct walk_stats *walk = a->walk;

	if (is_flag(a->end, VMTRACE_WALK_FLAG_PROTNONE) && is_protected(a))
		return userfault(a);
	if (is_flag(a->end, VMTRACE_WALK_FLAG_PROTNONE))
		return fault(a, PREDICT_MINOR);
	if (a->write && !is_flag(a->end, VMTRACE_WALK_FLAG_WRITE))
		return write_protected(a);
	if ((!walk->hw_accessed && !is_flag(a->end, VMTRACE_WALK_FLAG_ACCESSED)) ||
	    (a->write && !walk->hw_dirty && !is_flag(a->end, VMTRACE_WALK_FLAG_DIRTY)))
		return fault(a, PREDICT_MINOR);
	return certain(PREDICT_NONE, a->write ? "the page is mapped and writable" :
						"the page is mapped and readable");
}

static struct predictions swapped(struct access *a)
{
	struct predictions p;

	a->facts.result = VMTRACE_RESULT_MAJOR;
	p = fault(a, PREDICT_MAJOR);
	a->facts.result = 0;
	p.second = judged(a, PREDICT_MINOR);
	p.unless = "the page is still in memory";
	if (is_protected(a))
		p.why = "the page comes back protected: a fault of class userfault follows";
	return p;
}

static struct predictions of_entry(struct access *a)
{
	switch (a->facts.before.kind) {
	case VMTRACE_ENTRY_PRESENT:
		return present(a);
	case VMTRACE_ENTRY_SWAP:
		return swapped(a);
	case VMTRACE_ENTRY_GUARD:
		return (struct predictions){ .first = failure(*a, VMTRACE_RESULT_SIGSEGV) };
	case VMTRACE_ENTRY_HWPOISON:
		return (struct predictions){ .first = failure(*a, VMTRACE_RESULT_HWPOISON) };
	case VMTRACE_ENTRY_NONE:
		return missing(a);
	case VMTRACE_ENTRY_UFFD_WP:
		return a->write && is_fact(a->walk, VMTRACE_WALK_FACT_UFFD_WP) ? userfault(a) :
										 missing(a);
	default:
		return fault(a, PREDICT_EITHER);
	}
}

struct predictions predict(const struct walk_stats *walk, enum thp_mode thp, bool write)
{
	struct access a = {
		.walk = walk,
		.thp = thp,
		.write = write,
		.end = walk_end(walk),
	};
	const char *perms = walk->vma_perms;
	bool only_execute = !write && perms[0] != 'r' && perms[1] != 'w' && perms[2] == 'x';
	struct predictions p;

	if (strcmp(walk->vma, VMTRACE_WALK_VMA_NONE) == 0)
		return certain(PREDICT_REFUSED, "nothing is mapped there");
	if (write && perms[1] != 'w')
		return certain(PREDICT_REFUSED, "the mapping may not be written");
	if (!write && perms[0] != 'r' && perms[1] != 'w' && perms[2] != 'x')
		return certain(PREDICT_REFUSED, "the mapping may not be read");

	a.facts.write = write;
	a.facts.vma = (__u8)vma_bits(walk);
	a.facts.before = entry_of(a.end);
	a.facts.again = a.facts.before;
	a.facts.after = a.facts.before;
	p = of_entry(&a);
	if (strcmp(walk->vma, VMTRACE_WALK_VMA_BELOW) == 0) {
		p.second = (struct prediction){ .end = PREDICT_REFUSED };
		p.unless = "the stack may not grow that far";
	} else if (only_execute && !p.unless) {
		p.second = (struct prediction){ .end = PREDICT_REFUSED };
		p.unless = "the CPU supports execute-only memory";
	}
	return p;
}
