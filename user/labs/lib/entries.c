// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/format_walk.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"
#include "lib/error.h"
#include "sources/source.h"
#include "sources/walk_stats.h"

const struct walk_stats *memory_walk(int pid, const void *address)
{
	static struct walk_stats walk;
	struct error error = { "" };

	if (source_walk(pid ? pid : getpid(), (uintptr_t)address, &walk, &error) != 0)
		return NULL;
	/* Without CAP_SYS_ADMIN the module prints zeros. */
	return walk.level[WALK_LEVELS - 1].kind == VMTRACE_WALK_KIND_TABLE &&
			       walk.level[WALK_LEVELS - 1].entry == 0 ?
		       NULL :
		       &walk;
}

bool memory_entries_visible(void)
{
	const char here = 0;

	return memory_walk(0, &here) != NULL;
}

static const char *entry_text(char text[LAB_WORDS], const struct walk_stats *walk)
{
	const struct walk_level *end = walk_end(walk);
	const char *kind = walk_kinds[end->kind];

	if (end->kind != VMTRACE_WALK_KIND_PRESENT && end->kind != VMTRACE_WALK_KIND_HUGE)
		return kind;
	if (end->kind == VMTRACE_WALK_KIND_HUGE)
		kind = "huge page";
	if (walk->page_kind == VMTRACE_WALK_PAGE_ZERO)
		kind = "zero page";
	snprintf(text, LAB_WORDS, "%s, %s", kind,
		 end->flags & 1U << VMTRACE_WALK_FLAG_WRITE ? "writable" : "read-only");
	return text;
}

void memory_entry(struct lab *lab, const char *name, int pid, const void *address,
		  const char *predicted)
{
	const struct walk_stats *walk = memory_walk(pid, address);
	char text[LAB_WORDS];

	if (walk)
		lab_fact(lab, name, predicted, entry_text(text, walk));
	else
		lab_note(lab, name, "not shown: that takes root, and debugfs");
}

unsigned long long memory_frame(int pid, const void *address)
{
	const struct walk_stats *walk = memory_walk(pid, address);

	return walk && walk_end(walk)->pfn > 0 ? (unsigned long long)walk_end(walk)->pfn : 0;
}

void memory_frame_is(struct lab *lab, const char *name, int pid, const void *address,
		     unsigned long long frame, bool predicted)
{
	static const char *const words[] = { "another one", "the same" };
	unsigned long long is = memory_frame(pid, address);

	if (is && frame)
		lab_fact(lab, name, words[predicted], words[is == frame]);
	else
		lab_note(lab, name, "not shown: that takes root, and debugfs");
}

/* Does a touch take a fault after a page was written, and madvise(2) was called with advice? */
static bool advised_faults(struct lab *lab, int advice,
			   void (*touch)(char *block, size_t pages, size_t stride))
{
	char *page = lab_block(lab, 1, 0);
	long long faults;

	if (!page)
		return false;
	lab_write(page, 1, lab->page_size);
	if (madvise(page, lab->page_size, advice) != 0)
		return false;
	faults = lab_faults();
	touch(page, 1, lab->page_size);
	return lab_faults() != faults;
}

static void just_read(char *block, size_t pages, size_t stride)
{
	lab_read(block, pages, stride);
}

bool memory_access_faults(struct lab *lab)
{
	/* MADV_COLD clears the accessed bit (madvise_cold_or_pageout_pte_range(), mm/madvise.c). */
	return advised_faults(lab, MADV_COLD, just_read);
}

bool memory_dirty_faults(struct lab *lab)
{
	/*
	 * MADV_FREE clears the dirty bit; the entry stays writable (madvise_free_pte_range(),
	 * mm/madvise.c).
	 */
	return advised_faults(lab, MADV_FREE, lab_write);
}
