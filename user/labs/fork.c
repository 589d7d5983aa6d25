// SPDX-License-Identifier: GPL-2.0
/*
 * fork - fork shares the pages; a write copies a page, the last process keeps it
 */
#include <errno.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/entries.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_child.h"
#include "labs/lib/steps.h"

struct family {
	char *block;
	size_t pages;
	bool access_faults;
	unsigned long long frame; /* of the first page, before the fork */
};

static int as_child(struct lab *lab, void *argument)
{
	const struct family *family = argument;

	memory_entry(lab, "entry in the child", 0, family->block, "page, read-only");
	memory_frame_is(lab, "frame in the child", 0, family->block, family->frame, true);

	lab_read_step(lab, "child reads", family->block, family->pages);
	if (family->access_faults) {
		lab_predict(lab, VMTRACE_CLASS_SPURIOUS, family->pages);
		lab_explain(lab,
			    "The page tables were copied, so all pages are present. But the "
			    "copied entries lack the accessed bit, and this CPU does not set it: "
			    "each first access faults, and the kernel sets it.");
	} else {
		lab_predict_none(lab);
		lab_explain(lab, "The page tables were copied, so all pages are present and can "
				 "be read.");
	}

	lab_write_step(lab, "child writes", family->block, family->pages);
	lab_predict(lab, VMTRACE_CLASS_COW_COPY, family->pages);
	lab_explain(lab, "The parent uses each page, too: each write takes a fault, which copies "
			 "the page.");
	memory_entry(lab, "entry in the child", 0, family->block, "page, writable");
	memory_frame_is(lab, "frame in the child", 0, family->block, family->frame, false);
	return 0;
}

static int measure(struct lab *lab)
{
	struct family family = { .pages = lab_pages(lab) };
	int err;

	/*
	 * A new page stays in a batch of its CPU for a while, which holds a reference. The fault
	 * drains only the batch of its own CPU (wp_can_reuse_anon_folio(), mm/memory.c; in 6.1
	 * do_wp_page()): on another CPU it would copy the page.
	 */
	if (!memory_stay_on_cpu())
		return lab_skip(lab, "the process cannot be kept on one CPU: allow "
				     "sched_setaffinity(2)");
	family.access_faults = memory_access_faults(lab);
	family.block = lab_block(lab, family.pages, 0);
	if (!family.block)
		return -ENOMEM;

	lab_write_step(lab, "parent writes", family.block, family.pages);
	lab_predict(lab, VMTRACE_CLASS_ANON, family.pages);
	lab_explain(lab, "This is the first touch of each page.");
	memory_entry(lab, "entry before the fork", 0, family.block, "page, writable");
	family.frame = memory_frame(0, family.block);

	err = lab_child(lab, as_child, &family);
	if (err)
		return err;
	memory_entry(lab, "entry in the parent, after the child's exit", 0, family.block,
		     "page, read-only");

	lab_write_step(lab, "parent writes again", family.block, family.pages);
	lab_predict(lab, VMTRACE_CLASS_COW_REUSE, family.pages);
	lab_explain(lab, "The fork made the entries of the parent read-only, too. No other process "
			 "uses these pages any more, so nothing is copied.");
	memory_entry(lab, "entry in the parent", 0, family.block, "page, writable");
	memory_frame_is(lab, "frame in the parent", 0, family.block, family.frame, true);
	return 0;
}

const struct lab_info lab_fork = {
	.name = "fork",
	.sentence = "fork shares the pages; a write copies a page",
	.concept =
		"fork copies the page tables of the memory that a program has written, but not "
		"its pages: parent and child share them, and the entries are read-only in both. A "
		"write to a page that the other process still uses takes a fault, which copies "
		"the page. A write to a page that no other process uses any more takes a fault, "
		"too, but nothing is copied: only the entry becomes writable.",
	.size = 1 << 20,
	.measure = measure,
};
