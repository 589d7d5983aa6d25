// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "labs/lib/blocks.h"
#include "labs/lib/lab.h"
#include "labs/lib/settle.h"
#include "labs/lib/steps.h"
#include "lib/error.h"
#include "lib/units.h"
#include "sources/source.h"

#define SETTLED_MAX (64UL << 20) /* larger mappings are not touched */

/* Touch more of the stack than the measurement uses. */
static void touch_stack(void)
{
	volatile char room[128 * 1024];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
	lab_keep(room);
}

static bool is_own(const struct lab *lab, uintptr_t page)
{
	for (int i = 0; i < lab->blocks; i++)
		if (page >= lab->block[i].start && page < lab->block[i].end)
			return true;
	return false;
}

/*
 * Touch every page of code and data of this program and its libraries: read a byte, and write it
 * back where that is allowed. ASan does not check it, since some of these bytes are poisoned.
 */
__attribute__((no_sanitize("address"))) static void touch_mappings(const struct lab *lab)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char readable, writable, kind;
	unsigned long start, end;
	char *line = NULL;
	size_t room = 0;

	while (maps && getline(&line, &room, maps) > 0) {
		kind = ' ';
		if (sscanf(line, "%lx-%lx %c%c%*2s %*s %*s %*s %c", &start, &end, &readable,
			   &writable, &kind) < 4 ||
		    readable != 'r' || end - start > SETTLED_MAX ||
		    (writable != 'w' && kind != '/'))
			continue;
		for (uintptr_t page = start; page < end; page += lab->page_size) {
			volatile char *byte = (volatile char *)page;
			char value;

			if (is_own(lab, page))
				continue;
			value = *byte;
			if (writable == 'w')
				*byte = value;
		}
	}
	free(line);
	if (maps)
		fclose(maps);
}

void lab_settle(struct lab *lab)
{
	const long long noise = lab->noise, unobserved = lab->unobserved, missed = lab->missed,
			dropped = lab->dropped;
	struct error error;

	source_prepare();
	touch_stack();
	monotonic_ns(); /* touches the vDSO and its data */
	lab->vmtrace = true;
	if (source_process(SOURCE_SELF, &lab->after.vmtrace, &error) != 0)
		lab_vmtrace_failed(lab, &error);
	touch_mappings(lab);
	/* Twice, because the first round may still touch pages for the first time. */
	for (int i = 0; i < 2; i++) {
		lab_begin(lab, "warm-up");
		lab_end(lab);
		lab->steps--;
	}
	lab->noise = noise;
	lab->unobserved = unobserved;
	lab->missed = missed;
	lab->dropped = dropped;
}
