// SPDX-License-Identifier: GPL-2.0
/*
 * locking - threads that fault at the same time, on one mapping and on many
 */
#include <errno.h>
#include <unistd.h>

#include "core/format.h"
#include "labs/lib/blocks.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/pages.h"
#include "labs/lib/steps.h"
#include "labs/lib/team.h"
#include "lib/units.h"

#define THREADS_MAX 4

/* Give each thread a part of one mapping, or a mapping of its own. */
static int divide(struct lab *lab, char **part, int threads, size_t pages, bool own)
{
	for (int i = 0; i < threads; i++) {
		if (own)
			part[i] = lab_block(lab, pages, 0);
		else if (i == 0)
			part[i] = lab_block(lab, threads * pages, 0);
		else
			part[i] = part[i - 1] + pages * lab->page_size;
		if (!part[i])
			return -ENOMEM;
	}
	return 0;
}

static int count_mappings(char *const *part, int threads)
{
	struct range mapping = { 0 };
	int count = 0;

	for (int i = 0; i < threads; i++) {
		uintptr_t last = mapping.start;

		if (pages_mapping((uintptr_t)part[i], &mapping) != 0)
			return -1;
		count += mapping.start != last;
	}
	return count;
}

static void touch(struct lab *lab, const char *name, char *const *part, int threads, size_t pages,
		  int mappings)
{
	long long from, to;

	lab_begin(lab, name);
	from = monotonic_ns();
	team_write(part, pages, lab->page_size);
	to = monotonic_ns();
	lab_end(lab);
	lab_predict(lab, VMTRACE_CLASS_ANON, (long long)pages * threads);
	lab_number(lab, "mappings that the threads touched", "", mappings,
		   count_mappings(part, threads));
	lab_note(lab, "elapsed time", "%lld us", (to - from) / 1000);
	if (!lab->vmtrace)
		return;
	lab_note(lab, "time asleep in these faults", "%lld us", lab_asleep_ns(lab) / 1000);
	/*
	 * From 6.8 on the first write to a mapping (without anon_vma) may be retried with
	 * mmap_lock; in 6.12 and 7.2 only if another thread holds it as a writer:
	 * vmf_anon_prepare(), mm/memory.c.
	 */
	if (memory_kernel_is(6, 8) && !memory_kernel_is(6, 12))
		lab_note(lab, "retried", "%lld times", lab_retried(lab));
	else
		lab_number(lab, "retried", "times", 0, lab_retried(lab));
}

static int measure(struct lab *lab)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	int threads = online < 2 ? 2 : online > THREADS_MAX ? THREADS_MAX : (int)online;
	size_t pages = (lab_pages(lab) + threads - 1) / threads; /* of each thread */
	/* CONFIG_PER_VMA_LOCK (mm/Kconfig) came with 6.4, for x86 and arm64. */
	bool own_locks = memory_kernel_is(6, 4);
	char *warm_up[THREADS_MAX], *one[THREADS_MAX], *many[THREADS_MAX];
	int err = divide(lab, warm_up, threads, pages, false);

	if (!err)
		err = divide(lab, one, threads, pages, false);
	if (!err)
		err = divide(lab, many, threads, pages, true);
	if (!err)
		err = team_start(lab, threads);
	if (err)
		return err;
	team_write(warm_up, pages, lab->page_size);

	touch(lab, "one mapping", one, threads, pages, 1);
	lab_explain(lab,
		    "%d threads touched %zu pages each, at the same time: each page takes a "
		    "fault, whichever lock is held. All held the lock of the %s as readers.",
		    threads, pages, own_locks ? "one mapping" : "address space");

	touch(lab, "many mappings", many, threads, pages, threads);
	lab_explain(
		lab,
		"The same faults, but %s. A thread waits for the lock before the time that "
		"vmtrace measures, so that is not part of the time asleep.",
		own_locks ?
			"each thread held the lock of its own mapping" :
			"again all held the one lock: this kernel has no lock for each mapping");
	return 0;
}

const struct lab_info lab_locking = {
	.name = "locking",
	.sentence = "threads that fault at the same time, on one mapping and on many",
	.concept =
		"A mapping must not change during a fault, so a fault holds a lock as a reader, "
		"as many faults can at the same time. A change, like munmap, holds the lock as a "
		"writer: it waits for the faults, and they wait for it. Until Linux 6.3 this was "
		"one lock for the whole address space (mmap_lock); since 6.4 each mapping has a "
		"lock of its own, which is tried first. The lock affects how long a fault takes, "
		"but not the number of faults.",
	.size = 4 << 20,
	.measure = measure,
};
