// SPDX-License-Identifier: GPL-2.0
/*
 * observer - observing a fault makes it longer, but causes no other fault
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_child.h"
#include "labs/lib/steps.h"
#include "lib/error.h"
#include "lib/units.h"
#include "sources/source.h"
#include "sources/stats.h"

#define ENABLED "/sys/kernel/debug/" VMTRACE_DIR "/" VMTRACE_ENABLED
#define ROUNDS	20

/* What was measured with vmtrace off, or with vmtrace on. */
struct watch {
	long long faults;  /* by getrusage() */
	long long fastest; /* of the rounds, ns */
};

static struct process_stats before, after;

/* One round: write to fresh pages, and give them back. */
static void write_fresh(struct watch *watch, char *block, size_t pages, size_t page_size)
{
	long long faults = lab_faults(), start = monotonic_ns(), took;

	lab_write(block, pages, page_size);
	took = monotonic_ns() - start;
	watch->faults += lab_faults() - faults;
	if (!watch->fastest || took < watch->fastest)
		watch->fastest = took;
	madvise(block, pages * page_size, MADV_DONTNEED);
}

/* Alternate, so that other activity of the machine affects both. */
static void interleave(int enabled, struct watch watch[2], char *block, size_t pages,
		       size_t page_size, int rounds)
{
	for (int i = 0; i < 2 * rounds; i++) {
		if (write(enabled, i % 2 ? "1" : "0", 1) == 1)
			write_fresh(&watch[i % 2], block, pages, page_size);
	}
}

static void report(struct lab *lab, const struct watch watch[2], long long pages)
{
	double off = (double)watch[0].fastest / pages, on = (double)watch[1].fastest / pages;
	char text[TIME_MAX];

	lab_number(lab, "rounds with vmtrace off", "faults", ROUNDS * pages, watch[0].faults);
	lab_number(lab, "rounds with vmtrace on", "faults", ROUNDS * pages, watch[1].faults);
	lab_number(lab, "counted by vmtrace", "faults", ROUNDS * pages,
		   after.minor + after.major - before.minor - before.major);
	lab_number(lab, "unobserved, by vmtrace", "faults", ROUNDS * pages,
		   after.unobserved - before.unobserved);
	lab_note(lab, "a fault with vmtrace off", "%s in the fastest round",
		 format_time(text, off));
	lab_note(lab, "a fault with vmtrace on", "%s in the fastest round", format_time(text, on));
	if (off > 0)
		lab_note(lab, "with vmtrace on, a fault takes", "%.2f times as long", on / off);
}

static int measure_both(struct lab *lab, int enabled, char *block, size_t pages)
{
	size_t page_size = lab->page_size;
	struct watch watch[2] = { { 0 } };
	struct error error;

	/* Run all of the code once: code that is called for the first time may fault. */
	interleave(enabled, watch, block, pages, page_size, 2);
	watch[0] = watch[1] = (struct watch){ 0 };
	if (source_process(SOURCE_SELF, &before, &error) != 0)
		return 0; /* the harness reports that, too */

	lab_write_step(lab, "write, observed", block, pages);
	lab_predict(lab, VMTRACE_CLASS_ANON, pages);
	lab_explain(lab,
		    "Then the same is done %d times with vmtrace off, and %d times with vmtrace "
		    "on, alternately. The kernel counts the same number of faults: observing adds "
		    "none. It adds time, which depends on the machine, so it is not predicted.",
		    ROUNDS, ROUNDS);
	madvise(block, pages * page_size, MADV_DONTNEED);

	source_process(SOURCE_SELF, &before, &error);
	interleave(enabled, watch, block, pages, page_size, ROUNDS);
	source_process(SOURCE_SELF, &after, &error);
	report(lab, watch, pages);
	return 0;
}

static int measure(struct lab *lab)
{
	size_t pages = lab_pages(lab);
	char *block = lab_block(lab, pages, 0);
	long long was = memory_setting(ENABLED);
	int enabled = open(ENABLED, O_WRONLY | O_CLOEXEC), err;

	if (!block)
		return -ENOMEM;
	if (enabled < 0 || was < 0) {
		if (!lab->vmtrace)
			return 0;
		return lab_skip(lab,
				"only root may switch vmtrace off, in debugfs: sudo vmtrace lab "
				"observer, or first mount -t debugfs none /sys/kernel/debug");
	}
	lab_hold_signals();
	err = measure_both(lab, enabled, block, pages);
	if (!was)
		memory_set(ENABLED, "0");
	lab_release_signals();
	close(enabled);
	return err;
}

const struct lab_info lab_observer = {
	.name = "observer",
	.sentence = "observing a fault takes time, but adds no fault",
	.concept =
		"vmtrace runs code of its own before and after the kernel's function for page "
		"faults. So every fault takes longer, but the number of faults stays the same. A "
		"measured time includes the time of the observer, which must be known to judge it.",
	.help = "  vmtrace is off for moments while this runs: it misses faults of all processes.\n",
	.size = 1 << 20,
	.measure = measure,
};
